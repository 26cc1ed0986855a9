import type Database from 'better-sqlite3'
import type { DeviceId } from '../../../relay/protocol/ids.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import { makesRoom, type DeviceRoom } from '../../ports/device-room.ts'
import type { DeviceCounts, DeviceRow } from '../../ports/site.ts'
import { RowCache } from './row-cache.ts'
import { Sources } from './sources.ts'

const ROOM: DeviceRoom = {
  used: LIMITS.maxDevices,
  alone: LIMITS.maxDevicesAlone,
  alonePerSource: LIMITS.maxDevicesAlonePerSource,
  strangers: LIMITS.maxStrangers,
}

/** A device that is not known yet. */
export interface Newcomer {
  readonly device: DeviceRow
  readonly publicKey: string
  /** Where it came from, as limits count it. */
  readonly source: string
  readonly at: string
}

/**
 * The devices of the site. One is *used* once somebody signed in on it or a command of it was applied; until then it is a
 * stranger: anybody can make one, so that there may be so many of them and they go after a week (T18). Synchronous; runs in
 * the store's worker. Who is what is held in memory, too, so that no greeting and no command counts or reads rows for it.
 */
export class Devices {
  readonly #sql: ReturnType<typeof prepareAll>
  readonly #room: DeviceRoom
  /** Where each of them came from. */
  readonly #strangers = new Sources()
  readonly #alone = new Sources()
  readonly #used = new Set<DeviceId>()
  readonly #rows = new RowCache<DeviceId, DeviceRow>()
  /** Something was changed that is not committed yet. */
  #isAhead = false
  #refused = 0
  #evicted = 0
  #forgotten = 0

  constructor(db: Database.Database, room: DeviceRoom = ROOM) {
    this.#sql = prepareAll(db)
    this.#room = room
    this.#load()
  }

  /** What was done stays. */
  committed(): void {
    this.#isAhead = false
  }

  /** What is held in memory may be ahead of the file. */
  rolledBack(): void {
    this.forgetRows()
    if (this.#isAhead) this.#load()
    this.#isAhead = false
  }

  #load(): void {
    this.#strangers.clear()
    this.#alone.clear()
    this.#used.clear()
    for (const id of this.#sql.usedIds.all()) this.#used.add(id)
    for (const { id, source } of this.#sql.strangers.all()) this.#strangers.add(id, source)
    for (const { id, source } of this.#sql.alone.all()) this.#alone.add(id, source)
  }

  find(id: DeviceId): DeviceRow | null {
    return this.#rows.get(id, () => {
      const row = this.#sql.device.get(id)
      return row && deviceRow(row)
    })
  }
  /** Somebody else may have deleted rows. */
  forgetRows(): void {
    this.#rows.clear()
  }
  all(): readonly DeviceRow[] {
    return this.#sql.devices.all().map(deviceRow)
  }
  /** Active ones that are used, the ones last seen first. */
  used(max: number): readonly DeviceId[] {
    return this.#sql.used.all(max)
  }
  isStranger(id: DeviceId): boolean {
    return this.#strangers.has(id)
  }
  /** One that is not known (any more) is not. Reads nothing. */
  isUsed(id: DeviceId): boolean {
    return this.#used.has(id)
  }
  counts(): DeviceCounts {
    const { size } = this.#strangers
    return {
      used: this.#used.size,
      alone: this.#alone.size,
      strangers: size,
      refused: this.#refused,
      evicted: this.#evicted,
      forgotten: this.#forgotten,
    }
  }

  /** Whether a newcomer from there would be taken. */
  hasRoom(source: string): boolean {
    return this.#makesRoom(source) !== null
  }

  /** Takes a newcomer in; false, and nothing is written, where there is no room for it. */
  register({ device, publicKey, source, at }: Newcomer): boolean {
    const room = this.#makesRoom(source)
    if (room === null) {
      this.#refused += 1
      return false
    }
    this.#isAhead = true
    if (room.evicted !== null) this.#evict(room.evicted)
    const { id, name, areas, status } = device
    this.#sql.insert.run({ id, publicKey, name, areas: JSON.stringify(areas), status, source, at })
    this.#strangers.add(id, source)
    return true
  }

  /** What a device that is known calls itself, and when it was last here. Nothing if it is known no more. */
  seen(id: DeviceId, name: string | null, at: string): void {
    this.#rows.forget(id)
    this.#sql.seen.run({ id, name, at })
  }

  /** Whether nobody ever signed in on it. */
  isAlone(id: DeviceId): boolean {
    return this.#alone.has(id) || !this.#used.has(id)
  }

  /** Somebody signed in on it: from now on it is kept as P1 says, and nobody asks any more whence it came. */
  signedIn(id: DeviceId, at: string): void {
    if (!this.#strangers.has(id) && !this.#alone.has(id)) return
    this.#isAhead = true
    this.#sql.use.run({ id, at, source: '' })
    this.#sql.raisedByPeople.run({ id })
    this.#strangers.delete(id)
    this.#alone.delete(id)
    this.#used.add(id)
  }

  /**
   * A command that it sent by itself was applied: it is kept like those that people use while such devices have room, in sum
   * and from where it comes; otherwise it stays a stranger. False for a stranger.
   */
  use(id: DeviceId, at: string): boolean {
    const source = this.#strangers.sourceOf(id)
    if (source === null) return true
    // Where a device of an earlier version came from is not known.
    const isLoud = source !== '' && this.#alone.sizeOf(source) >= this.#room.alonePerSource
    if (isLoud || this.#alone.size >= this.#room.alone || this.#used.size >= this.#room.used) return false
    this.#isAhead = true
    this.#sql.use.run({ id, at, source })
    this.#strangers.delete(id)
    this.#alone.add(id, source)
    this.#used.add(id)
    return true
  }

  /** A device whose time is over, and everything of it but what people still look at. Its sessions, marks and results are gone. */
  forget(id: DeviceId): void {
    this.#isAhead = true
    this.#rows.forget(id)
    this.#sql.remove.run(id)
    this.#strangers.delete(id)
    this.#alone.delete(id)
    this.#used.delete(id)
    this.#forgotten += 1
  }

  #makesRoom(source: string) {
    const held = { used: this.#used.size, strangers: this.#strangers.size, bySource: this.#strangers.bySource }
    return makesRoom(source, held, this.#room)
  }

  /** The one of that source that was away longest. A stranger has no sessions. */
  #evict(source: string): void {
    const id = this.#sql.longestAway.get(source)
    if (id === undefined) return
    this.#sql.removeResults.run(id)
    this.#sql.removeMarks.run(id)
    this.#rows.forget(id)
    this.#sql.remove.run(id)
    this.#strangers.delete(id)
    this.#evicted += 1
  }
}

type Stored = Omit<DeviceRow, 'areas'> & { readonly areas: string }

function deviceRow(row: Stored): DeviceRow {
  // Written by `register` only.
  return { ...row, areas: JSON.parse(row.areas) as readonly string[] }
}

function prepareAll(db: Database.Database) {
  return {
    device: db.prepare<[string], Stored>('SELECT id, name, areas, status FROM devices WHERE id = ?'),
    devices: db.prepare<[], Stored>('SELECT id, name, areas, status FROM devices ORDER BY id'),
    used: db
      .prepare<[number], DeviceId>(
        `SELECT id FROM devices WHERE status = 'active' AND used_at IS NOT NULL ORDER BY last_seen DESC LIMIT ?`,
      )
      .pluck(),
    usedIds: db.prepare<[], DeviceId>('SELECT id FROM devices WHERE used_at IS NOT NULL').pluck(),
    strangers: db.prepare<[], { id: DeviceId; source: string }>('SELECT id, source FROM devices WHERE used_at IS NULL'),
    alone: db.prepare<[], { id: DeviceId; source: string }>(
      `SELECT id, source FROM devices WHERE used_at IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM sign_ins WHERE device = devices.id)`,
    ),
    insert: db.prepare<[Record<'id' | 'publicKey' | 'name' | 'areas' | 'status' | 'source' | 'at', string>]>(
      `INSERT INTO devices (id, public_key, name, areas, status, first_seen, last_seen, source)
       VALUES (@id, @publicKey, @name, @areas, @status, @at, @at, @source)`,
    ),
    seen: db.prepare<[{ id: string; name: string | null; at: string }]>(
      'UPDATE devices SET name = COALESCE(@name, name), last_seen = MAX(last_seen, @at) WHERE id = @id',
    ),
    use: db.prepare<[Record<'id' | 'at' | 'source', string>]>(
      'UPDATE devices SET used_at = COALESCE(used_at, @at), source = @source WHERE id = @id',
    ),
    raisedByPeople: db.prepare<[{ id: string }]>(`UPDATE records SET raiser = '1 ' || @id WHERE raiser = '0 ' || @id`),
    longestAway: db
      .prepare<[string], DeviceId>(
        'SELECT id FROM devices WHERE used_at IS NULL AND source = ? ORDER BY last_seen LIMIT 1',
      )
      .pluck(),
    removeResults: db.prepare<[string]>('DELETE FROM results WHERE device = ?'),
    removeMarks: db.prepare<[string]>('DELETE FROM marks WHERE device = ?'),
    remove: db.prepare<[string]>('DELETE FROM devices WHERE id = ?'),
  }
}
