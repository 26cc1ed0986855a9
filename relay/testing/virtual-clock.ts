import type { Clock } from '../ports.ts'

/** Calls that one `advance` may make: more means that something re-arms itself without time passing. */
const MAX_CALLS = 100_000

interface Timer {
  readonly at: number
  readonly call: () => void
}

/** Time that moves when told. Both clocks move together, unless `jump` sets the wall clock or `sleep` freezes the timers. */
export class VirtualClock implements Clock {
  #monotonic = 0
  #wall: number
  readonly #timers = new Set<Timer>()

  constructor(wall: number = Date.UTC(2026, 10, 20, 6)) {
    this.#wall = wall
  }

  wall(): number {
    return this.#wall
  }

  monotonic(): number {
    return this.#monotonic
  }

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.#monotonic + Math.max(ms, 0), call }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Runs what is due on the way, in order of time; after each call all promises that can settle do. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms
    await settle()
    for (let calls = 0; ; calls += 1) {
      if (calls > MAX_CALLS) throw new Error('timers re-arm themselves without end')
      const next = this.#due(end)
      if (next === null) break
      this.#move(Math.max(next.at - this.#monotonic, 0))
      this.#timers.delete(next)
      next.call()
      await settle()
    }
    this.#move(end - this.#monotonic)
  }

  /** The wall clock is set; nothing else happens. */
  jump(ms: number): void {
    this.#wall += ms
  }

  #move(ms: number): void {
    this.#monotonic += ms
    this.#wall += ms
  }

  #due(end: number): Timer | null {
    let next: Timer | null = null
    for (const timer of this.#timers) if (timer.at <= end && (next === null || timer.at < next.at)) next = timer
    return next
  }
}

/** Until every promise that needs no timer has settled: the event loop turns over once. No time passes on a virtual clock. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
