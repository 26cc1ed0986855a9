import type Database from 'better-sqlite3'

interface Place {
  readonly device: string
  readonly epoch: string
  readonly lane: string
}

/** A mark that is forgotten, and how many results of its lane go first: all of them where `isWhole`. */
export interface DueMark extends Place {
  readonly results: number
  readonly isWhole: boolean
}

/** Before every mark. */
const START: Place = { device: '', epoch: '', lane: '' }

/**
 * Goes through the marks in the order of their key, a stretch at a time, for those that did not move for too long. A mark
 * goes with the last result of its lane: results without one would stand in the way of a lane that begins again.
 */
export class MarkWalk {
  readonly #sql: ReturnType<typeof prepareAll>
  /** The last mark that is done with. */
  #place = START

  constructor(db: Database.Database) {
    this.#sql = prepareAll(db)
  }

  /** Looks at the next `maxRows` marks, for at most so many rows to delete: `rows`, marks and results together. */
  next(limit: string, maxRows: number): { readonly due: readonly DueMark[]; readonly rows: number } {
    const seen = this.#sql.after.all({ ...this.#place, maxRows })
    const due: DueMark[] = []
    let rows = 0
    for (const { device, epoch, lane, movedAt } of seen) {
      if (movedAt < limit) {
        const left = maxRows - rows
        const results = left === 0 ? 0 : (this.#sql.countResults.get(device, epoch, lane, left)?.count ?? 0)
        const isWhole = results < left
        if (left > 0) due.push({ device, epoch, lane, results, isWhole })
        rows += isWhole ? results + 1 : results
        // The rest of this lane is what the next step begins with.
        if (!isWhole) return { due, rows }
      }
      this.#place = { device, epoch, lane }
    }
    if (seen.length < maxRows) this.#place = START
    return { due, rows }
  }

  remove({ device, epoch, lane, results, isWhole }: DueMark): void {
    this.#sql.deleteResults.run({ device, epoch, lane, results })
    if (isWhole) this.#sql.deleteMark.run(device, epoch, lane)
  }
}

function prepareAll(db: Database.Database) {
  return {
    after: db.prepare<[Place & { maxRows: number }], Place & { movedAt: string }>(
      `SELECT device, epoch, lane, moved_at AS movedAt FROM marks WHERE (device, epoch, lane) > (@device, @epoch, @lane)
       ORDER BY device, epoch, lane LIMIT @maxRows`,
    ),
    countResults: db.prepare<[string, string, string, number], { count: number }>(
      'SELECT COUNT(*) AS count FROM (SELECT 1 FROM results WHERE device = ? AND epoch = ? AND lane = ? LIMIT ?)',
    ),
    deleteResults: db.prepare<[Place & { results: number }]>(
      `DELETE FROM results WHERE device = @device AND epoch = @epoch AND lane = @lane AND seq IN
       (SELECT seq FROM results WHERE device = @device AND epoch = @epoch AND lane = @lane ORDER BY seq LIMIT @results)`,
    ),
    deleteMark: db.prepare<[string, string, string]>('DELETE FROM marks WHERE device = ? AND epoch = ? AND lane = ?'),
  }
}
