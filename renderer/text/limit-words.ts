import { breachOf, type Reading } from '../../relay/domain/telemetry.ts'
import type { SignalLimits } from '../../relay/protocol/telemetry.ts'
import { exact, saidShort, type Said } from './quantity.ts'
import { text } from './text.ts'

/** One way to write a limit. A short one must not read as if the value stood on its other side. */
interface Writing {
  readonly say: (limit: number, unit: string) => Said
  /** `bare`: without a word where a number and its sign will do. */
  readonly look: 'sentence' | 'bare'
  readonly isExact?: true
}

/** From all of it to the least: the unit is said with the value, a sign tells what is shortened. */
const WRITINGS: readonly Writing[] = [
  { say: (limit, unit) => ({ words: exact(limit, unit), reads: limit }), look: 'sentence', isExact: true },
  { say: (limit) => ({ words: exact(limit, ''), reads: limit }), look: 'sentence', isExact: true },
  ...(['sentence', 'bare'] as const).flatMap((look) =>
    [4, 3, 2].map((digits): Writing => ({ say: (limit) => saidShort(limit, digits), look })),
  ),
]
/** There is a limit, and no room for it, or for what tells it from the value: the sheet has both. */
const THERE_IS_MORE = '…'

export interface LimitOf {
  readonly breach: Reading['breach']
  readonly limits: SignalLimits | null
  readonly unit: string
  /** The number that the value beside it is read as. */
  readonly reads: number
}

/** Each way in which the limit can be said beside that value, the longest first; the last always fits. */
export function* limitWords(of: LimitOf): Generator<string, void> {
  const { breach, unit, reads } = of
  const { low, high } = of.limits ?? { low: null, high: null }
  // Beyond one limit, that one is said; the other is in the sheet.
  const said = { low: breach === 'high' ? null : low, high: breach === 'low' ? null : high }
  if (said.low === null && said.high === null) {
    yield ''
    return
  }
  for (const { say, look, isExact = false } of WRITINGS) {
    const lower = said.low === null ? null : say(said.low, said.high === null ? unit : '')
    const upper = said.high === null ? null : say(said.high, unit)
    const asRead = { low: lower?.reads ?? null, high: upper?.reads ?? null }
    if (!isExact && breachOf(reads, asRead) !== breach) continue
    yield sentence(breach, lower?.words ?? null, { high: upper?.words ?? null, look })
  }
  yield THERE_IS_MORE
}

function sentence(
  breach: Reading['breach'],
  low: string | null,
  { high, look }: { readonly high: string | null; readonly look: Writing['look'] },
): string {
  const { limit, limitIs, over, under } = text.equipment
  const isBare = look === 'bare'
  if (breach === 'high') return isBare ? (high ?? '') : over(high ?? '')
  if (breach === 'low') return isBare ? (low ?? '') : under(low ?? '')
  const within = isBare ? (words: string): string => words : limitIs
  if (low !== null && high !== null) return within(limit.between(low, high))
  return within(high !== null ? limit.atMost(high) : limit.atLeast(low ?? ''))
}
