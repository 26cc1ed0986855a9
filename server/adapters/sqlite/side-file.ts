import { closeSync, openSync, rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { Migration } from '../../migrations/migrations.ts'
import { nativeBinding } from './open-database.ts'

/** A file beside the store, of one thread: what the floor can miss, or make anew from the store. */
export interface SideFile {
  readonly file: string
  /** Four letters that say whose file it is, as 'ANDN' is the store. */
  readonly applicationId: number
  /** Every step of its schema; the number of the last is its `user_version`. */
  readonly steps: readonly Migration[]
  /** `NORMAL`: a power cut may cost the last batches, never the file. */
  readonly synchronous: 'FULL' | 'NORMAL'
}

/** It was written by a newer Andon. */
export class NewerSchema extends Error {
  readonly version: number

  constructor(file: string, version: number) {
    super(`${file} has schema ${version}`)
    this.version = version
  }
}

/**
 * Opens (or makes) the file, exclusively and migrated, for its owner only.
 *
 * @throws {NewerSchema}
 * @throws {Database.SqliteError} when it is damaged, or cannot be written
 */
export function openSideFile({ file, applicationId, steps, synchronous }: SideFile): Database.Database {
  closeSync(openSync(file, 'a', 0o600))
  const db = new Database(file, { timeout: 2000, ...nativeBinding() })
  try {
    db.pragma('locking_mode = EXCLUSIVE')
    db.pragma('journal_mode = WAL')
    db.pragma(`synchronous = ${synchronous}`)
    const version = Number(db.pragma('user_version', { simple: true }))
    if (version > steps.length) throw new NewerSchema(file, version)
    for (const [index, { sql }] of steps.entries()) {
      if (index < version) continue
      db.transaction(() => {
        db.exec(sql)
        db.pragma(`application_id = ${applicationId}`)
        db.pragma(`user_version = ${index + 1}`)
      }).immediate()
    }
    return db
  } catch (cause) {
    db.close()
    throw cause
  }
}

/** Of a file that can be made anew: one that is damaged, or of a newer Andon, is thrown away, and `failed` is told why. */
export function openOrMakeAnew<S>(
  side: SideFile,
  prepare: (db: Database.Database) => S,
  failed: (cause: unknown) => void,
): { readonly db: Database.Database; readonly sql: S } {
  try {
    return openPrepared(side, prepare)
  } catch (cause) {
    if (!(cause instanceof NewerSchema) && !isDamaged(cause)) throw cause
    failed(cause)
    throwAway(side.file)
    return openPrepared(side, prepare)
  }
}

function openPrepared<S>(side: SideFile, prepare: (db: Database.Database) => S) {
  const db = openSideFile(side)
  try {
    return { db, sql: prepare(db) }
  } catch (cause) {
    db.close()
    throw cause
  }
}

/** Whether the file itself is what is wrong. */
export function isDamaged(cause: unknown): boolean {
  if (!(cause instanceof Database.SqliteError)) return false
  return cause.code === 'SQLITE_NOTADB' || cause.code.startsWith('SQLITE_CORRUPT')
}

/** With its log. */
export function throwAway(file: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true })
}
