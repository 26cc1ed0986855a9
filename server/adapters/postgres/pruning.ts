import type pg from 'pg'
import { parseChannel, type ChannelName } from '../../../relay/protocol/channels.ts'
import type { ChannelPolicy, RetentionPolicy } from '../../ports/retention.ts'
import { NEWS_KEPT_MS } from '../../ports/shared-floor.ts'
import { ask } from './connection.ts'
import { DeviceForgetting } from './device-forgetting.ts'
import { forgetNews } from './floor-news.ts'
import { remove, transact } from './transact.ts'

/** Whoever cleans up for all nodes holds the lock of this number. */
const PRUNING = 0x50_52_55_4e
/** Rows that one step deletes at most, of all tables together, where the policy does not say less. */
const MAX_STEP_ROWS = 500
/** Part of a step that each table beside the events may take: history always has more than half of it. */
const SMALL_SHARE = 1 / 8
/** Channels whose oldest event one step looks at for its age. */
const MAX_AGED_CHANNELS = 8

interface ChannelRow {
  readonly id: number
  readonly name: ChannelName
  readonly top: number
  readonly floor: number
  readonly eventBytes: number
}

/** A place in the order of a key of three parts, and the one before every other. */
type Place = readonly [string, string, string]
const START: Place = ['', '', '']

/**
 * Deletes what is no longer kept, a bounded step at a time and one node at a time (T16). Receipts and marks are gone through in
 * the order of their keys, a stretch with each step, because an index by time would be written with each of them.
 */
export class Pruning {
  readonly #pool: pg.Pool
  readonly #policy: RetentionPolicy
  readonly #maxRows: number
  readonly #devices: DeviceForgetting
  #receiptPlace: Place = START
  #markPlace: Place = START
  /** Where the next round begins, as a place in the list of channels: every channel has its turn. */
  #sizeTurn = 0
  #ageTurn = 0

  /** `forgotten`: told of each device that was away for too long. */
  constructor(pool: pg.Pool, policy: RetentionPolicy, forgotten: () => void) {
    this.#pool = pool
    this.#policy = policy
    this.#maxRows = Math.min(policy.maxPruned, MAX_STEP_ROWS)
    this.#devices = new DeviceForgetting(forgotten)
  }

  /** Whether more is due than one step could delete. `now`: server time. */
  async step(now: string): Promise<boolean> {
    const { kept } = this.#policy
    const share = Math.max(1, Math.floor(this.#maxRows * SMALL_SHARE))
    const channels = await ask<ChannelRow & pg.QueryResultRow>(
      this.#pool,
      `SELECT id, name, top, floor, event_bytes AS "eventBytes" FROM andon.channels ORDER BY id`,
    )
    return await transact(this.#pool, async (client) => {
      const [lock] = await ask<{ isOurs: boolean }>(client, 'SELECT pg_try_advisory_xact_lock($1) AS "isOurs"', [
        PRUNING,
      ])
      if (lock?.isOurs !== true) return false
      const limits = { used: before(now, kept.usedDevices), strangers: before(now, kept.strangers) }
      const receipts = await this.#receipts(
        client,
        { used: before(now, kept.receipts), strangers: limits.strangers },
        share,
      )
      const marks = await this.#marks(client, before(now, kept.marks), share)
      const keys = await remove(
        client,
        `DELETE FROM andon.idempotency WHERE ctid = ANY (ARRAY (SELECT ctid FROM andon.idempotency WHERE at < $1 ORDER BY at LIMIT $2))`,
        [before(now, kept.idempotency), share],
      )
      const sessions = await remove(
        client,
        `DELETE FROM andon.sessions WHERE ctid = ANY (ARRAY (SELECT ctid FROM andon.sessions WHERE expires_at < $1
         ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))`,
        [before(now, kept.sessions), share],
      )
      const news = await forgetNews(client, { keptMs: NEWS_KEPT_MS, maxRows: share })
      const devices = await this.#devices.step(client, limits, share)
      const small = receipts + marks + keys + sessions + news + devices
      const isMoreHistory = await this.#history(client, channels, { now, maxRows: this.#maxRows - small })
      return small > 0 || isMoreHistory
    })
  }

  async #receipts(
    client: pg.PoolClient,
    { used, strangers }: { readonly used: string; readonly strangers: string },
    maxRows: number,
  ): Promise<number> {
    const seen = await ask<{ alert: string; device: string; kind: string; isOld: boolean }>(
      client,
      `SELECT alert, device, kind, at < CASE WHEN EXISTS (SELECT 1 FROM andon.devices d WHERE d.id = device
       AND d.used_at IS NOT NULL) THEN $4 ELSE $5 END AS "isOld" FROM andon.receipts
       WHERE (alert, device, kind) > ($1, $2, $3) ORDER BY alert, device, kind LIMIT $6`,
      [...this.#receiptPlace, used, strangers, maxRows],
    )
    const last = seen.at(-1)
    this.#receiptPlace = last === undefined || seen.length < maxRows ? START : [last.alert, last.device, last.kind]
    const old = seen.filter(({ isOld }) => isOld)
    if (old.length === 0) return 0
    return await remove(
      client,
      `DELETE FROM andon.receipts WHERE (alert, device, kind) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))`,
      [old.map(({ alert }) => alert), old.map(({ device }) => device), old.map(({ kind }) => kind)],
    )
  }

  /** A mark goes with the last result of its lane: results without one would stand in the way of a lane that begins again. */
  async #marks(client: pg.PoolClient, limit: string, maxRows: number): Promise<number> {
    const seen = await ask<{ device: string; epoch: string; lane: string; movedAt: string }>(
      client,
      `SELECT device, epoch, lane, moved_at AS "movedAt" FROM andon.marks WHERE (device, epoch, lane) > ($1, $2, $3)
       ORDER BY device, epoch, lane LIMIT $4`,
      [...this.#markPlace, maxRows],
    )
    const old = seen.filter(({ movedAt }) => movedAt < limit)
    let rows = 0
    for (const { device, epoch, lane } of old) {
      if (rows >= maxRows) return rows
      const key = [device, epoch, lane]
      const held = await ask(
        client,
        `SELECT 1 FROM andon.marks WHERE device = $1 AND epoch = $2 AND lane = $3 AND moved_at < $4 FOR UPDATE SKIP LOCKED`,
        [...key, limit],
      )
      if (held.length === 0) continue
      const results = await remove(
        client,
        `DELETE FROM andon.results WHERE ctid = ANY (ARRAY (SELECT ctid FROM andon.results
         WHERE device = $1 AND epoch = $2 AND lane = $3 LIMIT $4))`,
        [...key, maxRows - rows],
      )
      rows += results
      // The rest of this lane is what the next step begins with.
      if (rows >= maxRows) return rows
      rows += await remove(client, 'DELETE FROM andon.marks WHERE device = $1 AND epoch = $2 AND lane = $3', key)
    }
    const last = seen.at(-1)
    this.#markPlace = last === undefined || seen.length < maxRows ? START : [last.device, last.epoch, last.lane]
    return rows
  }

  /**
   * Takes the oldest events of channels that have too many, too large or too old ones. A channel with more than fits takes the
   * whole step, and the next step begins behind it: one that grows fast holds up none of the others for longer than a round.
   */
  async #history(
    client: pg.PoolClient,
    channels: readonly ChannelRow[],
    { now, maxRows }: { readonly now: string; readonly maxRows: number },
  ): Promise<boolean> {
    const aged = await this.#aged(client, channels, now)
    let left = maxRows
    const start = this.#sizeTurn
    for (let step = 0; step < channels.length; step += 1) {
      const turn = (start + step) % channels.length
      const channel = channels[turn]
      const policy = channel === undefined ? null : this.#policyOf(channel)
      if (channel === undefined || policy === null) continue
      const isLarge =
        channel.top - channel.floor > policy.maxEvents || channel.eventBytes > (policy.maxBytes ?? Infinity)
      if (!isLarge && !aged.has(channel.id)) continue
      if (left <= 0) return true
      this.#sizeTurn = turn + 1
      left -= await this.#shorten(client, channel.id, { policy, limit: before(now, policy.maxAgeMs), maxRows: left })
    }
    return left <= 0
  }

  #policyOf({ name }: ChannelRow): ChannelPolicy | null {
    const parsed = parseChannel(name)
    return parsed === null ? null : this.#policy.channels[parsed.kind]
  }

  /** Of the channels whose turn it is, those whose oldest event is too old. */
  async #aged(client: pg.PoolClient, channels: readonly ChannelRow[], now: string): Promise<ReadonlySet<number>> {
    const looks = Math.min(MAX_AGED_CHANNELS, channels.length)
    const turn = Array.from({ length: looks }, (_, look) => channels[(this.#ageTurn + look) % channels.length])
    this.#ageTurn = channels.length === 0 ? 0 : (this.#ageTurn + looks) % channels.length
    const asked = turn.flatMap((channel) => {
      const policy = channel === undefined ? null : this.#policyOf(channel)
      return channel === undefined || policy === null ? [] : [{ id: channel.id, limit: before(now, policy.maxAgeMs) }]
    })
    const rows = await ask<{ id: number }>(
      client,
      `SELECT k.id FROM unnest($1::bigint[], $2::text[]) AS k (id, lim) CROSS JOIN LATERAL
       (SELECT at FROM andon.events WHERE channel = k.id ORDER BY "offset" LIMIT 1) e WHERE e.at < k.lim`,
      [asked.map(({ id }) => id), asked.map(({ limit }) => limit)],
    )
    return new Set(rows.map(({ id }) => id))
  }

  /** Answers how many events went. */
  async #shorten(
    client: pg.PoolClient,
    id: number,
    { policy, limit, maxRows }: { readonly policy: ChannelPolicy; readonly limit: string; readonly maxRows: number },
  ): Promise<number> {
    const [channel] = await ask<ChannelRow & pg.QueryResultRow>(
      client,
      `SELECT id, name, top, floor, event_bytes AS "eventBytes" FROM andon.channels WHERE id = $1
       FOR NO KEY UPDATE SKIP LOCKED`,
      [id],
    )
    if (channel === undefined) return 0
    const oldest = await ask<{ offset: number; id: string; at: string; bytes: number }>(
      client,
      `SELECT "offset", id, at, octet_length(data) AS bytes FROM andon.events WHERE channel = $1 ORDER BY "offset" LIMIT $2`,
      [id, maxRows],
    )
    const going: (typeof oldest)[number][] = []
    let bytes = channel.eventBytes
    for (const event of oldest) {
      const isDue =
        event.offset <= channel.top - policy.maxEvents || bytes > (policy.maxBytes ?? Infinity) || event.at < limit
      if (!isDue) break
      bytes -= event.bytes
      going.push(event)
    }
    const last = going.at(-1)
    if (last === undefined) return 0
    await client.query('DELETE FROM andon.events WHERE channel = $1 AND "offset" <= $2', [id, last.offset])
    await client.query('UPDATE andon.channels SET floor = $2, floor_id = $3, event_bytes = $4 WHERE id = $1', [
      id,
      last.offset,
      last.id,
      bytes,
    ])
    return going.length
  }
}

/** Server time that long ago; ISO 8601 of equal length compares as text. */
export function before(now: string, ms: number): string {
  return new Date(Date.parse(now) - ms).toISOString()
}
