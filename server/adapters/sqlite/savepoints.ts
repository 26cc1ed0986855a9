import type Database from 'better-sqlite3'
import { isDiskTrouble } from './disk-trouble.ts'

/** A piece failed that had no savepoint: what it wrote can go only with the whole group, which is then to be carried out again. */
export class GroupSpoiled extends Error {}

/** What is held in memory of the tables that pieces write, and has to follow the file. */
export interface HeldTables {
  /** Everything that was changed in memory alone goes to the file. */
  flush(): void
  /** The file is what counts: memory may be ahead of it. */
  reload(): void
}

/**
 * Pieces of a transaction that stand or fall by themselves (T2). A savepoint copies every page that is written under it, which
 * costs more than the writing, and only a bug ever needs one. So there are none, until a piece fails: then the group is rolled
 * back (`GroupSpoiled`) and carried out once more, this time with savepoints.
 */
export class Savepoints {
  readonly #held: HeldTables
  readonly #sql: ReturnType<typeof prepareAll>
  #areSet = false

  constructor(db: Database.Database, held: HeldTables) {
    this.#held = held
    this.#sql = prepareAll(db)
  }

  /** Carries out a group that was spoiled. */
  around<T>(group: () => T): T {
    this.#areSet = true
    try {
      return group()
    } finally {
      this.#areSet = false
    }
  }

  /** Runs this piece; of one that fails nothing stays, and `failed` answers in its place. The disk's trouble is the whole group's. */
  attempt<T>(piece: () => T, failed: (cause: unknown) => T): T {
    if (this.#areSet) return this.#withSavepoint(piece, failed)
    try {
      return piece()
    } catch (cause) {
      throw isDiskTrouble(cause) ? cause : new GroupSpoiled('a piece of this group failed', { cause })
    }
  }

  #withSavepoint<T>(piece: () => T, failed: (cause: unknown) => T): T {
    this.#held.flush()
    this.#sql.savepoint.run()
    try {
      const result = piece()
      this.#sql.release.run()
      return result
    } catch (cause) {
      if (isDiskTrouble(cause)) throw cause
      this.#sql.rollback.run()
      this.#sql.release.run()
      this.#held.reload()
      return failed(cause)
    }
  }
}

function prepareAll(db: Database.Database) {
  return {
    savepoint: db.prepare('SAVEPOINT piece'),
    release: db.prepare('RELEASE piece'),
    rollback: db.prepare('ROLLBACK TO piece'),
  }
}
