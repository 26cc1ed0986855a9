/** How fast devices may come in, and how they are told to come back. */
export interface AdmissionRate {
  /** Connections that may be greeting at once: beyond it everybody's greeting would run into its deadline. */
  readonly maxGreeting: number
  /** Devices that are asked back per second. */
  readonly perSecond: number
  /** The longest a device is asked to wait, milliseconds; a longer queue shares it. */
  readonly maxDelayMs: number
}

/**
 * Who may greet now when everybody comes at once (realtime pitfall 14). A device that finds the door full gets a place of its
 * own in the queue: a delay after which it comes back, evenly spread, instead of everybody's jitter piling up again.
 */
export class Admission {
  readonly #rate: AdmissionRate
  #greeting = 0
  /** When the next free place in the queue is due, milliseconds. */
  #nextPlace = 0

  constructor(rate: AdmissionRate) {
    this.#rate = rate
  }

  /** 0: go on (and say `left` when the greeting is over); otherwise come back after so many milliseconds. */
  enter(now: number): number {
    const { maxGreeting, perSecond, maxDelayMs } = this.#rate
    if (this.#greeting < maxGreeting) {
      this.#greeting += 1
      return 0
    }
    this.#nextPlace = Math.min(Math.max(now, this.#nextPlace) + 1000 / perSecond, now + maxDelayMs)
    return Math.ceil(this.#nextPlace - now)
  }

  left(): void {
    this.#greeting -= 1
  }

  get greeting(): number {
    return this.#greeting
  }
}
