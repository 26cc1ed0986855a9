import type { Deadlines, Due } from './deadlines.ts'

/** Who is told that nothing was heard for too long. */
export interface PatienceHost {
  silent(): void
}

/** How long a connection may be silent, moved on by each sign of life, which comes with every frame. */
export class Patience implements Due {
  readonly #host: PatienceHost
  readonly #deadlines: Deadlines
  #ms = 0
  #heardAt = 0
  slot = 0

  constructor(host: PatienceHost, deadlines: Deadlines) {
    this.#host = host
    this.#deadlines = deadlines
  }

  /** The last sign of life, by `monotonic`. */
  get heardAt(): number {
    return this.#heardAt
  }

  get dueAt(): number {
    return this.#heardAt + this.#ms
  }

  /** From now on it is over when this long nothing is heard. */
  atMost(ms: number): void {
    this.renew()
    if (this.slot !== 0 && ms === this.#ms) return
    this.#ms = ms
    this.#deadlines.set(this)
  }

  /** Something was heard. */
  renew(): void {
    this.#heardAt = this.#deadlines.now()
  }

  end(): void {
    this.#deadlines.clear(this)
  }

  overdue(): void {
    this.#host.silent()
  }
}
