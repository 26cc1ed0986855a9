import type { Way } from '../../../relay/protocol/ways.ts'
import type { Counts, Violation } from './ledger-terms.ts'
import type { LoggedError } from './log-watch.ts'
import type { FaultKind } from './schedule.ts'

export interface Round {
  readonly number: number
  readonly faults: readonly string[]
  /** Null when it never recovered. */
  readonly recoveryMs: number | null
  /** What was still missing shortly before. */
  readonly last: readonly string[]
}

export interface Report {
  readonly seed: number
  readonly seconds: number
  /** By which way each relay went; null for whichever came through. */
  readonly relays: readonly (Way | null)[]
  readonly rounds: readonly Round[]
  readonly faults: ReadonlyMap<FaultKind, number>
  readonly counts: Counts
  readonly runs: number
  /** Errors in the logs of the programs, by what they are about: not a promise broken, but worth a look. */
  readonly errors: readonly LoggedError[]
  readonly lacks: readonly string[]
  readonly broken: ReadonlyMap<string, number>
  readonly violations: readonly Violation[]
}

/** The lines at the end of a soak. */
export function describeReport(report: Report): readonly string[] {
  const { counts, faults, broken, violations, errors, rounds } = report
  const longest = rounds.toSorted((a, b) => (b.recoveryMs ?? Infinity) - (a.recoveryMs ?? Infinity))[0]
  const list = (map: ReadonlyMap<string, number>) => [...map].map(([name, count]) => `${name} ${count}`).join(', ')
  const total = [...broken.values()].reduce((sum, count) => sum + count, 0)
  return [
    `soak with seed ${report.seed}: ${report.seconds} s, ${report.relays.length} relays (${report.relays.map((way) => way ?? 'any').join(', ')}), ${report.runs} runs of them`,
    ...report.lacks,
    `commands    ${counts.asked} asked, ${counts.saved} saved, ${counts.applied} applied, ${counts.rejected} rejected, ${counts.refused} refused, ${counts.open} open`,
    `events      ${counts.events} in the log, read ${counts.eventsRead} times`,
    `faults      ${rounds.length} rounds: ${faults.size === 0 ? 'none' : list(faults)}`,
    `recovery    ${longest === undefined ? 'none' : `longest ${describeRecovery(longest)}`}`,
    ...errors.map(({ name, count, first }) => `logged      ${name} ${count}: ${first}`),
    ...violations.flatMap(({ promise, evidence }) => [
      `BROKEN      ${promise}`,
      ...evidence.flatMap((text) => text.trimEnd().split('\n')).map((line) => `            ${line}`),
    ]),
    total === 0 ? 'violations  none' : `violations  ${total}: ${list(broken)}`,
  ]
}

function describeRecovery({ number, faults, recoveryMs, last }: Round): string {
  const time = recoveryMs === null ? 'never' : `${(recoveryMs / 1000).toFixed(1)} s`
  return `${time} (round ${number}: ${faults.join('; ')}; last: ${last.join(', ')})`
}
