/** Server time as a statement answers it, epoch milliseconds. */
export const CLOCK = `SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS ms`

/**
 * Server time is the database's, so that all nodes of a floor have the same; between two answers it is carried on by the
 * monotonic clock, and it never goes back in one process (P7).
 */
export class DatabaseClock {
  readonly #monotonic: () => number
  #ms = 0
  #at = 0

  /** `monotonic`: milliseconds. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
  }

  /** What the database has just answered. */
  heard(ms: number): void {
    this.#ms = Math.max(ms, this.#carried())
    this.#at = this.#monotonic()
  }

  /** ISO 8601 UTC. */
  now(): string {
    return new Date(this.#carried()).toISOString()
  }

  /** Epoch milliseconds. */
  nowMs(): number {
    return this.#carried()
  }

  #carried(): number {
    return this.#ms === 0 ? 0 : Math.floor(this.#ms + this.#monotonic() - this.#at)
  }
}
