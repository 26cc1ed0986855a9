import type Database from 'better-sqlite3'

interface Place {
  readonly alert: string
  readonly device: string
  readonly kind: string
}

/** A stretch of receipts, and how many of it are older than `limit`. */
export interface DueReceipts {
  readonly after: Place
  readonly upTo: Place
  readonly limit: string
  readonly rows: number
}

/** Before every receipt. */
const START: Place = { alert: '', device: '', kind: '' }

/**
 * Goes through the receipts in the order of their key, a stretch at a time, for those that are too old. An index by time
 * would be written with every receipt, for rows that go after 400 days: that some go a round later costs less.
 */
export class ReceiptWalk {
  readonly #sql: ReturnType<typeof prepareAll>
  /** The last receipt looked at. */
  #place = START

  constructor(db: Database.Database) {
    this.#sql = prepareAll(db)
  }

  /** Looks at the next `maxRows`; null when none of them is old. */
  next(limit: string, maxRows: number): DueReceipts | null {
    const after = this.#place
    const seen = this.#sql.after.all({ ...after, maxRows })
    const last = seen.at(-1)
    this.#place = last === undefined || seen.length < maxRows ? START : last
    const rows = seen.filter(({ at }) => at < limit).length
    return last === undefined || rows === 0 ? null : { after, upTo: last, limit, rows }
  }

  remove({ after, upTo, limit }: DueReceipts): void {
    this.#sql.remove.run({
      ...after,
      lastAlert: upTo.alert,
      lastDevice: upTo.device,
      lastKind: upTo.kind,
      limit,
    })
  }
}

function prepareAll(db: Database.Database) {
  return {
    after: db.prepare<[Place & { maxRows: number }], Place & { at: string }>(
      `SELECT alert, device, kind, at FROM receipts WHERE (alert, device, kind) > (@alert, @device, @kind)
       ORDER BY alert, device, kind LIMIT @maxRows`,
    ),
    remove: db.prepare<[Place & { lastAlert: string; lastDevice: string; lastKind: string; limit: string }]>(
      `DELETE FROM receipts WHERE (alert, device, kind) > (@alert, @device, @kind)
       AND (alert, device, kind) <= (@lastAlert, @lastDevice, @lastKind) AND at < @limit`,
    ),
  }
}
