import type Database from 'better-sqlite3'

interface Place {
  readonly alert: string
  readonly device: string
  readonly kind: string
}

/** Server times before which evidence is not kept any more: of devices that are used, and of all others. */
export interface ReceiptLimits {
  readonly used: string
  readonly strangers: string
}

/** A stretch of receipts, and how many of it are too old. */
export interface DueReceipts {
  readonly after: Place
  readonly upTo: Place
  readonly limits: ReceiptLimits
  readonly rows: number
}

/** Before every receipt. */
const START: Place = { alert: '', device: '', kind: '' }

/**
 * Goes through the receipts in the order of their key, a stretch at a time, for those that are too old. An index by time
 * would be written with every receipt, for rows that go after 400 days: that some go a round later costs less. What strangers
 * say they displayed goes as they do, after a week (T18).
 */
export class ReceiptWalk {
  readonly #sql: ReturnType<typeof prepareAll>
  /** The last receipt looked at. */
  #place = START

  constructor(db: Database.Database) {
    this.#sql = prepareAll(db)
  }

  /** Looks at the next `maxRows`; null when none of them is old. */
  next(limits: ReceiptLimits, maxRows: number): DueReceipts | null {
    const after = this.#place
    const seen = this.#sql.after.all({ ...after, maxRows })
    const last = seen.at(-1)
    this.#place = last === undefined || seen.length < maxRows ? START : last
    const rows = seen.filter(({ at, isUsed }) => at < (isUsed === 1 ? limits.used : limits.strangers)).length
    return last === undefined || rows === 0 ? null : { after, upTo: last, limits, rows }
  }

  remove({ after, upTo, limits }: DueReceipts): void {
    this.#sql.remove.run({
      ...after,
      lastAlert: upTo.alert,
      lastDevice: upTo.device,
      lastKind: upTo.kind,
      ...limits,
    })
  }
}

/** Strangers, and devices that are known no more, have no row with `used_at`. */
const IS_USED = 'EXISTS (SELECT 1 FROM devices WHERE id = receipts.device AND used_at IS NOT NULL)'

function prepareAll(db: Database.Database) {
  return {
    after: db.prepare<[Place & { maxRows: number }], Place & { at: string; isUsed: 0 | 1 }>(
      `SELECT alert, device, kind, at, ${IS_USED} AS isUsed FROM receipts
       WHERE (alert, device, kind) > (@alert, @device, @kind) ORDER BY alert, device, kind LIMIT @maxRows`,
    ),
    remove: db.prepare<[Place & ReceiptLimits & { lastAlert: string; lastDevice: string; lastKind: string }]>(
      `DELETE FROM receipts WHERE (alert, device, kind) > (@alert, @device, @kind)
       AND (alert, device, kind) <= (@lastAlert, @lastDevice, @lastKind)
       AND at < CASE WHEN ${IS_USED} THEN @used ELSE @strangers END`,
    ),
  }
}
