import type { Clock } from '../ports.ts'

const TICK_MS = 1_000

/** The relay's two clocks: a tick every second, and one timer for the earliest deadline of everything. */
export class Timers {
  readonly #clock: Clock
  readonly #fire: (input: { readonly kind: 'ticked' | 'timeReached' }) => void
  #timer: { readonly at: number; readonly cancel: () => void } | null = null
  #cancelTick: (() => void) | null = null

  constructor(clock: Clock, fire: (input: { readonly kind: 'ticked' | 'timeReached' }) => void) {
    this.#clock = clock
    this.#fire = fire
  }

  startTicking(): void {
    this.#cancelTick = this.#clock.after(TICK_MS, () => {
      this.startTicking()
      this.#fire({ kind: 'ticked' })
    })
  }

  /** `at` is monotonic; null when nothing waits for time. */
  plan(at: number | null): void {
    if (this.#timer?.at === at) return
    this.#timer?.cancel()
    this.#timer = null
    if (at === null) return
    const cancel = this.#clock.after(Math.max(at - this.#clock.monotonic(), 0), () => {
      this.#timer = null
      this.#fire({ kind: 'timeReached' })
    })
    this.#timer = { at, cancel }
  }

  stop(): void {
    this.#cancelTick?.()
    this.#timer?.cancel()
    this.#timer = null
  }
}
