/** Whose frames pass. */
export interface TurnstileHost {
  /** How long the next one has to wait, milliseconds; 0 has taken it. */
  waitMs(): number
}

/**
 * Lets frames of one connection pass at their pace, one after the other: what has to wait is neither refused nor forgotten, so
 * that whoever shares a rate with a flood comes late and never in vain.
 */
export class Turnstile {
  readonly #host: TurnstileHost
  #waiting: { readonly timer: NodeJS.Timeout; readonly passes: (passes: boolean) => void } | null = null
  #isEnded = false

  constructor(host: TurnstileHost) {
    this.#host = host
  }

  /**
   * Null where it may pass at once; otherwise whether it does, once its time has come. The next one is asked for when this one
   * has its answer.
   */
  enter(): Promise<boolean> | null {
    if (this.#isEnded) return Promise.resolve(false)
    const ms = this.#host.waitMs()
    return ms === 0 ? null : new Promise((passes) => this.#wait(ms, passes))
  }

  /** Nobody passes any more: the connection goes, and its device asks again on the next one. */
  end(): void {
    this.#isEnded = true
    if (this.#waiting === null) return
    clearTimeout(this.#waiting.timer)
    this.#waiting.passes(false)
    this.#waiting = null
  }

  #wait(ms: number, passes: (passes: boolean) => void): void {
    const timer = setTimeout(() => {
      this.#waiting = null
      const moreMs = this.#host.waitMs()
      if (moreMs > 0) this.#wait(moreMs, passes)
      else passes(true)
    }, ms)
    this.#waiting = { timer, passes }
  }
}
