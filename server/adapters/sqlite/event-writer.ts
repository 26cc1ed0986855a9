import type Database from 'better-sqlite3'
import {
  keySpace,
  parseChannel,
  type Channel,
  type ChannelName,
  type Domain,
} from '../../../relay/protocol/channels.ts'
import type { StoredEvent } from '../../../relay/protocol/events.ts'
import type { CommandId } from '../../../relay/protocol/ids.ts'
import {
  foundName,
  unquoted,
  type FoundEvent,
  type FoundRecord,
  type NewEvent,
  type RecordKey,
  type Rewrite,
  type Unquote,
} from '../../ports/rules.ts'
import type { RejectionList } from '../../ports/rejection-room.ts'
import type { CommittedEvent } from '../../ports/submission.ts'
import type { ChannelRow, ChannelTable } from './channel-table.ts'
import { EventIds } from '../event-ids.ts'

/** What an event is written under besides what it says. */
export interface Making {
  readonly at: string
  readonly by: string
  readonly cause: CommandId
}

/** A record as it is stored. */
export interface KeptRecord {
  /** Who answers for it; rejected commands only. */
  readonly holder: string
  readonly offset: number
  readonly record: string
  readonly bytes: number
}

/** Appends events and keeps the records they set. Synchronous; runs inside the open transaction. */
export class EventWriter {
  readonly #channels: ChannelTable
  readonly #sql: ReturnType<typeof prepareAll>
  readonly #ids = new EventIds(Date.now)

  constructor(db: Database.Database, channels: ChannelTable) {
    this.#channels = channels
    this.#sql = prepareAll(db)
  }

  append({ channel: name, type, data }: NewEvent, { at, by, cause }: Making): CommittedEvent {
    const channel = this.#channels.open(name)
    const id = this.#ids.next()
    const offset = channel.top + 1
    const text = JSON.stringify(data)
    this.#sql.insertEvent.run(channel.id, offset, id, type, at, by, cause, text)
    channel.top = offset
    channel.topId = id
    channel.lastCommit = this.#channels.nextCommit
    channel.eventBytes += Buffer.byteLength(text)
    const parsed = parseChannel(name)
    if (parsed?.kind === 'state') this.#setRecord(channel, parsed, data as { key: string; record: unknown })
    this.#channels.changed(channel)
    const event: StoredEvent = { offset, id, type, at, by, cause, data }
    return { channel: name, epoch: channel.epoch, event }
  }

  /** Those of these records and events that are there, by `foundName`. */
  find(keys: readonly RecordKey[]): ReadonlyMap<string, FoundRecord> {
    const found = new Map<string, FoundRecord>()
    for (const key of keys) {
      const one = 'event' in key ? this.#event(key.event, key.cause) : this.#record(key.domain, key.key)
      if (one !== null) found.set(foundName(key), one)
    }
    return found
  }

  #record(space: string, key: string): FoundRecord | null {
    const row = this.#sql.selectRecord.get(space, key)
    return row === undefined ? null : { channel: row.channel, record: JSON.parse(row.record) }
  }

  #event(type: FoundEvent, cause: CommandId): FoundRecord | null {
    const row = this.#sql.selectEvent[type].get(cause)
    if (row === undefined) return null
    const { channel, data, ...event } = row
    return { channel, record: { ...event, type, cause, data: JSON.parse(data) } satisfies StoredEvent }
  }

  /** Takes what an event said out of the store: its place, type and id stay. Whether there was such an event. */
  rewrite({ channel: name, type, cause, data }: Rewrite): boolean {
    const channel = this.#channels.open(name)
    const row = this.#sql.selectSaid.get(cause, type, channel.id)
    if (row === undefined) return false
    const text = JSON.stringify(data)
    this.#sql.rewriteEvent.run(text, channel.id, row.offset)
    channel.eventBytes += Buffer.byteLength(text) - row.bytes
    this.#channels.changed(channel)
    return true
  }

  /** Takes the words of this message out of what answers it. */
  unquote({ channel: name, message }: Unquote): void {
    const channel = this.#channels.open(name)
    for (const { offset, data, bytes } of this.#sql.selectAnswers.all(message, channel.id)) {
      const text = JSON.stringify(unquoted(JSON.parse(data)))
      this.#sql.rewriteEvent.run(text, channel.id, offset)
      channel.eventBytes += Buffer.byteLength(text) - bytes
    }
    this.#channels.changed(channel)
  }

  /** The channels of this domain that hold records, and what they hold: strangers' first, people's last, the oldest of each first. */
  listsOf(domain: Domain): readonly RejectionList<KeptRecord>[] {
    return this.#channels
      .all()
      .filter(({ name, records }) => records > 0 && name.startsWith(`${domain}/`))
      .map(({ id, recordBytes }) => ({
        bytes: recordBytes,
        next: (last) => this.#sql.recordAfter.get(id, last?.holder ?? '', last?.offset ?? 0),
      }))
  }

  /** How many records this channel holds. */
  count(name: ChannelName): number {
    return this.#channels.find(name).records
  }

  /** Whether so many records of this channel are held by this one (`records.holder`). */
  holds(name: ChannelName, holder: string, count: number): boolean {
    return this.#sql.heldAt.get(this.#channels.find(name).id, holder, count - 1) !== undefined
  }

  /** By holder, how many records of this channel each has. */
  holders(name: ChannelName): ReadonlyMap<string, number> {
    const rows = this.#sql.holders.all(this.#channels.find(name).id)
    return new Map(rows.map(({ holder, count }) => [holder, count]))
  }

  /** The record of this holder that was set first; null where there is none. */
  oldestOf(name: ChannelName, holder: string): unknown {
    const row = this.#sql.oldestHeld.get(this.#channels.find(name).id, holder)
    return row === undefined ? null : JSON.parse(row.record)
  }

  /** Sets or deletes the record, and keeps the sums of the channels that it comes into and leaves. */
  #setRecord(channel: ChannelRow, parsed: Channel, { key, record }: { key: string; record: unknown }): void {
    const space = keySpace(parsed)
    const before = this.#sql.sizeOfRecord.get(space, key)
    // Crossing from one channel to another is a delete and a set; the delete must not take the record that has moved on.
    if (record === null && before?.channel !== channel.id) return
    if (before !== undefined) this.#left(before)
    if (record === null) {
      this.#sql.deleteRecord.run(space, key)
      return
    }
    const text = JSON.stringify(record)
    this.#sql.upsertRecord.run(space, key, channel.id, channel.top, text)
    channel.records += 1
    channel.recordBytes += Buffer.byteLength(text)
  }

  #left({ channel: id, bytes }: { readonly channel: number; readonly bytes: number }): void {
    const channel = this.#channels.byId(id)
    channel.records -= 1
    channel.recordBytes -= bytes
    this.#channels.changed(channel)
  }
}

interface EventRow extends Pick<StoredEvent, 'offset' | 'id' | 'at' | 'by'> {
  readonly channel: ChannelName
  readonly data: string
}

const SELECT_EVENT = `SELECT channels.name AS channel, "offset", events.id, at, by, data FROM events
  JOIN channels ON channels.id = events.channel`

function prepareAll(db: Database.Database) {
  return {
    selectRecord: db.prepare<[string, string], { channel: ChannelName; record: string }>(
      'SELECT channels.name AS channel, record FROM records JOIN channels ON channels.id = records.channel WHERE domain = ? AND key = ?',
    ),
    upsertRecord: db.prepare<[string, string, number, number, string]>(
      'INSERT INTO records (domain, key, channel, "offset", record) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET channel = excluded.channel, "offset" = excluded."offset", record = excluded.record',
    ),
    sizeOfRecord: db.prepare<[string, string], { channel: number; bytes: number }>(
      'SELECT channel, octet_length(record) AS bytes FROM records WHERE domain = ? AND key = ?',
    ),
    deleteRecord: db.prepare<[string, string]>('DELETE FROM records WHERE domain = ? AND key = ?'),
    insertEvent: db.prepare<[number, number, string, string, string, string, string, string]>(
      'INSERT INTO events (channel, "offset", id, type, at, by, cause, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    // The types stand in the text, because the indexes are of these types only. An id is taken once by an alert.
    selectEvent: {
      'chat.posted': db.prepare<[string], EventRow>(
        `${SELECT_EVENT} WHERE type = 'chat.posted' AND cause = ? ORDER BY events.id LIMIT 1`,
      ),
      'alert.raised': db.prepare<[string], EventRow>(
        `${SELECT_EVENT} WHERE type = 'alert.raised' AND cause = ? LIMIT 1`,
      ),
    },
    selectSaid: db.prepare<[string, string, number], { offset: number; bytes: number }>(
      `SELECT "offset", octet_length(data) AS bytes FROM events
       WHERE (type = 'chat.posted' OR type = 'chat.mentioned') AND cause = ? AND type = ? AND channel = ? ORDER BY id LIMIT 1`,
    ),
    // In the words of its index.
    selectAnswers: db.prepare<[string, number], { offset: number; data: string; bytes: number }>(
      `SELECT "offset", data, octet_length(data) AS bytes FROM events WHERE type = 'chat.posted'
       AND json_extract(data, '$.reply.id') IS NOT NULL AND json_extract(data, '$.reply.id') = ? AND channel = ?`,
    ),
    rewriteEvent: db.prepare<[string, number, number]>('UPDATE events SET data = ? WHERE channel = ? AND "offset" = ?'),
    recordAfter: db.prepare<[number, string, number], KeptRecord>(
      `SELECT holder, "offset", record, octet_length(record) AS bytes FROM records
       WHERE channel = ? AND holder IS NOT NULL AND (holder, "offset") > (?, ?) ORDER BY holder, "offset" LIMIT 1`,
    ),
    heldAt: db.prepare<[number, string, number], { one: number }>(
      'SELECT 1 AS one FROM records WHERE channel = ? AND holder = ? LIMIT 1 OFFSET ?',
    ),
    // As many rows as the list may have.
    holders: db.prepare<[number], { holder: string; count: number }>(
      'SELECT holder, COUNT(*) AS count FROM records WHERE channel = ? AND holder IS NOT NULL GROUP BY holder',
    ),
    oldestHeld: db.prepare<[number, string], { record: string }>(
      'SELECT record FROM records WHERE channel = ? AND holder = ? ORDER BY "offset" LIMIT 1',
    ),
  }
}
