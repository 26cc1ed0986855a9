import type Database from 'better-sqlite3'
import { parseChannel } from '../../../relay/protocol/channels.ts'
import type { DeviceId, EventId } from '../../../relay/protocol/ids.ts'
import type { ChannelRow, ChannelTable } from './channel-table.ts'
import { ReceiptWalk, type DueReceipts } from './receipt-walk.ts'
import { DeviceWalk, type DueDevice } from './device-walk.ts'
import type { Devices } from './devices.ts'
import type { RetentionPolicy } from '../../ports/retention.ts'
import { MarkWalk, type DueMark } from './mark-walk.ts'
import { SessionWalk, type DueSessions } from './session-walk.ts'

/**
 * Rows that one step deletes at most, of all tables together, where the policy does not say less: no command commits
 * meanwhile. 500 take some 2 ms of two slow cores beside the fsync, however much is kept.
 */
export const MAX_STEP_ROWS = 500
/** Part of a step that each table beside the events may take: history always has more than half of it. */
const SMALL_SHARE = 1 / 8
/** Devices and sessions are few. */
const TINY_SHARE = 1 / 16
/** Channels whose oldest events one step looks at for their age; each takes some ten reads by primary key. */
export const MAX_AGED_CHANNELS = 8

/** The tables that it deletes from, and what holds some of them in memory. */
export interface PrunedTables {
  readonly db: Database.Database
  readonly channels: ChannelTable
  readonly devices: Devices
}

/** What one step deletes. Found by reading alone: where nothing is due, nothing is written (T14). */
export interface Due {
  readonly events: readonly { readonly channel: ChannelRow; readonly floor: number }[]
  readonly receipts: DueReceipts | null
  readonly marks: readonly DueMark[]
  readonly idempotency: readonly { readonly apiKey: string; readonly key: string }[]
  readonly sessions: DueSessions | null
  readonly devices: readonly DueDevice[]
  /** This step was too small for all that it found, or the walk has come upon what is old: the next is to come soon. */
  readonly isMoreDue: boolean
}

/** Finds and deletes what is no longer kept, a bounded step at a time (T16). Synchronous; the database's only writer. */
export class Pruning {
  readonly #channels: ChannelTable
  readonly #policy: RetentionPolicy
  readonly #maxRows: number
  readonly #sql: ReturnType<typeof prepareAll>
  readonly #receipts: ReceiptWalk
  readonly #marks: MarkWalk
  readonly #sessions: SessionWalk
  readonly #devices: DeviceWalk
  /** Where the next round begins, as a place in the list of channels: every channel has its turn. */
  #sizeTurn = 0
  #ageTurn = 0

  constructor({ db, channels, devices }: PrunedTables, policy: RetentionPolicy) {
    this.#channels = channels
    this.#policy = policy
    this.#maxRows = Math.min(policy.maxPruned, MAX_STEP_ROWS)
    this.#sql = prepareAll(db)
    this.#receipts = new ReceiptWalk(db)
    this.#marks = new MarkWalk(db)
    this.#sessions = new SessionWalk(db)
    this.#devices = new DeviceWalk(db, devices)
  }

  /**
   * What the next step is to delete, at most `MAX_STEP_ROWS` rows; null when this look found nothing. `isHere`: a device that
   * was seen since, though its row does not say so yet.
   */
  find(now: string, isHere: (id: DeviceId) => boolean): Due | null {
    const { kept } = this.#policy
    const share = Math.max(1, Math.floor(this.#maxRows * SMALL_SHARE))
    const receipts = this.#receipts.next(
      { used: before(now, kept.receipts), strangers: before(now, kept.strangers) },
      share,
    )
    const marks = this.#marks.next(before(now, kept.marks), share)
    const idempotency = this.#sql.oldKeys.all(before(now, kept.idempotency), share)
    const tiny = Math.max(1, Math.floor(this.#maxRows * TINY_SHARE))
    const sessions = this.#sessions.next(before(now, kept.sessions), tiny)
    const devices = this.#devices.next(
      { used: before(now, kept.usedDevices), strangers: before(now, kept.strangers) },
      tiny,
      isHere,
    )
    const small = (receipts?.rows ?? 0) + marks.rows + idempotency.length + (sessions?.rows ?? 0) + devices.rows
    const history = this.#history(now, this.#maxRows - small)
    if (small === 0 && history.events.length === 0) return null
    const isWalkDue =
      receipts !== null ||
      sessions !== null ||
      marks.due.length > 0 ||
      idempotency.length === share ||
      devices.rows === tiny
    const isMoreDue = history.isMore || isWalkDue
    return {
      events: history.events,
      receipts,
      marks: marks.due,
      idempotency,
      sessions,
      devices: devices.due,
      isMoreDue,
    }
  }

  /** Deletes what `find` found just before; inside the open transaction. */
  remove({ events, receipts, marks, idempotency, sessions, devices }: Due): void {
    for (const { channel, floor } of events) {
      const id = this.#sql.event.get(channel.id, floor)?.id ?? null
      const bytes = this.#sql.bytesUpTo.get(channel.id, floor) ?? 0
      this.#sql.deleteEvents.run(channel.id, floor)
      Object.assign(channel, { floor, floorId: id, eventBytes: channel.eventBytes - bytes })
      this.#channels.changed(channel)
    }
    if (receipts !== null) this.#receipts.remove(receipts)
    for (const mark of marks) this.#marks.remove(mark)
    for (const { apiKey, key } of idempotency) this.#sql.deleteKey.run(apiKey, key)
    if (sessions !== null) this.#sessions.remove(sessions)
    for (const device of devices) this.#devices.remove(device)
  }

  /**
   * Where the floors of channels are to go. A channel with more than fits takes the whole step, and the next step begins
   * behind it: one that grows fast holds up none of the others for longer than a round.
   */
  #history(now: string, maxRows: number): { readonly events: Due['events']; readonly isMore: boolean } {
    const channels = this.#channels.all()
    const aged = this.#aged(channels, now)
    const events: { channel: ChannelRow; floor: number }[] = []
    let left = maxRows
    const start = this.#sizeTurn
    for (let step = 0; step < channels.length; step += 1) {
      const turn = (start + step) % channels.length
      const channel = channels[turn]
      if (channel === undefined) continue
      const due = Math.max(this.#sizeFloor(channel), this.#bytesFloor(channel), aged.get(channel.id) ?? channel.floor)
      if (due <= channel.floor) continue
      if (left === 0) return { events, isMore: true }
      const floor = Math.min(due, channel.floor + left)
      events.push({ channel, floor })
      left -= floor - channel.floor
      this.#sizeTurn = turn + 1
      if (floor < due) return { events, isMore: true }
    }
    // A look goes no further than a step: what it came upon may go on behind it.
    const isMore = events.some(
      ({ channel, floor }) => aged.get(channel.id) === floor || floor - channel.floor === this.#maxRows,
    )
    return { events, isMore }
  }

  /** The floor that leaves as many events as the channel may have: offsets have no gaps, so nothing is read for it. */
  #sizeFloor(channel: ChannelRow): number {
    const parsed = parseChannel(channel.name)
    return parsed === null ? channel.floor : channel.top - this.#policy.channels[parsed.kind].maxEvents
  }

  /** The floor that leaves no more bytes than the channel may have, or as far towards it as one step goes. */
  #bytesFloor(channel: ChannelRow): number {
    const parsed = parseChannel(channel.name)
    const { maxBytes = Infinity } = parsed === null ? {} : this.#policy.channels[parsed.kind]
    let floor = channel.floor
    let excess = channel.eventBytes - maxBytes
    if (excess <= 0) return floor
    for (const { offset, bytes } of this.#sql.sizes.iterate(channel.id, channel.floor, this.#maxRows)) {
      floor = offset
      excess -= bytes
      if (excess <= 0) break
    }
    return floor
  }

  /** By id, those of the channels whose turn it is that have events which are too old, and the last of these. */
  #aged(channels: readonly ChannelRow[], now: string): ReadonlyMap<number, number> {
    const aged = new Map<number, number>()
    const looks = Math.min(MAX_AGED_CHANNELS, channels.length)
    for (let look = 0; look < looks; look += 1) {
      const channel = channels[(this.#ageTurn + look) % channels.length]
      const parsed = channel === undefined ? null : parseChannel(channel.name)
      if (channel === undefined || parsed === null) continue
      const floor = this.#ageFloor(channel, before(now, this.#policy.channels[parsed.kind].maxAgeMs))
      if (floor > channel.floor) aged.set(channel.id, floor)
    }
    this.#ageTurn = channels.length === 0 ? 0 : (this.#ageTurn + looks) % channels.length
    return aged
  }

  /**
   * The last event that is older, sought by halves among as many of the oldest as a step can delete. Offset order is almost
   * time order; where the clock has jumped, what was stamped with the future goes with something older behind it, or waits
   * for the size. A stamp from long ago further on takes nothing with it.
   */
  #ageFloor(channel: ChannelRow, limit: string): number {
    let old = channel.floor
    let young = Math.min(channel.top, channel.floor + this.#maxRows) + 1
    while (young - old > 1) {
      const middle = Math.floor((old + young) / 2)
      const at = this.#sql.event.get(channel.id, middle)?.at
      if (at !== undefined && at < limit) old = middle
      else young = middle
    }
    return old
  }
}

/** Server time that long ago; ISO 8601 of equal length compares as text. */
function before(now: string, ms: number): string {
  return new Date(Date.parse(now) - ms).toISOString()
}

function prepareAll(db: Database.Database) {
  return {
    event: db.prepare<[number, number], { id: EventId; at: string }>(
      'SELECT id, at FROM events WHERE channel = ? AND "offset" = ?',
    ),
    sizes: db.prepare<[number, number, number], { offset: number; bytes: number }>(
      `SELECT "offset", octet_length(data) AS bytes FROM events WHERE channel = ? AND "offset" > ?
       ORDER BY "offset" LIMIT ?`,
    ),
    bytesUpTo: db
      .prepare<[number, number], number>(
        'SELECT COALESCE(SUM(octet_length(data)), 0) FROM events WHERE channel = ? AND "offset" <= ?',
      )
      .pluck(),
    deleteEvents: db.prepare<[number, number]>('DELETE FROM events WHERE channel = ? AND "offset" <= ?'),
    oldKeys: db.prepare<[string, number], { apiKey: string; key: string }>(
      'SELECT api_key AS apiKey, key FROM idempotency WHERE at < ? ORDER BY at LIMIT ?',
    ),
    deleteKey: db.prepare<[string, string]>('DELETE FROM idempotency WHERE api_key = ? AND key = ?'),
  }
}
