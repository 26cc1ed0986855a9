import { ERRORS, isErrorCode } from './protocol/errors.ts'
import type { SessionView } from './protocol/local.ts'
import type { Clock } from './ports.ts'

/** Time between two attempts while the server does not answer: asking costs the relay nothing until it is connected. */
const UNREACHABLE_MS = 1_000
/** After an answer that may change by itself; the server counts sign-ins per address. */
const REFUSED_MS = 5_000

export type SignInOutcome =
  | { readonly ok: true; readonly session: SessionView }
  | { readonly ok: false; readonly code: string; readonly message: string }

export interface SignInOptions {
  readonly operator: string
  readonly pin: string
  readonly signIn: (operator: string, pin: string) => Promise<SignInOutcome>
  readonly clock: Pick<Clock, 'after'>
  /** The server said no for good: nobody is going to type another PIN here. */
  readonly refused: (code: string, message: string) => void
}

/**
 * Keeps one operator signed in. What is read from stdin must be authored by that operator, so it waits for `signedIn`:
 * a session from an earlier run counts, also offline; otherwise the first sign-in. Nothing is lost meanwhile, it waits in
 * the pipe. Tries until it succeeds or is refused, and again whenever the session ends.
 */
export class SignInKeeper {
  readonly #options: SignInOptions
  #state: 'signed-out' | 'trying' | 'signed-in' | 'stopped' = 'signed-out'
  readonly #waiting = new Set<() => void>()
  #cancelRetry: (() => void) | null = null

  constructor(options: SignInOptions) {
    this.#options = options
  }

  /** The relay's session is this one now. */
  sessionChanged(session: SessionView | null): void {
    if (this.#state === 'stopped') return
    if (session?.operator === this.#options.operator) this.#enter()
    else if (this.#state === 'signed-in') {
      this.#state = 'signed-out'
      void this.#try()
    }
  }

  /** Starts trying, unless a session was restored before. */
  start(): void {
    if (this.#state === 'signed-out') void this.#try()
  }

  stop(): void {
    this.#state = 'stopped'
    this.#cancelRetry?.()
  }

  isSignedIn(): boolean {
    return this.#state === 'signed-in'
  }

  /** Resolves at the next sign-in, at once if signed in. Never after `stop`. */
  signedIn(): Promise<void> {
    return this.isSignedIn() ? Promise.resolve() : new Promise((resolve) => this.#waiting.add(resolve))
  }

  async #try(): Promise<void> {
    const { operator, pin, signIn, clock, refused } = this.#options
    this.#state = 'trying'
    const outcome = await signIn(operator, pin)
    if (this.#state !== 'trying') return
    if (outcome.ok) return this.#enter()
    if (isFinal(outcome.code)) {
      this.stop()
      return refused(outcome.code, outcome.message)
    }
    const pauseMs = outcome.code === 'unreachable' ? UNREACHABLE_MS : REFUSED_MS
    this.#cancelRetry = clock.after(pauseMs, () => {
      if (this.#state === 'trying') void this.#try()
    })
  }

  #enter(): void {
    this.#state = 'signed-in'
    this.#cancelRetry?.()
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}

/** The table says who has to act: where it is the person, trying the same again only locks the account. */
function isFinal(code: string): boolean {
  return code === 'bad-request' || (isErrorCode(code) && ERRORS[code].who === 'person')
}
