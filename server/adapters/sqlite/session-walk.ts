import type Database from 'better-sqlite3'

/** A stretch of sessions, and how many of it ran out before `limit`. */
export interface DueSessions {
  readonly after: string
  readonly upTo: string
  readonly limit: string
  readonly rows: number
}

/** Before every session. */
const START = ''

/** Goes through the sessions in the order of their id, a stretch at a time, for those that ran out too long ago. */
export class SessionWalk {
  readonly #after: Database.Statement<[string, number], { id: string; expiresAt: string }>
  readonly #remove: Database.Statement<[Omit<DueSessions, 'rows'>]>
  /** The last session looked at. */
  #place = START

  constructor(db: Database.Database) {
    this.#after = db.prepare('SELECT id, expires_at AS expiresAt FROM sessions WHERE id > ? ORDER BY id LIMIT ?')
    this.#remove = db.prepare('DELETE FROM sessions WHERE id > @after AND id <= @upTo AND expires_at < @limit')
  }

  /** Looks at the next `maxRows`; null when none of them is old. */
  next(limit: string, maxRows: number): DueSessions | null {
    const after = this.#place
    const seen = this.#after.all(after, maxRows)
    const last = seen.at(-1)
    this.#place = last === undefined || seen.length < maxRows ? START : last.id
    const rows = seen.filter(({ expiresAt }) => expiresAt < limit).length
    return last === undefined || rows === 0 ? null : { after, upTo: last.id, limit, rows }
  }

  remove({ after, upTo, limit }: DueSessions): void {
    this.#remove.run({ after, upTo, limit })
  }
}
