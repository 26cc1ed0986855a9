import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { Epoch } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { StoreReader } from '../ports/store-reader.ts'
import { frameBytes, type SharedBytes } from './shared-bytes.ts'

const PAGE = { maxItems: LIMITS.maxPageItems, maxBytes: LIMITS.maxPageBytes }

/** Pages kept for whoever stands at the same cursor: 64 of at most 64 KB. */
const MAX_PAGES = 64
/** How long a page is kept. It never becomes wrong, only short: what came after it is in the next one. */
const KEEP_MS = 1_000

/** A page as it leaves, and where it leads. `bytes` is null when there was nothing after the cursor, or it is gone. */
export interface SharedPage {
  readonly bytes: SharedBytes | null
  readonly last: number
  readonly gone: boolean
}

interface Kept {
  readonly at: number
  readonly page: Promise<SharedPage>
}

/** Reads history once for all who stand at the same cursor: after an outage that is everybody. */
export class SharedReads {
  readonly #store: Pick<StoreReader, 'events'>
  readonly #now: () => number
  readonly #pages = new Map<string, Kept>()

  constructor(store: Pick<StoreReader, 'events'>, now: () => number) {
    this.#store = store
    this.#now = now
  }

  page(channel: ChannelName, after: { readonly epoch: Epoch; readonly offset: number }): Promise<SharedPage> {
    const key = `${channel} ${after.epoch} ${after.offset}`
    const kept = this.#pages.get(key)
    if (kept !== undefined && this.#now() - kept.at < KEEP_MS) return kept.page
    this.#pages.delete(key)
    const page = this.#read(channel, after)
    this.#pages.set(key, { at: this.#now(), page })
    // What failed, or had nothing to say, is asked again.
    page.then(
      ({ bytes }) => bytes === null && this.#pages.delete(key),
      () => this.#pages.delete(key),
    )
    if (this.#pages.size > MAX_PAGES) for (const [oldest] of [...this.#pages].slice(0, 1)) this.#pages.delete(oldest)
    return page
  }

  async #read(channel: ChannelName, after: { readonly epoch: Epoch; readonly offset: number }): Promise<SharedPage> {
    const { epoch, events, top, gone } = await this.#store.events(channel, after, PAGE)
    const last = events.at(-1)
    if (gone || last === undefined) return { bytes: null, last: after.offset, gone }
    return { bytes: frameBytes({ t: 'page', channel, epoch, events: [...events], top }), last: last.offset, gone }
  }
}
