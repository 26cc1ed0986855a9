import type { Logger } from 'pino'
import { LIMITS } from '../relay/protocol/limits.ts'
import type { Presence } from './core/presence.ts'
import { HEARD_AGAIN_MS, type Heard, type LastHeardStore } from './ports/last-heard.ts'

/** How often what is new is kept, milliseconds: whatever devices do, that is one write. */
const KEEP_MS = 5_000
/** Rows of one write: commands wait no longer than that behind it. */
const MAX_ROWS = 200

export interface LastHeardKeeperOptions {
  readonly presence: Pick<Presence, 'hasHadTime' | 'unkept' | 'restore'>
  readonly store: LastHeardStore
  readonly areas: readonly string[]
  readonly log: Pick<Logger, 'warn'>
  readonly monotonic: () => number
  /** No other server has devices of this floor: those that are not here are nowhere. */
  readonly isAlone: boolean
  readonly leaseMs: number
  /** Server time, epoch milliseconds. */
  readonly wall: () => number
}

/**
 * Keeps when devices were last heard in areas, and says once after a start who has been silent since (PROTOCOL M12): when everybody
 * had the time to come back. What the store does not take is kept with the next piece.
 */
export class LastHeardKeeper {
  readonly #options: LastHeardKeeperOptions
  #timer: NodeJS.Timeout | null = null
  #untaken: readonly Heard[] = []
  #kept = 0
  #isRestored = false
  #work: Promise<void> | null = null

  constructor(options: LastHeardKeeperOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer = setInterval(() => void this.step(), KEEP_MS)
    this.#timer.unref()
  }

  /** Rows since the start, and those that the store did not take yet. */
  counts(): { readonly kept: number; readonly untaken: number } {
    return { kept: this.#kept, untaken: this.#untaken.length }
  }

  /** One piece of work; at most one is under way. */
  step(): Promise<void> {
    return (this.#work ??= this.#step().finally(() => (this.#work = null)))
  }

  /** Who is there by now was heard now. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    await this.#work
    await this.#keep('all')
  }

  async #step(): Promise<void> {
    await this.#restore()
    await this.#keep('due')
  }

  async #keep(which: 'all' | 'due'): Promise<void> {
    const { presence, store, log, monotonic } = this.#options
    // While some wait, what is new waits where it is.
    const rows =
      this.#untaken.length > 0 && which === 'due'
        ? this.#untaken
        : [...this.#untaken, ...presence.unkept(monotonic(), which)]
    if (rows.length === 0) return
    try {
      for (let from = 0; from < rows.length; from += MAX_ROWS) await store.heard(rows.slice(from, from + MAX_ROWS))
      this.#kept += rows.length
      this.#untaken = []
    } catch (cause) {
      this.#untaken = rows
      log.warn({ event: 'last-heard-unkept', cause })
    }
  }

  async #restore(): Promise<void> {
    const { presence, store, areas, log, isAlone, leaseMs, monotonic, wall } = this.#options
    if (this.#isRestored || !presence.hasHadTime(monotonic())) return
    try {
      const now = wall()
      const since = new Date(now - LIMITS.absentMs).toISOString()
      // Whoever another server hears is said to be heard again by then.
      const upTo = isAlone ? now : now - HEARD_AGAIN_MS - leaseMs
      // A clock that was ahead wrote times that have not come: of those no more is known than that they are over.
      const timeOf = (at: string): number => {
        const heardWall = Date.parse(at)
        return heardWall > now + HEARD_AGAIN_MS ? upTo : isAlone ? Math.min(heardWall, now) : heardWall
      }
      for (const area of areas) {
        const rows = await store.lastHeard(area, since, LIMITS.maxAbsent)
        const heard = rows.map(({ at, ...row }) => ({ ...row, heardWall: timeOf(at) }))
        const silent = heard.filter(({ heardWall }) => heardWall <= upTo)
        presence.restore(
          area,
          silent.toSorted((one, other) => one.heardWall - other.heardWall),
          monotonic(),
        )
      }
      this.#isRestored = true
    } catch (cause) {
      log.warn({ event: 'last-heard-unread', cause })
    }
  }
}
