/**
 * What this device holds of one channel, in memory and on disk. Rows and cursor move in one write, so after a crash the
 * cursor never claims an event that is not there (P2).
 *
 * Invariants
 *   1. Events are applied at cursor + 1 only, whatever the wire brings.
 *   2. On a `state` channel a key never goes to a lower offset: a snapshot page may be newer than its cursor (S4).
 *   3. In memory a log holds the last `LIMITS.logSnapshotEvents`, on disk about `KEPT_EVENTS`.
 */
import { silenced, unquoted, withdrawnBy } from '../../domain/chat.ts'
import { keyedChange } from '../../domain/keyed-change.ts'
import { takenBackBy } from '../../domain/read-marks.ts'
import type { Channel } from '../../protocol/channels.ts'
import type { StoredEvent } from '../../protocol/events.ts'
import type { ServerFrameOf } from '../../protocol/frames.ts'
import type { Epoch } from '../../protocol/ids.ts'
import { LIMITS } from '../../protocol/limits.ts'
import type { Range, Row, Table, Write } from '../../ports.ts'
import { channelRange, eventKey, recordKey, type ChannelRow } from '../disk/rows.ts'
import type { Assembly, RecordAt, Replica } from './slice.ts'

/** Events of one log kept on disk; older ones are the server's to page. Cut in steps, not at every event. */
export const KEPT_EVENTS = 1000
const CUT_EVERY = 100

export function newReplica(channel: Channel, row: ChannelRow | undefined): Replica {
  return {
    channel,
    cursor: row?.cursor ?? null,
    confirmedAt: row?.confirmedAt ?? null,
    wantedAt: row?.wantedAt ?? null,
    records: new Map(),
    events: [],
  }
}

/** Which rows belong into memory; null when there are none on disk. */
export function rowsToLoad(replica: Replica): { readonly table: Table; readonly range: Range } | null {
  const { channel, cursor } = replica
  if (cursor === null || channel.kind === 'live') return null
  const range = channelRange(channel.name)
  if (channel.kind === 'state') return { table: 'records', range }
  const first = Math.max(cursor.offset - LIMITS.logSnapshotEvents + 1, 0)
  return { table: 'events', range: { ...range, from: eventKey(channel.name, first) } }
}

export function fillReplica(replica: Replica, rows: readonly Row[]): void {
  const { channel } = replica
  if (channel.kind !== 'state') {
    replica.events = rows.map((row) => row.value as StoredEvent)
    return
  }
  for (const row of rows) replica.records.set(row.key.slice(channel.name.length + 1), row.value as RecordAt)
}

/** Empties it; the write makes the disk agree. */
export function emptyReplica(replica: Replica): readonly Write[] {
  replica.cursor = null
  replica.confirmedAt = null
  replica.records = new Map()
  replica.events = []
  const { name } = replica.channel
  return [...deleteRows(replica), { op: 'delete', table: 'channels', key: name }]
}

export function channelRow(replica: Replica): ChannelRow {
  const { channel, cursor, confirmedAt, wantedAt } = replica
  return {
    kind: channel.kind,
    cursor,
    confirmedAt,
    ...(wantedAt !== null && { wantedAt }),
  }
}

export function rowWrite(replica: Replica): Write {
  return { op: 'put', table: 'channels', key: replica.channel.name, value: channelRow(replica) }
}

export interface Applied {
  readonly writes: readonly Write[]
  /** The events that were new, in order. */
  readonly events: readonly StoredEvent[]
  /** The next event is not here: an offset was skipped, or this is another epoch. */
  readonly gap: boolean
}

/** Applies what comes next, drops repeats, stops at a gap. */
export function applyEvents(replica: Replica, epoch: Epoch, events: readonly StoredEvent[]): Applied {
  const before = replica.cursor
  if (before === null || before.epoch !== epoch) return { writes: [], events: [], gap: true }
  const writes: Write[] = []
  const applied: StoredEvent[] = []
  let { offset } = before
  let gap = false
  for (const event of events) {
    if (event.offset <= offset) continue
    gap = event.offset !== offset + 1
    if (gap) break
    offset = event.offset
    applied.push(event)
    writes.push(...applyNext(replica, event))
    replica.cursor = { epoch, offset, id: event.id }
  }
  if (applied.length > 0) writes.push(...cutLog(replica, before.offset, offset), rowWrite(replica))
  return { writes, events: applied, gap }
}

function applyNext(replica: Replica, event: StoredEvent): readonly Write[] {
  const { channel } = replica
  if (channel.kind !== 'state') {
    const taken = silence(replica, event)
    replica.events.push(event)
    // Twice the room, so that the cut is paid once in many events.
    if (replica.events.length > 2 * LIMITS.logSnapshotEvents) replica.events.splice(0, LIMITS.logSnapshotEvents)
    return [...taken, eventWrite(channel, event)]
  }
  const change = keyedChange(event.data)
  if (change === null) return []
  const held = replica.records.get(change.key)
  if (held !== undefined && held.offset >= event.offset) return []
  const key = recordKey(channel.name, change.key)
  if (change.record === null) {
    replica.records.delete(change.key)
    return [{ op: 'delete', table: 'records', key }]
  }
  const value: RecordAt = { offset: event.offset, record: change.record }
  replica.records.set(change.key, value)
  return [{ op: 'put', table: 'records', key, value }]
}

/** What this event takes back is no longer said here either: in memory, and so on disk. */
function silence({ channel, events }: Replica, event: StoredEvent): readonly Write[] {
  const withdrawn = withdrawnBy(event)
  const id = withdrawn ?? takenBackBy(event)
  if (id === null) return []
  const told = withdrawn === null ? 'chat.mentioned' : 'chat.posted'
  const writes: Write[] = []
  for (const [at, each] of events.entries()) {
    const answer = unquoted(each, id)
    if (answer === null) continue
    events[at] = answer
    writes.push(eventWrite(channel, answer))
  }
  const at = events.findLastIndex(({ cause, type }) => cause === id && type === told)
  const said = events[at]
  if (said === undefined) return writes
  const silent =
    withdrawn === null ? { ...said, data: event.data } : silenced(said, { by: event.by ?? '', at: event.at })
  events[at] = silent
  return [...writes, eventWrite(channel, silent)]
}

function eventWrite({ name }: Channel, event: StoredEvent): Write {
  return { op: 'put', table: 'events', key: eventKey(name, event.offset), value: event }
}

function cutLog(replica: Replica, before: number, after: number): readonly Write[] {
  const { name, kind } = replica.channel
  if (kind !== 'log' || Math.floor(before / CUT_EVERY) === Math.floor(after / CUT_EVERY)) return []
  const to = after - KEPT_EVENTS + 1
  return to <= 1 ? [] : [{ op: 'delete-range', table: 'events', from: eventKey(name, 0), to: eventKey(name, to) }]
}

/** Takes in one page. Null when it does not continue the others: another cursor, or a page was missed. */
export function addPage(assembly: Assembly | null, frame: ServerFrameOf<'snapshot'>): Assembly | null {
  const { epoch, offset, id, page } = frame
  const into: Assembly = assembly ?? { cursor: { epoch, offset, id }, records: new Map(), events: [], nextPage: 0 }
  if (page !== into.nextPage || epoch !== into.cursor.epoch || offset !== into.cursor.offset) return null
  into.nextPage += 1
  for (const { key, ...at } of frame.records ?? []) into.records.set(key, at)
  into.events.push(...(frame.events ?? []))
  return into
}

/** Replaces everything by the finished snapshot, in memory at once; the writes, with `rowWrite`, do so on disk. */
export function replaceBySnapshot(replica: Replica, assembly: Assembly): readonly Write[] {
  const { name } = replica.channel
  replica.cursor = assembly.cursor
  replica.records = assembly.records
  replica.events = assembly.events.slice(-LIMITS.logSnapshotEvents)
  const writes: Write[] = [...deleteRows(replica)]
  for (const [key, value] of assembly.records) {
    writes.push({ op: 'put', table: 'records', key: recordKey(name, key), value })
  }
  for (const event of assembly.events) {
    writes.push({ op: 'put', table: 'events', key: eventKey(name, event.offset), value: event })
  }
  return writes
}

function deleteRows(replica: Replica): readonly Write[] {
  const { name, kind } = replica.channel
  const table = kind === 'state' ? 'records' : 'events'
  return kind === 'live' ? [] : [{ op: 'delete-range', table, ...channelRange(name) }]
}
