import type Database from 'better-sqlite3'
import { parseChannel, type ChannelKind } from '../../../relay/protocol/channels.ts'
import type { EventId } from '../../../relay/protocol/ids.ts'
import type { ChannelRow, ChannelTable } from './channel-table.ts'

/** The site's policy, from the core. */
export interface RetentionPolicy {
  readonly channels: Readonly<Record<ChannelKind, { readonly maxEvents: number; readonly maxAgeMs: number }>>
  readonly maxPruned: number
  readonly kept: { readonly marks: number; readonly idempotency: number; readonly receipts: number }
}

/** Deletes history that is no longer kept, a bounded piece at a time. Synchronous; runs inside the open transaction. */
export class Pruning {
  readonly #channels: ChannelTable
  readonly #policy: RetentionPolicy
  readonly #sql: ReturnType<typeof prepareAll>

  constructor(db: Database.Database, channels: ChannelTable, policy: RetentionPolicy) {
    this.#channels = channels
    this.#policy = policy
    this.#sql = prepareAll(db)
  }

  prune(now: string): void {
    const { kept } = this.#policy
    for (const channel of this.#channels.all()) this.#pruneChannel(channel, now)
    this.#sql.idempotency.run(before(now, kept.idempotency))
    this.#sql.receipts.run(before(now, kept.receipts))
    this.#sql.results.run(before(now, kept.marks))
    this.#sql.marks.run(before(now, kept.marks))
  }

  #pruneChannel(channel: ChannelRow, now: string): void {
    const parsed = parseChannel(channel.name)
    if (parsed === null || channel.floor === channel.top) return
    const { maxEvents, maxAgeMs } = this.#policy.channels[parsed.kind]
    const tooOld = this.#sql.oldest.get(channel.id, before(now, maxAgeMs))?.offset ?? channel.floor
    const due = Math.max(channel.top - maxEvents, tooOld)
    const floor = Math.min(due, channel.floor + this.#policy.maxPruned)
    if (floor <= channel.floor) return
    const id = this.#sql.eventId.get(channel.id, floor)?.id ?? null
    this.#sql.events.run(channel.id, floor)
    this.#channels.raiseFloor(channel, floor, id)
  }
}

/** Server time that long ago; ISO 8601 of equal length compares as text. */
function before(now: string, ms: number): string {
  return new Date(Date.parse(now) - ms).toISOString()
}

function prepareAll(db: Database.Database) {
  return {
    // The clock may have jumped: age is judged by the last event that is older, not by the first that is younger.
    oldest: db.prepare<[number, string], { offset: number | null }>(
      'SELECT MAX("offset") AS "offset" FROM events WHERE channel = ? AND at < ?',
    ),
    eventId: db.prepare<[number, number], { id: EventId }>('SELECT id FROM events WHERE channel = ? AND "offset" = ?'),
    events: db.prepare<[number, number]>('DELETE FROM events WHERE channel = ? AND "offset" <= ?'),
    idempotency: db.prepare<[string]>('DELETE FROM idempotency WHERE at < ?'),
    receipts: db.prepare<[string]>('DELETE FROM receipts WHERE at < ?'),
    results: db.prepare<[string]>(
      `DELETE FROM results WHERE EXISTS (SELECT 1 FROM marks WHERE marks.device = results.device
       AND marks.epoch = results.epoch AND marks.lane = results.lane AND moved_at < ?)`,
    ),
    marks: db.prepare<[string]>('DELETE FROM marks WHERE moved_at < ?'),
  }
}
