import { PIN_RULES } from '../core/pin-rules.ts'
import type { PinAttempt, PinBudget } from '../ports/pin-budget.ts'

/** Patience that is asked of whoever finds too many waiting, milliseconds. */
const CROWDED_MS = 1_000

/** `who`: whose PIN was right, null where it was wrong. */
export type Verdict<T> =
  | { readonly kind: 'decided'; readonly who: T | null }
  | { readonly kind: 'locked'; readonly ms: number }

/** Hands PINs to whoever verifies them at the pace of a budget: who depends on what is under way waits for it. */
export class PinGate {
  readonly #budget: PinBudget
  /** Those that wait. Strangers take no waiting place from a terminal that people use. */
  readonly #waiting = { strangers: 0, others: 0 }

  constructor(budget: PinBudget) {
    this.#budget = budget
  }

  /** `verify`: looks the PIN up, and says whose it is, or null. */
  async decide<T>(attempt: PinAttempt, verify: () => Promise<T | null>): Promise<Verdict<T>> {
    const place = attempt.past === 'nobody' ? 'strangers' : 'others'
    for (;;) {
      const begun = await this.#budget.begin(attempt)
      if (begun.kind === 'go') return { kind: 'decided', who: await this.#verify(attempt, verify) }
      if (begun.kind === 'wait') return { kind: 'locked', ms: begun.ms }
      if (this.#waiting[place] >= PIN_RULES.maxWaiting) return { kind: 'locked', ms: CROWDED_MS }
      this.#waiting[place] += 1
      await this.#budget.decided()
      this.#waiting[place] -= 1
    }
  }

  async #verify<T>(attempt: PinAttempt, verify: () => Promise<T | null>): Promise<T | null> {
    let who: T | null = null
    try {
      who = await verify()
    } finally {
      // What could not be verified counts as wrong: nobody gets guesses for free by making us fail.
      await this.#budget.end(attempt, { isRight: who !== null })
    }
    return who
  }
}
