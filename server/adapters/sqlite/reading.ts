import type Database from 'better-sqlite3'
import type { ChannelName } from '../../../relay/protocol/channels.ts'
import type { StoredEvent } from '../../../relay/protocol/events.ts'
import type { CommandId, Cursor, Epoch, EventId, Incarnation } from '../../../relay/protocol/ids.ts'
import type {
  EventPage,
  PageSize,
  Position,
  RecordPage,
  Resume,
  SnapshotStart,
  Tail,
} from '../../ports/store-reader.ts'
import type { ChannelRow, ChannelTable } from './channel-table.ts'

interface EventRow {
  offset: number
  id: EventId
  type: string
  at: string
  by: string | null
  cause: CommandId | null
  data: string
}

/** Cursors, pages and snapshots (PROTOCOL S1–S5). Synchronous; runs in the store's worker. */
export class Reading {
  readonly #channels: ChannelTable
  readonly #incarnation: Incarnation
  readonly #sql: ReturnType<typeof prepareAll>

  constructor(db: Database.Database, channels: ChannelTable, incarnation: Incarnation) {
    this.#channels = channels
    this.#incarnation = incarnation
    this.#sql = prepareAll(db)
  }

  /**
   * What the transaction that is open has written so far is told of now and again the next time: the position is that of the
   * last commit, because more may follow in this one.
   */
  tail(after: Position | null): Tail {
    const { commits } = this.#channels
    const [incarnation, known] = (after ?? '').split(' ')
    const since = incarnation === this.#incarnation ? Number(known) : -1
    return {
      position: `${this.#incarnation} ${commits}` as Position,
      tops: this.#channels
        .all()
        .filter(({ lastCommit }) => lastCommit > since)
        .map(({ name, epoch, top }) => ({ channel: name, epoch, top })),
    }
  }

  resume(name: ChannelName, cursor: Cursor): Resume {
    const channel = this.#channels.find(name)
    // An unknown epoch has no offsets that could be compared; what was lost cannot be said.
    if (cursor.epoch !== channel.epoch) return { kind: 'reset', reason: 'unknown-epoch', lost: null }
    // What is above the top was delivered already, and where this history left the reader's nobody can say.
    if (cursor.offset > channel.top) return { kind: 'reset', reason: 'ahead', lost: null }
    if (cursor.offset < channel.floor)
      return { kind: 'reset', reason: 'expired', lost: { from: cursor.offset + 1, to: channel.floor } }
    if (cursor.id !== this.#idAt(channel, cursor.offset)) return { kind: 'reset', reason: 'unknown-event', lost: null }
    return { kind: 'resumed', epoch: channel.epoch, offset: cursor.offset, id: cursor.id, top: channel.top }
  }

  oldest(name: ChannelName): SnapshotStart & { top: number } {
    const channel = this.#channels.find(name)
    return { epoch: channel.epoch, offset: channel.floor, id: this.#idAt(channel, channel.floor), top: channel.top }
  }

  snapshotStart(name: ChannelName): SnapshotStart {
    const { epoch, top, topId } = this.#channels.find(name)
    return { epoch, offset: top, id: topId }
  }

  events(name: ChannelName, after: { epoch: Epoch; offset: number }, size: PageSize): EventPage {
    const channel = this.#channels.find(name)
    if (after.epoch !== channel.epoch || after.offset < channel.floor || after.offset > channel.top) {
      return { epoch: channel.epoch, events: [], top: channel.top, gone: true }
    }
    const events: StoredEvent[] = []
    let bytes = 0
    for (const row of this.#sql.eventsAfter.iterate(channel.id, after.offset, size.maxItems)) {
      bytes += Buffer.byteLength(row.data)
      // The first item always fits, or a large one would stop the reader for ever.
      if (events.length > 0 && bytes > size.maxBytes) break
      events.push(storedEvent(row))
    }
    return { epoch: channel.epoch, events, top: channel.top, gone: false }
  }

  lastEvents(name: ChannelName, upTo: number, size: PageSize): readonly StoredEvent[] {
    const channel = this.#channels.find(name)
    const events: StoredEvent[] = []
    let bytes = 0
    for (const row of this.#sql.eventsBefore.iterate(channel.id, upTo, size.maxItems)) {
      bytes += Buffer.byteLength(row.data)
      if (events.length > 0 && bytes > size.maxBytes) break
      events.push(storedEvent(row))
    }
    return events.toReversed()
  }

  records(name: ChannelName, after: string | null, size: PageSize): RecordPage {
    const channel = this.#channels.find(name)
    const records: { key: string; offset: number; record: unknown }[] = []
    let bytes = 0
    for (const row of this.#sql.recordsAfter.iterate(channel.id, after ?? '', size.maxItems + 1)) {
      bytes += Buffer.byteLength(row.record)
      if (records.length > 0 && (bytes > size.maxBytes || records.length === size.maxItems)) {
        return { records, next: records.at(-1)?.key ?? null }
      }
      records.push({ key: row.key, offset: row.offset, record: JSON.parse(row.record) })
    }
    return { records, next: null }
  }

  record(domain: string, key: string): { channel: ChannelName; offset: number; record: unknown } | null {
    const row = this.#sql.record.get(domain, key)
    return row === undefined ? null : { channel: row.channel, offset: row.offset, record: JSON.parse(row.record) }
  }

  message(id: CommandId): { channel: ChannelName; event: StoredEvent } | null {
    const row = this.#sql.message.get(id)
    return row === undefined ? null : { channel: row.channel, event: storedEvent(row) }
  }

  #idAt(channel: Readonly<ChannelRow>, offset: number): EventId | null {
    if (offset === 0) return null
    if (offset === channel.top) return channel.topId
    if (offset === channel.floor) return channel.floorId
    return this.#sql.eventId.get(channel.id, offset)?.id ?? null
  }
}

function storedEvent(row: EventRow): StoredEvent {
  return {
    offset: row.offset,
    id: row.id,
    type: row.type,
    at: row.at,
    ...(row.by === null ? {} : { by: row.by }),
    ...(row.cause === null ? {} : { cause: row.cause }),
    data: JSON.parse(row.data),
  }
}

function prepareAll(db: Database.Database) {
  const event = '"offset", id, type, at, by, cause, data'
  return {
    eventsAfter: db.prepare<[number, number, number], EventRow>(
      `SELECT ${event} FROM events WHERE channel = ? AND "offset" > ? ORDER BY "offset" LIMIT ?`,
    ),
    eventsBefore: db.prepare<[number, number, number], EventRow>(
      `SELECT ${event} FROM events WHERE channel = ? AND "offset" <= ? ORDER BY "offset" DESC LIMIT ?`,
    ),
    eventId: db.prepare<[number, number], { id: EventId }>('SELECT id FROM events WHERE channel = ? AND "offset" = ?'),
    recordsAfter: db.prepare<[number, string, number], { key: string; offset: number; record: string }>(
      'SELECT key, "offset", record FROM records WHERE channel = ? AND key > ? ORDER BY key LIMIT ?',
    ),
    message: db.prepare<[string], EventRow & { channel: ChannelName }>(
      `SELECT channels.name AS channel, "offset", events.id, type, at, by, cause, data FROM events
       JOIN channels ON channels.id = events.channel WHERE type = 'chat.posted' AND cause = ? ORDER BY events.id LIMIT 1`,
    ),
    record: db.prepare<[string, string], { channel: ChannelName; offset: number; record: string }>(
      'SELECT channels.name AS channel, "offset", record FROM records JOIN channels ON channels.id = records.channel WHERE domain = ? AND key = ?',
    ),
  }
}
