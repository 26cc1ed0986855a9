import type Database from 'better-sqlite3'
import type { DeviceId } from '../../../relay/protocol/ids.ts'
import type { Devices } from './devices.ts'

/** A device that was away for too long, and how many rows of it go first; the device itself where `isWhole`. */
export interface DueDevice {
  readonly id: DeviceId
  readonly results: number
  readonly marks: number
  readonly sessions: number
  readonly isWhole: boolean
}

/** Server times before which a device was last here that is not kept any more. */
export interface DeviceLimits {
  readonly used: string
  readonly strangers: string
}

/** Finds devices that were away for too long, the longest first, and deletes them with what hangs on them (T18). */
export class DeviceWalk {
  readonly #devices: Devices
  readonly #sql: ReturnType<typeof prepareAll>

  constructor(db: Database.Database, devices: Devices) {
    this.#devices = devices
    this.#sql = prepareAll(db)
  }

  /** What is due, at most so many rows of all tables together. `isHere`: a device that was seen, and not written down yet. */
  next(
    limits: DeviceLimits,
    maxRows: number,
    isHere: (id: DeviceId) => boolean,
  ): { readonly due: readonly DueDevice[]; readonly rows: number } {
    const strangers = this.#sql.strangers.all(limits.strangers, maxRows)
    const used = this.#sql.used.all(limits.used, maxRows)
    const due: DueDevice[] = []
    let left = maxRows
    for (const id of [...strangers, ...used]) {
      if (left === 0) break
      if (isHere(id)) continue
      const results = this.#sql.countResults.get(id, left) ?? 0
      const marks = this.#sql.countMarks.get(id, left - results) ?? 0
      const sessions = this.#sql.countSessions.get(id, left - results - marks) ?? 0
      const isWhole = results + marks + sessions < left
      due.push({ id, results, marks, sessions, isWhole })
      left -= results + marks + sessions + (isWhole ? 1 : 0)
    }
    return { due, rows: maxRows - left }
  }

  remove({ id, results, marks, sessions, isWhole }: DueDevice): void {
    this.#sql.removeResults.run({ id, rows: results })
    this.#sql.removeMarks.run({ id, rows: marks })
    this.#sql.removeSessions.run({ id, rows: sessions })
    if (isWhole) this.#devices.forget(id)
  }
}

function prepareAll(db: Database.Database) {
  const count = (table: 'results' | 'marks' | 'sessions') =>
    db
      .prepare<[string, number], number>(`SELECT COUNT(*) FROM (SELECT 1 FROM ${table} WHERE device = ? LIMIT ?)`)
      .pluck()
  const old = (which: 'IS NULL' | 'IS NOT NULL') =>
    db
      .prepare<[string, number], DeviceId>(
        `SELECT id FROM devices WHERE used_at ${which} AND last_seen < ? ORDER BY last_seen LIMIT ?`,
      )
      .pluck()
  return {
    strangers: old('IS NULL'),
    used: old('IS NOT NULL'),
    countResults: count('results'),
    countMarks: count('marks'),
    countSessions: count('sessions'),
    removeResults: db.prepare<[{ id: string; rows: number }]>(
      `DELETE FROM results WHERE device = @id AND (epoch, lane, seq) IN
       (SELECT epoch, lane, seq FROM results WHERE device = @id ORDER BY epoch, lane, seq LIMIT @rows)`,
    ),
    removeMarks: db.prepare<[{ id: string; rows: number }]>(
      `DELETE FROM marks WHERE device = @id AND (epoch, lane) IN
       (SELECT epoch, lane FROM marks WHERE device = @id ORDER BY epoch, lane LIMIT @rows)`,
    ),
    removeSessions: db.prepare<[{ id: string; rows: number }]>(
      'DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE device = @id ORDER BY id LIMIT @rows)',
    ),
  }
}
