import type Database from 'better-sqlite3'
import { v7 as uuidv7 } from 'uuid'
import { keySpace, parseChannel, type Channel, type ChannelName } from '../../../relay/protocol/channels.ts'
import type { StoredEvent } from '../../../relay/protocol/events.ts'
import type { CommandId, EventId } from '../../../relay/protocol/ids.ts'
import type { FoundRecord, NewEvent, RecordKey } from '../../ports/rules.ts'
import type { CommittedEvent } from '../../ports/store.ts'
import type { ChannelTable } from './channel-table.ts'

/** What an event is written under besides what it says. */
export interface Making {
  readonly at: string
  readonly by: string
  readonly cause: CommandId
}

/** Appends events and keeps the records they set. Synchronous; runs inside the open transaction. */
export class EventWriter {
  readonly #channels: ChannelTable
  readonly #sql: ReturnType<typeof prepareAll>

  constructor(db: Database.Database, channels: ChannelTable) {
    this.#channels = channels
    this.#sql = prepareAll(db)
  }

  append({ channel: name, type, data }: NewEvent, { at, by, cause }: Making): CommittedEvent {
    const channel = this.#channels.open(name)
    const id = uuidv7() as EventId
    const offset = this.#channels.advance(channel, id)
    this.#sql.insertEvent.run(channel.id, offset, id, type, at, by, cause, JSON.stringify(data))
    const parsed = parseChannel(name)
    if (parsed?.kind === 'state') this.#setRecord(channel.id, parsed, offset, data as { key: string; record: unknown })
    const event: StoredEvent = { offset, id, type, at, by, cause, data }
    return { channel: name, epoch: channel.epoch, event }
  }

  /** Those of these records that are there, by `domain/key`. */
  find(keys: readonly RecordKey[]): ReadonlyMap<string, FoundRecord> {
    const records = new Map<string, FoundRecord>()
    for (const { domain, key } of keys) {
      const row = this.#sql.selectRecord.get(domain, key)
      if (row !== undefined) records.set(`${domain}/${key}`, { channel: row.channel, record: JSON.parse(row.record) })
    }
    return records
  }

  /** The record of this channel that was set first, if there are at least `limit`; null otherwise. */
  oldestOver(limit: number, name: ChannelName): unknown {
    const { id } = this.#channels.find(name)
    if ((this.#sql.countRecords.get(id)?.count ?? 0) < limit) return null
    const row = this.#sql.oldestRecord.get(id)
    return row === undefined ? null : JSON.parse(row.record)
  }

  #setRecord(
    channel: number,
    parsed: Channel,
    offset: number,
    { key, record }: { key: string; record: unknown },
  ): void {
    const space = keySpace(parsed)
    // Crossing from one channel to another is a delete and a set; the delete must not take the record that has moved on.
    if (record === null) this.#sql.deleteRecord.run(space, key, channel)
    else this.#sql.upsertRecord.run(space, key, channel, offset, JSON.stringify(record))
  }
}

function prepareAll(db: Database.Database) {
  return {
    selectRecord: db.prepare<[string, string], { channel: ChannelName; record: string }>(
      'SELECT channels.name AS channel, record FROM records JOIN channels ON channels.id = records.channel WHERE domain = ? AND key = ?',
    ),
    upsertRecord: db.prepare<[string, string, number, number, string]>(
      'INSERT INTO records (domain, key, channel, "offset", record) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET channel = excluded.channel, "offset" = excluded."offset", record = excluded.record',
    ),
    deleteRecord: db.prepare<[string, string, number]>(
      'DELETE FROM records WHERE domain = ? AND key = ? AND channel = ?',
    ),
    insertEvent: db.prepare<[number, number, string, string, string, string, string, string]>(
      'INSERT INTO events (channel, "offset", id, type, at, by, cause, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    countRecords: db.prepare<[number], { count: number }>('SELECT COUNT(*) AS count FROM records WHERE channel = ?'),
    oldestRecord: db.prepare<[number], { record: string }>(
      'SELECT record FROM records WHERE channel = ? ORDER BY "offset" LIMIT 1',
    ),
  }
}
