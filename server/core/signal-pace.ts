import { LIMITS } from '../../relay/protocol/limits.ts'

/** Intervals a value may stay away before it is called old: four may be lost, late or slow. */
const MISSED_INTERVALS = 5
/** Until a signal came twice nobody knows how often it comes: a minute is what slow gateways need. */
const FIRST_TTL_MS = 60_000

interface Pace {
  readonly lastMs: number
  /** Interval before the last value; 0 before the second one. */
  readonly gapMs: number
}

/**
 * How long a value of each signal is current, from how often it comes: a machine that reports ten times a second is stale
 * after five seconds, a meter that is read every minute after five minutes. Bounded by the signals a site may have.
 */
export class SignalPaces {
  readonly #paces = new Map<string, Pace>()

  /** The signal is gone with its machine. */
  forget(signal: string): void {
    this.#paces.delete(signal)
  }

  /** A value of this signal was taken at `nowMs` (monotonic): for how long it is current. */
  take(signal: string, nowMs: number): number {
    const before = this.#paces.get(signal)
    const gapMs = before === undefined ? 0 : nowMs - before.lastMs
    this.#paces.set(signal, { lastMs: nowMs, gapMs })
    if (before === undefined) return FIRST_TTL_MS
    const longest = Math.max(gapMs, before.gapMs)
    return Math.min(Math.max(MISSED_INTERVALS * longest, LIMITS.minLiveTtlMs), LIMITS.maxLiveTtlMs)
  }
}
