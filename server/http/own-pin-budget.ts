import { PinLimiter } from '../core/pin-limiter.ts'
import type { Begun, PinAttempt, PinBudget } from '../ports/pin-budget.ts'

/** The budget of a server that is alone, in its memory: a restart is a fresh start. */
export class OwnPinBudget implements PinBudget {
  readonly #limiter = new PinLimiter()
  readonly #now: () => number
  #next = Promise.withResolvers<void>()

  /** @param now epoch milliseconds */
  constructor(now: () => number) {
    this.#now = now
  }

  begin(attempt: PinAttempt): Promise<Begun> {
    return Promise.resolve(this.#limiter.begin(attempt, this.#now()))
  }

  end(attempt: PinAttempt, { isRight }: { readonly isRight: boolean }): Promise<void> {
    this.#limiter.end(attempt, { isRight, now: this.#now() })
    this.#next.resolve()
    this.#next = Promise.withResolvers()
    return Promise.resolve()
  }

  decided(): Promise<void> {
    return this.#next.promise
  }
}
