/** Cursors, pages and snapshots of a store in memory, as `sqlite/reading.ts`. */
import { keySpace, parseChannel, type ChannelName } from '../../relay/protocol/channels.ts'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import type { Cursor, Epoch } from '../../relay/protocol/ids.ts'
import type { EventPage, PageSize, Position, RecordPage, Resume, SnapshotStart, Tail } from '../ports/store-reader.ts'
import { idAt, type MemoryChannel, type Tables } from './memory-tables.ts'

export function tail({ incarnation, commits, channels }: Tables, after: Position | null): Tail {
  const [of, known] = (after ?? '').split(' ')
  const since = of === incarnation ? Number(known) : -1
  const moved = [...channels.values()].filter(({ lastCommit }) => lastCommit > since)
  return {
    position: `${incarnation} ${commits}` as Position,
    tops: moved.map(({ name, epoch, top }) => ({ channel: name, epoch, top })),
  }
}

export function resume(channel: MemoryChannel, cursor: Cursor): Resume {
  const { epoch, top, floor } = channel
  if (cursor.epoch !== epoch) return { kind: 'reset', reason: 'unknown-epoch', lost: null }
  if (cursor.offset > top) return { kind: 'reset', reason: 'ahead', lost: null }
  if (cursor.offset < floor) return { kind: 'reset', reason: 'expired', lost: { from: cursor.offset + 1, to: floor } }
  if (cursor.id !== idAt(channel, cursor.offset)) return { kind: 'reset', reason: 'unknown-event', lost: null }
  return { kind: 'resumed', epoch, offset: cursor.offset, id: cursor.id, top }
}

export function oldest({ epoch, floor, floorId, top }: MemoryChannel): SnapshotStart & { readonly top: number } {
  return { epoch, offset: floor, id: floorId, top }
}

export function snapshotStart({ epoch, top, topId }: MemoryChannel): SnapshotStart {
  return { epoch, offset: top, id: topId }
}

export function eventsAfter(
  { epoch, top, floor, events }: MemoryChannel,
  after: { readonly epoch: Epoch; readonly offset: number },
  size: PageSize,
): EventPage {
  if (after.epoch !== epoch || after.offset < floor || after.offset > top) {
    return { epoch, events: [], top, gone: true }
  }
  return { epoch, events: fitting(events.slice(after.offset - floor), size), top, gone: false }
}

export function eventsUpTo({ events, floor }: MemoryChannel, upTo: number, size: PageSize): readonly StoredEvent[] {
  return fitting(events.slice(0, Math.max(upTo - floor, 0)).toReversed(), size).toReversed()
}

export function recordsAfter(
  tables: Tables,
  { name, after }: { readonly name: ChannelName; readonly after: string | null },
  { maxItems, maxBytes }: PageSize,
): RecordPage {
  const parsed = parseChannel(name)
  const space = parsed === null ? '' : `${keySpace(parsed)}/`
  const page: RecordPage['records'][number][] = []
  let bytes = 0
  for (const key of [...tables.records.keys()].toSorted()) {
    const row = tables.records.get(key)
    const short = key.slice(space.length)
    if (row === undefined || row.channel !== name || (after !== null && short <= after)) continue
    bytes += row.bytes
    if (page.length > 0 && (bytes > maxBytes || page.length === maxItems)) {
      return { records: page, next: page.at(-1)?.key ?? null }
    }
    page.push({ key: short, offset: row.offset, record: row.record })
  }
  return { records: page, next: null }
}

/** As many as a page holds; the first always fits, or a large one would stop the reader for ever. */
function fitting(rows: MemoryChannel['events'], { maxItems, maxBytes }: PageSize): StoredEvent[] {
  const page: StoredEvent[] = []
  let total = 0
  for (const { event, bytes } of rows) {
    total += bytes
    if (page.length === maxItems || (page.length > 0 && total > maxBytes)) break
    page.push(event)
  }
  return page
}
