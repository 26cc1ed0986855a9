import { PinLimiter, type PinAttempt } from '../core/pin-limiter.ts'
import { PIN_RULES } from '../core/pin-rules.ts'

/** Patience that is asked of whoever finds too many waiting, milliseconds. */
const CROWDED_MS = 1_000

/** `who`: whose PIN was right, null where it was wrong. */
export type Verdict<T> =
  | { readonly kind: 'decided'; readonly who: T | null }
  | { readonly kind: 'locked'; readonly ms: number }

/** Hands PINs to whoever verifies them at the pace of `PinLimiter`: who depends on what is under way waits for it. */
export class PinGate {
  readonly #limiter = new PinLimiter()
  readonly #now: () => number
  /** In the order they came. Strangers take no waiting place from a terminal that people use. */
  readonly #waiting = { strangers: new Set<() => void>(), others: new Set<() => void>() }

  /** @param now epoch milliseconds */
  constructor(now: () => number) {
    this.#now = now
  }

  /** `verify`: looks the PIN up, and says whose it is, or null. */
  async decide<T>(attempt: PinAttempt, verify: () => Promise<T | null>): Promise<Verdict<T>> {
    for (;;) {
      const begun = this.#limiter.begin(attempt, this.#now())
      if (begun.kind === 'go') return { kind: 'decided', who: await this.#verify(attempt, verify) }
      if (begun.kind === 'wait') return { kind: 'locked', ms: begun.ms }
      const waiting = attempt.past === 'nobody' ? this.#waiting.strangers : this.#waiting.others
      if (waiting.size >= PIN_RULES.maxWaiting) return { kind: 'locked', ms: CROWDED_MS }
      await new Promise<void>((resolve) => waiting.add(resolve))
    }
  }

  async #verify<T>(attempt: PinAttempt, verify: () => Promise<T | null>): Promise<T | null> {
    let who: T | null = null
    try {
      who = await verify()
    } finally {
      // What could not be verified counts as wrong: nobody gets guesses for free by making us fail.
      this.#limiter.end(attempt, { isRight: who !== null, now: this.#now() })
      this.#wake()
    }
    return who
  }

  #wake(): void {
    for (const waiting of Object.values(this.#waiting)) {
      const woken = [...waiting]
      waiting.clear()
      for (const resolve of woken) resolve()
    }
  }
}
