import type Database from 'better-sqlite3'
import type { DeviceId } from '../../../relay/protocol/ids.ts'
import { aheadOf, type Heard, type LastHeard } from '../../ports/last-heard.ts'
import type { Devices } from './devices.ts'

/** When devices were last heard in areas. Synchronous; runs in the store's worker. */
export class LastHeards {
  readonly #sql: ReturnType<typeof prepareAll>
  readonly #devices: Devices

  constructor(db: Database.Database, devices: Devices) {
    this.#sql = prepareAll(db)
    this.#devices = devices
  }

  heard(rows: readonly Heard[]): void {
    for (const { device, area, isAlone, at, isOver } of rows) {
      if (isOver) this.#sql.forget.run({ device, area, at, ahead: aheadOf(at) })
      else this.#sql.keep.run({ device, area, alone: isAlone ? 1 : 0, at })
    }
  }

  of(area: string, since: string, max: number): readonly LastHeard[] {
    const kinds = [0, 1].flatMap((alone) => this.#sql.last.all({ area, alone, since, max }))
    return kinds.flatMap(({ device: id, alone, at }) => {
      const device = this.#devices.find(id)
      return device?.status === 'active' ? [{ device, isAlone: alone === 1, at }] : []
    })
  }
}

function prepareAll(db: Database.Database) {
  return {
    keep: db.prepare<[{ device: string; area: string; alone: number; at: string }]>(
      `INSERT INTO last_heard (device, area, alone, at) SELECT id, @area, @alone, @at FROM devices WHERE id = @device
       ON CONFLICT DO UPDATE SET alone = excluded.alone, at = MAX(at, excluded.at)`,
    ),
    forget: db.prepare<[{ device: string; area: string; at: string; ahead: string }]>(
      'DELETE FROM last_heard WHERE device = @device AND area = @area AND (at <= @at OR at > @ahead)',
    ),
    last: db.prepare<
      [{ area: string; alone: number; since: string; max: number }],
      { device: DeviceId; alone: number; at: string }
    >(
      `SELECT device, alone, at FROM last_heard WHERE area = @area AND alone = @alone AND at >= @since
       ORDER BY at DESC LIMIT @max`,
    ),
  }
}
