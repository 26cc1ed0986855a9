import type pg from 'pg'
import type { ChannelName } from '../../../relay/protocol/channels.ts'
import type { StoredEvent } from '../../../relay/protocol/events.ts'
import type { CommandId, Cursor, Epoch, EventId, Incarnation } from '../../../relay/protocol/ids.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import type { Receipt } from '../../ports/store-writer.ts'
import type {
  ChannelTop,
  EventPage,
  PageSize,
  Position,
  RecordPage,
  Resume,
  SnapshotStart,
  StoreReader,
  Tail,
} from '../../ports/store-reader.ts'
import type { Timer } from '../../ports/timers.ts'
import { ask } from './connection.ts'
import { firstEpoch } from './first-epoch.ts'
import { MOMENT, OtherLine, type Lineage, type Moment } from './lineage.ts'

interface EventRow {
  readonly offset: number
  readonly id: EventId
  readonly type: string
  readonly at: string
  readonly by: string | null
  readonly cause: CommandId | null
  readonly data: string
}

/** A channel at one moment, and what stands at one offset of it. */
interface ChannelRow {
  readonly epoch: Epoch
  readonly top: number
  readonly topId: EventId | null
  readonly floor: number
  readonly floorId: EventId | null
}

const CHANNEL = 'c.epoch, c.top, c.top_id AS "topId", c.floor, c.floor_id AS "floorId"'
const EVENT = '"offset", id, type, at, by, cause, data'
const JOINED_EVENT = 'e."offset", e.id, e.type, e.at, e.by, e.cause, e.data'

/**
 * Cursors, pages and snapshots (PROTOCOL S1–S5). Each answer is one statement, so that what it says of a channel and what it
 * reads of its events are of one moment.
 */
export class Reading implements StoreReader {
  readonly #pool: pg.Pool
  readonly #incarnation: Incarnation
  readonly #lineage: Lineage

  constructor(pool: pg.Pool, incarnation: Incarnation, lineage: Lineage) {
    this.#pool = pool
    this.#incarnation = incarnation
    this.#lineage = lineage
  }

  /**
   * A position is a snapshot of the database: what it does not see was committed behind it, however the transactions of several
   * nodes overlapped. One that is ahead of the database is of another.
   */
  async tail(after: Position | null): Promise<Tail> {
    const [incarnation, snapshot = ''] = (after ?? '').split(' ')
    const known = incarnation === this.#incarnation && /^\d+:\d+:[\d,]*$/.test(snapshot) ? snapshot : null
    await this.#isHere()
    const rows = await ask<{ position: string } & ({ name: null } | { name: ChannelName; epoch: Epoch; top: number })>(
      this.#pool,
      `SELECT p.position, c.name, c.epoch, c.top
       FROM (SELECT pg_current_snapshot()::text AS position, pg_snapshot_xmax(pg_current_snapshot()) AS next) p
       LEFT JOIN andon.channels c ON c.top > 0 AND ($1::pg_snapshot IS NULL OR pg_snapshot_xmax($1::pg_snapshot) > p.next
         OR NOT pg_visible_in_snapshot(c.changed, $1::pg_snapshot))`,
      [known],
    )
    const tops = rows.flatMap((row): ChannelTop[] =>
      row.name === null ? [] : [{ channel: row.name, epoch: row.epoch, top: row.top }],
    )
    return { position: `${this.#incarnation} ${rows[0]?.position}` as Position, tops }
  }

  /** Everything that is read of channels is looked for here at least twice a second, so here it is noticed that it is another's. */
  async #isHere(): Promise<void> {
    const [moment] = await ask<Moment>(this.#pool, MOMENT)
    try {
      if (moment !== undefined) this.#lineage.check(moment)
    } catch (cause) {
      if (!(cause instanceof OtherLine) || !(await this.#lineage.settle())) throw cause
    }
  }

  async resume(name: ChannelName, cursor: Cursor): Promise<Resume> {
    const { channel, idAt } = await this.#channel(name, cursor.offset)
    // An unknown epoch has no offsets that could be compared; what was lost cannot be said.
    if (cursor.epoch !== channel.epoch) return { kind: 'reset', reason: 'unknown-epoch', lost: null }
    // What is above the top was delivered already, and where this history left the reader's nobody can say.
    if (cursor.offset > channel.top) return { kind: 'reset', reason: 'ahead', lost: null }
    if (cursor.offset < channel.floor)
      return { kind: 'reset', reason: 'expired', lost: { from: cursor.offset + 1, to: channel.floor } }
    if (cursor.id !== idAt) return { kind: 'reset', reason: 'unknown-event', lost: null }
    return { kind: 'resumed', epoch: channel.epoch, offset: cursor.offset, id: cursor.id, top: channel.top }
  }

  async oldest(name: ChannelName): Promise<SnapshotStart & { readonly top: number }> {
    const { channel } = await this.#channel(name, 0)
    const { epoch, floor, floorId, top } = channel
    return { epoch, offset: floor, id: floor === 0 ? null : floorId, top }
  }

  async snapshotStart(name: ChannelName): Promise<SnapshotStart> {
    const { channel } = await this.#channel(name, 0)
    return { epoch: channel.epoch, offset: channel.top, id: channel.topId }
  }

  async events(
    name: ChannelName,
    after: { readonly epoch: Epoch; readonly offset: number },
    size: PageSize,
  ): Promise<EventPage> {
    const rows = await ask<ChannelRow & (EventRow | { offset: null })>(
      this.#pool,
      `SELECT ${CHANNEL}, e.* FROM andon.channels c LEFT JOIN LATERAL (
         SELECT ${EVENT} FROM (
           SELECT page.*, SUM(octet_length(data)) OVER (ORDER BY "offset") AS bytes, ROW_NUMBER() OVER (ORDER BY "offset") AS nth
           FROM (SELECT ${EVENT} FROM andon.events WHERE channel = c.id AND "offset" > $2 ORDER BY "offset" LIMIT $3) page
         ) sized WHERE bytes <= $4 OR nth = 1
       ) e ON c.epoch = $5 AND $2 BETWEEN c.floor AND c.top
       WHERE c.name = $1 ORDER BY e."offset"`,
      [name, after.offset, itemsOf(size), size.maxBytes, after.epoch],
    )
    const channel = rows[0] ?? this.#unwritten(name)
    const { epoch, top, floor } = channel
    if (after.epoch !== epoch || after.offset < floor || after.offset > top)
      return { epoch, events: [], top, gone: true }
    return { epoch, events: rows.flatMap((row) => (isEvent(row) ? [storedEvent(row)] : [])), top, gone: false }
  }

  async lastEvents(name: ChannelName, upTo: number, size: PageSize): Promise<readonly StoredEvent[]> {
    const rows = await ask<EventRow>(
      this.#pool,
      `SELECT ${EVENT} FROM (
         SELECT page.*, SUM(octet_length(data)) OVER (ORDER BY "offset" DESC) AS bytes,
         ROW_NUMBER() OVER (ORDER BY "offset" DESC) AS nth
         FROM (SELECT ${JOINED_EVENT} FROM andon.events e JOIN andon.channels c ON c.id = e.channel
           WHERE c.name = $1 AND e."offset" <= $2 ORDER BY e."offset" DESC LIMIT $3) page
       ) sized WHERE bytes <= $4 OR nth = 1 ORDER BY "offset"`,
      [name, upTo, itemsOf(size), size.maxBytes],
    )
    return rows.map(storedEvent)
  }

  async records(name: ChannelName, after: string | null, size: PageSize): Promise<RecordPage> {
    const items = itemsOf(size)
    const rows = await ask<{ key: string; offset: number; record: string; isOver: boolean }>(
      this.#pool,
      `SELECT key, "offset", record, bytes > $4 AND nth > 1 AS "isOver" FROM (
         SELECT page.*, SUM(octet_length(record)) OVER (ORDER BY key) AS bytes, ROW_NUMBER() OVER (ORDER BY key) AS nth
         FROM (SELECT r.key, r."offset", r.record FROM andon.records r JOIN andon.channels c ON c.id = r.channel
           WHERE c.name = $1 AND r.key > $2 ORDER BY r.key LIMIT $3) page
       ) sized WHERE bytes - octet_length(record) <= $4 OR nth = 1 ORDER BY key`,
      [name, after ?? '', items + 1, size.maxBytes],
    )
    const fitting = rows.filter(({ isOver }, index) => !isOver && index < items)
    const records = fitting.map(({ key, offset, record }) => ({ key, offset, record: JSON.parse(record) as unknown }))
    return { records, next: fitting.length < rows.length ? (records.at(-1)?.key ?? null) : null }
  }

  async record(
    domain: string,
    key: string,
  ): Promise<{ readonly channel: ChannelName; readonly offset: number; readonly record: unknown } | null> {
    const [row] = await ask<{ channel: ChannelName; offset: number; record: string }>(
      this.#pool,
      `SELECT c.name AS channel, r."offset", r.record FROM andon.records r JOIN andon.channels c ON c.id = r.channel
       WHERE r.domain = $1 AND r.key = $2`,
      [domain, key],
    )
    return row === undefined ? null : { ...row, record: JSON.parse(row.record) as unknown }
  }

  async message(id: CommandId): Promise<{ readonly channel: ChannelName; readonly event: StoredEvent } | null> {
    const [row] = await ask<EventRow & { channel: ChannelName }>(
      this.#pool,
      `SELECT c.name AS channel, ${JOINED_EVENT} FROM andon.events e JOIN andon.channels c ON c.id = e.channel
       WHERE e.type = 'chat.posted' AND e.cause = $1 ORDER BY e.id LIMIT 1`,
      [id],
    )
    return row === undefined ? null : { channel: row.channel, event: storedEvent(row) }
  }

  async receipts(alert: CommandId): Promise<readonly Receipt[]> {
    return await ask<Receipt & pg.QueryResultRow>(
      this.#pool,
      'SELECT alert, device, kind, at FROM andon.receipts WHERE alert = $1 ORDER BY at, device, kind',
      [alert],
    )
  }

  async timers(upTo: string, max: number): Promise<readonly Timer[]> {
    const rows = await ask<{ id: string; due: string; type: string; data: string }>(
      this.#pool,
      'SELECT id, due, type, data FROM andon.timers WHERE due <= $1 ORDER BY due LIMIT $2',
      [upTo, max],
    )
    return rows.map(({ data, ...row }) => ({ ...row, data: JSON.parse(data) as unknown }))
  }

  /** The channel, as it is or as it will begin, and the id of the event at this offset. */
  async #channel(name: ChannelName, offset: number): Promise<{ channel: ChannelRow; idAt: EventId | null }> {
    const [row] = await ask<ChannelRow & { eventId: EventId | null }>(
      this.#pool,
      `SELECT ${CHANNEL}, e.id AS "eventId" FROM andon.channels c
       LEFT JOIN andon.events e ON e.channel = c.id AND e."offset" = $2 WHERE c.name = $1`,
      [name, offset],
    )
    const channel = row ?? this.#unwritten(name)
    if (offset === 0) return { channel, idAt: null }
    if (offset === channel.top) return { channel, idAt: channel.topId }
    return { channel, idAt: offset === channel.floor ? channel.floorId : (row?.eventId ?? null) }
  }

  #unwritten(name: ChannelName): ChannelRow {
    return { epoch: firstEpoch(this.#incarnation, name), top: 0, topId: null, floor: 0, floorId: null }
  }
}

/** Nobody is to have more read for them than fits a page of the wire, however many they would take. */
function itemsOf({ maxItems }: PageSize): number {
  return Math.min(maxItems, MAX_ITEMS)
}

/** Lists of people are read whole (`LIMITS.maxOpenRejections`, notes of a page); a page of the wire has half as many. */
const MAX_ITEMS = 4 * LIMITS.maxPageItems

function storedEvent({ offset, id, type, at, by, cause, data }: EventRow): StoredEvent {
  return {
    offset,
    id,
    type,
    at,
    ...(by === null ? {} : { by }),
    ...(cause === null ? {} : { cause }),
    data: JSON.parse(data),
  }
}

/** A channel without any such event is one row without them. */
function isEvent<R extends { readonly offset: number | null }>(row: R): row is R & EventRow {
  return row.offset !== null
}
