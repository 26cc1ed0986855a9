import type Database from 'better-sqlite3'
import type { CommandId, DeviceId } from '../../../relay/protocol/ids.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import type { Devices } from './devices.ts'

/**
 * Which device raised an open alert alone, so that there are not more of them than people can look at (T21). Kept beside the
 * record, it goes with it. Synchronous; runs inside the open transaction.
 */
export class Raisers {
  readonly #devices: Pick<Devices, 'isAlone'>
  readonly #sql: ReturnType<typeof prepareAll>

  constructor(db: Database.Database, devices: Pick<Devices, 'isAlone'>) {
    this.#devices = devices
    this.#sql = prepareAll(db)
  }

  /** Whether one more alert of this device may be open. */
  hasRoom(device: DeviceId): boolean {
    if (this.#sql.ofDevice.get(`0 ${device}`, `1 ${device}`, LIMITS.maxOpenAlertsPerDevice - 1) !== undefined)
      return false
    return !this.#devices.isAlone(device) || this.#sql.ofAlone.get(LIMITS.maxOpenAlertsAlone - 1) === undefined
  }

  /** The alert is there: it counts against this device until it is gone. */
  raised(alert: CommandId, device: DeviceId): void {
    this.#sql.keep.run(`${this.#devices.isAlone(device) ? '0' : '1'} ${device}`, alert)
  }
}

function prepareAll(db: Database.Database) {
  return {
    // Each walks as many rows of the index as its bound and no more.
    ofDevice: db.prepare<[string, string, number]>('SELECT 1 FROM records WHERE raiser IN (?, ?) LIMIT 1 OFFSET ?'),
    ofAlone: db.prepare<[number]>(`SELECT 1 FROM records WHERE raiser < '1' LIMIT 1 OFFSET ?`),
    keep: db.prepare<[string, string]>(`UPDATE records SET raiser = ? WHERE domain = 'alerts' AND key = ?`),
  }
}
