import { URGENT_CHANNEL, type ChannelName } from '../../relay/protocol/channels.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { Ticks } from './writer.ts'

/**
 * When the hub hands out what was committed: with the next tick, or, while more commands are with the store, together with
 * theirs. A connection then costs one write for both, and the write is what a delivery costs (V5).
 *
 * Events of the urgent channel wait for nobody, all others `LIMITS.gatherMs` at most.
 */
export class Gathering {
  readonly #ticks: Ticks
  readonly #flush: () => void
  #commits = 0
  #isWaiting = false
  #deadline: NodeJS.Timeout | null = null

  constructor(ticks: Ticks, flush: () => void) {
    this.#ticks = ticks
    this.#flush = flush
  }

  /** Runs a commit and the publishing of its events. */
  async during<T>(commit: () => Promise<T>): Promise<T> {
    this.#commits += 1
    try {
      return await commit()
    } finally {
      this.#commits -= 1
      if (this.#isWaiting) {
        if (this.#commits === 0) this.#go()
        else this.#deadline ??= setTimeout(() => this.#go(), LIMITS.gatherMs)
      }
    }
  }

  /** Something waits in the hub. */
  schedule(channel: ChannelName): void {
    this.#isWaiting = true
    if (this.#commits === 0 || channel === URGENT_CHANNEL) this.#go()
  }

  #go(): void {
    if (this.#deadline !== null) clearTimeout(this.#deadline)
    this.#deadline = null
    this.#isWaiting = false
    this.#ticks.first(this.#flush)
  }
}
