import type { Case } from './case.ts'
import { CannotSee, Mismatch } from './expecting.ts'
import type { Target } from './target.ts'
import { Visitor } from './visitor.ts'

export type Outcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly expected: string; readonly came: string }
  | { readonly kind: 'unseen'; readonly why: string }

export interface Report {
  readonly case: Case
  readonly outcome: Outcome
}

/**
 * Runs all cases against one server and tells each end as it comes. Those that wait for the server's patience run beside
 * the others, which go one after the other; the last ones begin when nothing else runs.
 */
export async function runCases(
  cases: readonly Case[],
  target: Target,
  ended: (report: Report) => void,
): Promise<readonly Report[]> {
  const reports: Report[] = []
  const one = async (each: Case) => {
    const report = { case: each, outcome: await runCase(each, target) }
    reports.push(report)
    ended(report)
  }
  const inTurn = cases.filter((each) => each.waitsMs === undefined && each.isLast !== true)
  const waiting = cases.filter((each) => each.waitsMs !== undefined).map(one)
  for (const each of inTurn) await one(each)
  await Promise.all(waiting)
  for (const each of cases.filter(({ isLast }) => isLast === true)) await one(each)
  return reports
}

/** One case, with what it leaves behind cleared away; never rejects. */
export async function runCase(each: Case, target: Target): Promise<Outcome> {
  if (each.ways?.includes(target.way) === false) return { kind: 'unseen', why: `is of ${each.ways.join(' and ')}` }
  const visitor = new Visitor(target)
  const outcome = await settle(each.says, () => each.run(visitor))
  // What cannot be undone on a server that was told to go away is gone with it.
  const left = await settle('the floor as it was before', () => visitor.leave())
  return outcome.kind === 'passed' && each.isLast !== true ? left : outcome
}

async function settle(expected: string, run: () => Promise<void>): Promise<Outcome> {
  try {
    await run()
    return { kind: 'passed' }
  } catch (error) {
    if (error instanceof CannotSee) return { kind: 'unseen', why: error.message }
    if (error instanceof Mismatch) return { kind: 'failed', expected: error.expected, came: error.came }
    return { kind: 'failed', expected, came: error instanceof Error ? error.message : String(error) }
  }
}
