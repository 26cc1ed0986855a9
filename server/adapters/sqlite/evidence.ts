import type Database from 'better-sqlite3'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import type { Receipt } from '../../ports/store-writer.ts'
import type { Devices } from './devices.ts'

/** Evidence of alerts (P4): what became of each on which device. Synchronous; runs in the store's worker. */
export class Evidence {
  readonly #devices: Pick<Devices, 'isAlone'>
  readonly #sql: ReturnType<typeof prepareAll>

  constructor(db: Database.Database, devices: Pick<Devices, 'isAlone'>) {
    this.#devices = devices
    this.#sql = prepareAll(db)
  }

  /** How many of them were dropped: their alert is not known, or has no place for them (PROTOCOL E3). */
  record(receipts: readonly Receipt[]): number {
    const known = receipts.filter(({ alert }) => this.#sql.isAlert.get({ alert }) !== undefined)
    const kept = known.filter((receipt) => this.keep(receipt))
    return receipts.length - kept.length
  }

  /** Of an alert that is known. The first of an alert, a device and a kind counts; false where there is no place for it. */
  keep(receipt: Receipt): boolean {
    const place = this.#devices.isAlone(receipt.device) ? this.#place(receipt) : null
    if (place !== null && place > LIMITS.maxEvidenceAlone) return false
    this.#sql.add.run({ ...receipt, place })
    return true
  }

  of(alert: string): readonly Receipt[] {
    return this.#sql.receipts.all(alert)
  }

  /**
   * Devices on which nobody ever signed in share the places that an alert has for them: a device keeps the one it has, and a new
   * one comes behind the last, so that nothing is counted. One whose evidence is forgotten is given again once those behind it
   * are forgotten, too.
   */
  #place({ alert, device }: Receipt): number {
    return this.#sql.placeOf.get(alert, device) ?? (this.#sql.lastPlace.get(alert) ?? 0) + 1
  }
}

function prepareAll(db: Database.Database) {
  return {
    // An alert is known while it is there, while its past is, and while somebody's evidence of it is.
    isAlert: db.prepare<[Pick<Receipt, 'alert'>]>(
      `SELECT 1 WHERE EXISTS (SELECT 1 FROM records WHERE domain = 'alerts' AND key = @alert)
       OR EXISTS (SELECT 1 FROM events WHERE type = 'alert.raised' AND cause = @alert)
       OR EXISTS (SELECT 1 FROM receipts WHERE alert = @alert)`,
    ),
    add: db.prepare<[Receipt & { place: number | null }]>(
      'INSERT OR IGNORE INTO receipts (alert, device, kind, at, place) VALUES (@alert, @device, @kind, @at, @place)',
    ),
    placeOf: db
      .prepare<[string, string], number>(
        'SELECT place FROM receipts WHERE alert = ? AND device = ? AND place IS NOT NULL LIMIT 1',
      )
      .pluck(),
    lastPlace: db
      .prepare<[string], number>(
        'SELECT place FROM receipts WHERE alert = ? AND place IS NOT NULL ORDER BY place DESC LIMIT 1',
      )
      .pluck(),
    receipts: db.prepare<[string], Receipt>(
      'SELECT alert, device, kind, at FROM receipts WHERE alert = ? ORDER BY at, device, kind',
    ),
  }
}
