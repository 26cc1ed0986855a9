import type { SignalLimits } from '../../relay/protocol/telemetry.ts'
import { besideLimit, digitsFor, MAX_SHORT_DIGITS, saidInFull, saidShort, type Said } from '../text/quantity.ts'

/** How wide words are in a tile, CSS pixels: a number in one of its sizes, a unit beside it, a limit. */
export interface TileMeasure {
  /** Between the edges of a tile; 0 while nothing is known. */
  readonly room: number
  number(words: string, size: NumberSize): number
  unit(words: string): number
  limit(words: string, look: 'plain' | 'breach'): number
}

export type NumberSize = 'large' | 'medium' | 'small'

/** A value as a tile shows it. `below`: its unit has a line of its own, which may wrap. `reads`: the number a person reads. */
export interface FittedValue extends Said {
  readonly size: NumberSize
  readonly unitIs: 'beside' | 'below'
}

/** Digits of a number that is shortened, at most unless it takes more to tell it from its limit; and at least. */
const DIGITS = { most: 4, least: 2 } as const

/**
 * The value in full, as large as its tile allows: smaller, then with its unit below; where that is too wide, shortened with a
 * sign. Never cut, never on the other side of a limit, and the same words always look the same.
 */
export function fitValue(
  value: number,
  unit: string,
  { limits, measure }: { readonly limits: SignalLimits | null; readonly measure: TileMeasure },
): FittedValue {
  for (const say of waysToSay(value, limits)) {
    const said = say()
    const fitted = said === null ? null : fitWords(said, unit, measure)
    if (fitted !== null) return fitted
  }
  // Fits into any tile. If it reads like its limit, the limit is not said beside it (`fitLimit`).
  return { ...saidShort(value, DIGITS.least), size: 'small', unitIs: 'below' }
}

/** From every digit down to the fewest that tell it from its limits; then by the limit that is so near. */
function* waysToSay(value: number, limits: SignalLimits | null): Generator<() => Said | null> {
  yield () => saidInFull(value, limits)
  const least = digitsFor(value, limits, DIGITS.least)
  const most = Math.min(MAX_SHORT_DIGITS, Math.max(DIGITS.most, least))
  for (let digits = most; digits >= least; digits -= 1) yield () => saidShort(value, digits)
  if (limits !== null && least > DIGITS.least) yield () => besideLimit(value, limits, DIGITS.most)
}

function fitWords(said: Said, unit: string, measure: TileMeasure): FittedValue | null {
  const { room } = measure
  const { words } = said
  if (room === 0) return { ...said, size: 'large', unitIs: 'beside' }
  const besides = unit === '' ? 0 : measure.unit(unit)
  for (const size of ['large', 'medium'] as const) {
    if (measure.number(words, size) + besides <= room) return { ...said, size, unitIs: 'beside' }
  }
  if (unit === '') return measure.number(words, 'small') <= room ? { ...said, size: 'small', unitIs: 'beside' } : null
  for (const size of ['medium', 'small'] as const) {
    if (measure.number(words, size) <= room) return { ...said, size, unitIs: 'below' }
  }
  return null
}

/** The first of these words that fits: from all there is to say down to the least. */
export function fitLimit(candidates: Iterable<string>, look: 'plain' | 'breach', measure: TileMeasure): string {
  let words = ''
  for (words of candidates) if (measure.room === 0 || measure.limit(words, look) <= measure.room) break
  return words
}
