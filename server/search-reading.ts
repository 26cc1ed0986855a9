import { setTimeout as rest } from 'node:timers/promises'
import { parseChannel, type ChannelName } from '../relay/protocol/channels.ts'
import type { StoredEvent } from '../relay/protocol/events.ts'
import { noteChannel, noteKey, type NoteRecord } from '../relay/protocol/notes.ts'
import { changesOf, noteItem, recordChanges, searchableOf } from './core/search-items.ts'
import type { SearchChange, SearchCursor, SearchIndex } from './ports/search.ts'
import type { ChannelTop, StoreReader } from './ports/store-reader.ts'

export interface SearchReadingOptions {
  readonly index: SearchIndex
  readonly store: Pick<StoreReader, 'tail' | 'oldest' | 'events' | 'lastEvents' | 'records' | 'record'>
  /** What is written in the note of this channel; null where nobody can tell. Rejects where that is worth another try. */
  readonly words: (note: ChannelName) => Promise<string | null>
}

/** Between two pages: whoever gives commands goes first. */
const REST_MS = 2
const PAGE = { maxItems: 500, maxBytes: 1024 * 1024 } as const
const LAST = { maxItems: 1, maxBytes: 1024 * 1024 } as const

/** Between two pages, and two channels: what cannot wait for the rest is read there. */
type Between = () => Promise<void>
const nothing: Between = () => Promise.resolve()

type Place = Pick<SearchCursor, 'epoch' | 'offset'>
type StateRecord = Awaited<ReturnType<StoreReader['records']>>['records'][number]

/** Reads channels of the store into the index, each from where the index is, in pages that are written with their place. */
export class SearchReading {
  readonly #options: SearchReadingOptions
  readonly #places: Map<ChannelName, Place>
  /** Channels whose oldest events are still to be looked at. */
  #aging: readonly ChannelName[] = []
  #isStopped = false

  constructor(options: SearchReadingOptions, cursors: readonly SearchCursor[]) {
    this.#options = options
    this.#places = new Map(cursors.map(({ channel, epoch, offset }) => [channel, { epoch, offset }]))
  }

  /** What is under way ends with its page. */
  stop(): void {
    this.#isStopped = true
  }

  /** Reads whatever of these is not in the index. */
  async catchUp(tops: readonly ChannelTop[], between: Between = nothing): Promise<void> {
    const behind = tops.filter(({ channel, epoch, top }) => {
      const place = this.#places.get(channel)
      return place?.epoch !== epoch || place.offset < top
    })
    for (const { channel, epoch, top } of behind) {
      const searchable = searchableOf(channel)
      if (this.#isStopped || searchable === null) continue
      await between()
      if (searchable === 'note') await this.#write(channel, { epoch, offset: top }, await this.#noteChanges(channel))
      else await this.read(channel, between)
    }
  }

  /** Reads a channel to its top. */
  async read(channel: ChannelName, between: Between = nothing): Promise<void> {
    while (!this.#isStopped) {
      const place = this.#places.get(channel) ?? (await this.#enter(channel))
      const { epoch, events, top, gone } = await this.#options.store.events(channel, place, PAGE)
      if (gone || epoch !== place.epoch) {
        // What was taken back in between is not known any more: begin with nothing of it.
        this.#places.delete(channel)
        await this.#options.index.write({ changes: [{ kind: 'forget', channel }] })
        continue
      }
      const last = events.at(-1)
      if (last === undefined) return
      const next = { epoch, offset: last.offset }
      if (searchableOf(channel) === 'notes') await this.#write(channel, next, await this.#notesOf(events.map(keyOf)))
      // In the turn in which it was read, so that what is taken back behind the read is taken out behind the write.
      else
        await this.#write(
          channel,
          next,
          events.flatMap((event) => changesOf(channel, event)),
        )
      if (last.offset >= top) return
      await rest(REST_MS)
      await between()
    }
  }

  /** Takes out what the store does not keep any more, a piece at a time; the calls go round all channels. */
  async expire(): Promise<void> {
    if (this.#aging.length === 0) this.#aging = [...this.#places.keys()].filter(isAging)
    const [channel, ...others] = this.#aging
    this.#aging = others
    if (channel === undefined) return
    const { offset } = await this.#options.store.oldest(channel)
    if (offset > 0) await this.#options.index.write({ changes: [{ kind: 'expire', channel, offset }] })
  }

  /** A channel that is not known begins with the records that stand in it, whose events may be gone, and the oldest event. */
  async #enter(channel: ChannelName): Promise<Place> {
    const { epoch, offset } = await this.#options.store.oldest(channel)
    const place = { epoch, offset }
    if (parseChannel(channel)?.kind === 'state' && offset > 0) {
      for (let after: string | null = null; !this.#isStopped;) {
        const { records, next }: Awaited<ReturnType<StoreReader['records']>> = await this.#options.store.records(
          channel,
          after,
          PAGE,
        )
        await this.#options.index.write({ changes: await this.#standing(channel, records) })
        if (next === null) break
        after = next
        await rest(REST_MS)
      }
    }
    await this.#write(channel, place, [])
    return place
  }

  async #standing(channel: ChannelName, records: readonly StateRecord[]): Promise<readonly SearchChange[]> {
    if (searchableOf(channel) === 'notes') return this.#notesOf(records.map(({ key }) => key))
    return records.flatMap((record) => recordChanges(channel, record))
  }

  async #notesOf(keys: readonly string[]): Promise<readonly SearchChange[]> {
    const changes: SearchChange[] = []
    for (const key of new Set(keys)) {
      const [area, note] = key.split('/')
      if (area !== undefined && note !== undefined) changes.push(...(await this.#noteChanges(noteChannel(area, note))))
    }
    return changes
  }

  async #noteChanges(channel: ChannelName): Promise<readonly SearchChange[]> {
    const { area = '', id } = parseChannel(channel) ?? {}
    const found = await this.#options.store.record('notes', noteKey(area, id ?? ''))
    if (found === null) return []
    // Only the domain of notes writes these records.
    const record = found.record as NoteRecord
    const { top } = await this.#options.store.oldest(channel)
    const [last] = await this.#options.store.lastEvents(channel, top, LAST)
    const text = await this.#options.words(channel)
    // What was found of it before is still found.
    if (text === null) return []
    const deeds = [record.opened, record.signed, record.accepted, ...record.addenda].flatMap((deed) => deed?.at ?? [])
    const at = [...deeds, ...(last === undefined ? [] : [last.at])].reduce((one, other) => (one > other ? one : other))
    return [{ kind: 'put', item: noteItem(record, { channel: found.channel, at, text }) }]
  }

  async #write(channel: ChannelName, place: Place, changes: readonly SearchChange[]): Promise<void> {
    await this.#options.index.write({ changes, cursor: { channel, ...place } })
    this.#places.set(channel, place)
  }
}

/** Every event of a `state` channel is of one record. */
function keyOf({ data }: StoredEvent): string {
  return (data as { readonly key: string }).key
}

/** Whose things are found as long as their events are kept. */
function isAging(channel: ChannelName): boolean {
  const searchable = searchableOf(channel)
  return searchable === 'chat' || searchable === 'alerts'
}
