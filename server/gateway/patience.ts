/** How long a connection may be silent: one timer, moved on by each sign of life, which comes with every frame. */
export class Patience {
  readonly #over: () => void
  readonly #monotonic: () => number
  #timer: NodeJS.Timeout | null = null
  #ms = 0
  #heardAt = 0

  constructor(over: () => void, monotonic: () => number) {
    this.#over = over
    this.#monotonic = monotonic
  }

  /** The last sign of life, by `monotonic`. */
  get heardAt(): number {
    return this.#heardAt
  }

  /** From now on it is over when this long nothing is heard. */
  atMost(ms: number): void {
    if (this.#timer !== null && ms === this.#ms) return this.renew()
    this.end()
    this.#heardAt = this.#monotonic()
    this.#ms = ms
    this.#timer = setTimeout(this.#over, ms)
  }

  /** Something was heard. */
  renew(): void {
    this.#heardAt = this.#monotonic()
    this.#timer?.refresh()
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}
