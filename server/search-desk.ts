import { setTimeout as rest } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { ChannelName } from '../relay/protocol/channels.ts'
import { searchableOf, withdrawnBy } from './core/search-items.ts'
import type { SearchFinder, SearchQuestion } from './ports/search.ts'
import type { StoreAdministration } from './ports/store-administration.ts'
import type { Position } from './ports/store-reader.ts'
import type { CommittedEvent } from './ports/submission.ts'
import { SearchReading, type SearchReadingOptions } from './search-reading.ts'

export interface SearchDeskOptions extends SearchReadingOptions {
  readonly store: SearchReadingOptions['store'] & Pick<StoreAdministration, 'incarnation'>
  readonly log: Pick<Logger, 'error'>
}

/** Between two looks at everything that was committed; so often at most a note is read. */
const LOOK_MS = 10_000
/** How long a question waits for what was committed before it: longer only where much is being caught up with. */
const FRESH_MS = 500

/**
 * Keeps the index behind the store: it reads every channel in order from where the index says it is, and what it writes goes
 * with that place in one transaction. So whoever kills it, nothing is missing and nothing twice (Q5). News of commits only say
 * where to read; a lost one is made up for by the next look.
 */
export class SearchDesk implements SearchFinder {
  readonly #options: SearchDeskOptions
  /** Null while nobody knows how far the index is. */
  #reading: SearchReading | null = null
  #position: Position | null = null
  /** Of which something was committed since they were read. */
  readonly #hinted = new Set<ChannelName>()
  /** One thing at a time. */
  #last: Promise<unknown> = Promise.resolve()
  /** Questions that wait until what was committed before them is read. */
  readonly #asking: (() => void)[] = []
  #isWhole = false
  #isStopped = false
  #timer: NodeJS.Timeout | null = null

  constructor(options: SearchDeskOptions) {
    this.#options = options
  }

  start(): void {
    this.#planLook(0)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#reading?.stop()
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#last
    await this.#options.index.close()
  }

  /** Told of what was committed, in order. What was taken back leaves the index before the next question is answered (Q4). */
  committed(events: readonly CommittedEvent[]): void {
    for (const { channel, event } of events) {
      const searchable = searchableOf(channel)
      if (searchable === 'chat' || searchable === 'orders' || searchable === 'alerts') this.#hinted.add(channel)
      const withdrawn = withdrawnBy(event)
      if (withdrawn === null || this.#reading === null) continue
      this.#options.index.write({ changes: [{ kind: 'drop', ...withdrawn }] }).catch((cause: unknown) => {
        this.#failed(cause)
      })
    }
  }

  /** Rejects while the index cannot be read. */
  async find(question: SearchQuestion): Promise<Awaited<ReturnType<SearchFinder['find']>>> {
    const turn = this.#inTurn(async () => {
      await this.#readHinted(await this.#begin())
    })
    // In the midst of a look, too: that may have much to catch up with.
    const fresh = new Promise<void>((resolve) => this.#asking.push(resolve))
    if (this.#reading === null) await turn
    else await Promise.race([turn, fresh, rest(FRESH_MS, undefined, { ref: false })])
    const isWhole = this.#isWhole
    return { ...(await this.#options.index.find(question)), isWhole }
  }

  counts(): ReturnType<SearchFinder['counts']> {
    return this.#options.index.counts()
  }

  /** Reads everything that was committed since the last look, by whomever. */
  look(): Promise<void> {
    return this.#inTurn(async () => {
      const reading = await this.#begin()
      await this.#readHinted(reading)
      const { position, tops } = await this.#options.store.tail(this.#position)
      await reading.catchUp(tops, () => this.#readHinted(reading))
      if (this.#isStopped) return
      if (position !== this.#position) await this.#options.index.write({ changes: [], position })
      this.#position = position
      this.#isWhole = true
      await reading.expire()
    })
  }

  #planLook(afterMs: number): void {
    this.#timer = setTimeout(() => {
      void this.look()
        .catch((cause: unknown) => this.#failed(cause))
        .finally(() => {
          if (!this.#isStopped) this.#planLook(LOOK_MS)
        })
    }, afterMs)
    this.#timer.unref()
  }

  #inTurn(run: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(async () => {
      if (this.#isStopped) return
      try {
        await run()
      } catch (cause) {
        // How far the index is, it says itself, once it can be asked again.
        this.#reading = null
        throw cause
      }
    })
    this.#last = turn.catch(() => undefined)
    return turn
  }

  #failed(cause: unknown): void {
    if (!this.#isStopped) this.#options.log.error({ event: 'search-behind', cause })
  }

  async #begin(): Promise<SearchReading> {
    if (this.#reading !== null) return this.#reading
    const { index, store } = this.#options
    const { position, cursors } = await index.begin(await store.incarnation())
    this.#isWhole = position !== null
    this.#position = position
    return (this.#reading = new SearchReading(this.#options, cursors))
  }

  async #readHinted(reading: SearchReading): Promise<void> {
    const asking = this.#asking.splice(0)
    const channels = [...this.#hinted]
    this.#hinted.clear()
    for (const channel of channels) await reading.read(channel)
    for (const answer of asking) answer()
  }
}
