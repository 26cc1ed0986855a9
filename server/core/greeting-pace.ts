/** Greetings of which the times of their ends are kept. */
const KEPT = 64
/** Nothing is taken for slower, greetings per second: somebody is asked back after a second, whatever stands still. */
const SLOWEST = 1
/** Before so long has passed, or so many have ended, nothing is said of it: the first of a storm come all at once. Milliseconds. */
const FIRST_MS = 250
const FIRST_ENDS = 16

/**
 * How many greetings end in a second while some are under way, by the last of them. Nothing is counted of a time in which nobody
 * greeted, and a stop of all of them lowers it as it lasts. Times are a monotonic clock's milliseconds.
 */
export class GreetingPace {
  #ends: number[] = []
  #beganAt = 0

  /** The first one begins where none was under way. */
  begins(now: number): void {
    this.#ends = []
    this.#beganAt = now
  }

  ended(now: number): void {
    this.#ends.push(now)
    if (this.#ends.length > KEPT) this.#beganAt = this.#ends.shift() ?? now
  }

  /** Infinite as long as nothing can be said of it. */
  perSecond(now: number): number {
    const ms = now - this.#beganAt
    if (ms <= 0 || (ms < FIRST_MS && this.#ends.length < FIRST_ENDS)) return Infinity
    return Math.max(SLOWEST, (this.#ends.length / ms) * 1_000)
  }
}
