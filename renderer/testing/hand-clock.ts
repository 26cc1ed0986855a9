import type { PressClock } from '../state/presses.ts'

/** Time that moves when a test says so; what was due by then is called in its order. */
export class HandClock implements PressClock {
  #now = 1_000_000
  /** How much too early what is due is called, milliseconds: a browser rounds one way for its timers, and another for the time. */
  earlyMs = 0
  #due: readonly { readonly at: number; readonly call: () => void }[] = []

  monotonic(): number {
    return this.#now
  }

  after(ms: number, call: () => void): () => void {
    const entry = { at: this.#now + Math.max(0, ms - this.earlyMs), call }
    this.#due = [...this.#due, entry]
    return () => (this.#due = this.#due.filter((one) => one !== entry))
  }

  pass(ms: number): void {
    const until = this.#now + ms
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#now = Math.max(this.#now, next.at)
      this.#due = this.#due.filter((one) => one !== next)
      next.call()
    }
    this.#now = until
  }

  #next(until: number) {
    return this.#due.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0]
  }
}
