import type { Channel } from '../../relay/protocol/channels.ts'
import type { Cursor, Epoch } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { StoreReader } from '../ports/store-reader.ts'
import { mayBeDeflated } from './deflated-events.ts'
import { frameBytes, type Deflates, type SharedBytes } from './shared-bytes.ts'

const PAGE = { maxItems: LIMITS.maxPageItems, maxBytes: LIMITS.maxPageBytes }

const LAST_EVENTS = { maxItems: LIMITS.logSnapshotEvents, maxBytes: LIMITS.maxPageBytes }

/** Pages kept for whoever stands at the same cursor, of history and of snapshots each: 64 of at most 64 KB. */
const MAX_PAGES = 64
/** How long a page is kept. It never becomes wrong, only short: what came after it is in the next one. */
const KEEP_MS = 1_000

/** A page as it leaves, and where it leads. `bytes` is null when there was nothing after the cursor, or it is gone. */
export interface SharedPage {
  readonly bytes: SharedBytes | null
  readonly last: number
  readonly gone: boolean
}

/** A page of a snapshot. `next`: the key that the one behind it begins after, null in the last one. */
export interface SharedSnapshot {
  readonly bytes: SharedBytes
  readonly next: string | null
}

/** Which page of a snapshot: its number, and the key it begins after. */
export interface SnapshotPlace {
  readonly page: number
  readonly after: string | null
}

type SharedStore = Pick<StoreReader, 'events' | 'records' | 'lastEvents'>

interface Kept<T> {
  readonly at: number
  readonly page: Promise<T>
}

/** Reads a page once for all who stand at the same place: after an outage that is everybody. */
export class SharedReads {
  readonly #store: SharedStore
  readonly #deflater: Deflates | null
  readonly #pages: KeptPages<SharedPage>
  readonly #snapshots: KeptPages<SharedSnapshot>

  constructor(store: SharedStore, now: () => number, deflater: Deflates | null = null) {
    this.#store = store
    this.#deflater = deflater
    this.#pages = new KeptPages(now)
    this.#snapshots = new KeptPages(now)
  }

  page(channel: Channel, after: { readonly epoch: Epoch; readonly offset: number }): Promise<SharedPage> {
    const key = `${channel.name} ${after.epoch} ${after.offset}`
    // What had nothing to say is asked again.
    return this.#pages.get(
      key,
      () => this.#read(channel, after),
      ({ bytes }) => bytes !== null,
    )
  }

  /**
   * A page of a snapshot that begins at this cursor. One that somebody else read a moment ago began at the same one, so it has
   * everything up to it; what was committed while it was read comes again as events, which S4 allows for.
   */
  snapshot(channel: Channel, from: Cursor, place: SnapshotPlace): Promise<SharedSnapshot> {
    const key = JSON.stringify([channel.name, from.epoch, from.offset, place.page, place.after])
    return this.#snapshots.get(
      key,
      () => this.#readSnapshot(channel, from, place),
      () => true,
    )
  }

  async #read(channel: Channel, after: { readonly epoch: Epoch; readonly offset: number }): Promise<SharedPage> {
    const { epoch, events, top, gone } = await this.#store.events(channel.name, after, PAGE)
    const last = events.at(-1)
    if (gone || last === undefined) return { bytes: null, last: after.offset, gone }
    const bytes = frameBytes({ t: 'page', channel: channel.name, epoch, events: [...events], top })
    return { bytes: await this.#deflated(channel, bytes), last: last.offset, gone }
  }

  async #readSnapshot(channel: Channel, from: Cursor, { page, after }: SnapshotPlace): Promise<SharedSnapshot> {
    const { name, kind } = channel
    const base = { t: 'snapshot', channel: name, ...from, page } as const
    if (kind === 'log') {
      const events = await this.#store.lastEvents(name, from.offset, LAST_EVENTS)
      const bytes = frameBytes({ ...base, last: true, events: [...events] })
      return { bytes: await this.#deflated(channel, bytes), next: null }
    }
    const { records, next } = await this.#store.records(name, after, PAGE)
    const bytes = frameBytes({ ...base, last: next === null, records: [...records] })
    return { bytes: await this.#deflated(channel, bytes), next }
  }

  /** Before anybody is given it, so that what follows stays behind it. */
  async #deflated(channel: Channel, bytes: SharedBytes): Promise<SharedBytes> {
    return this.#deflater === null || !mayBeDeflated(channel) ? bytes : this.#deflater.deflated(bytes)
  }
}

/** Pages by their place, each for a while; what failed is forgotten. */
class KeptPages<T> {
  readonly #now: () => number
  readonly #pages = new Map<string, Kept<T>>()

  constructor(now: () => number) {
    this.#now = now
  }

  get(key: string, read: () => Promise<T>, isKept: (page: T) => boolean): Promise<T> {
    const kept = this.#pages.get(key)
    if (kept !== undefined && this.#now() - kept.at < KEEP_MS) return kept.page
    this.#pages.delete(key)
    const page = read()
    this.#pages.set(key, { at: this.#now(), page })
    page.then(
      (made) => isKept(made) || this.#pages.delete(key),
      () => this.#pages.delete(key),
    )
    if (this.#pages.size > MAX_PAGES) for (const [oldest] of [...this.#pages].slice(0, 1)) this.#pages.delete(oldest)
    return page
  }
}
