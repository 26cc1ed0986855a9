import { accessSync, chmodSync, closeSync, constants, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { StoreOpenError } from '../../ports/store-errors.ts'
import { migrations } from '../../migrations/migrations.ts'
import { readMark } from './mark-file.ts'

/** 'ANDN' — so that `file` and we ourselves can tell whose database this is. */
const APPLICATION_ID = 0x414e444e

/** Bytes of a page: SQLite's default, which we never change. */
const PAGE_BYTES = 4096

export const DATABASE_FILE = 'andon.sqlite'

/**
 * Opens (or makes) `andon.sqlite` in the folder, exclusively, checked and migrated. WAL with `synchronous=FULL`: a commit
 * that returned survives a power cut (P1).
 *
 * @throws {StoreOpenError} with a sentence that says what to do
 */
export function openDatabase(folder: string): Database.Database {
  const file = join(folder, DATABASE_FILE)
  const before = { size: sizeOf(file), log: sizeOf(`${file}-wal`) }
  refuseLogAlone(file, before)
  const isNew = !existsSync(file)
  try {
    makeFolder(folder)
    accessSync(folder, constants.W_OK)
    // The signing key and the PINs' hashes are in it: for its owner only. SQLite gives its log the same rights.
    closeSync(openSync(file, 'a', 0o600))
    chmodSync(file, 0o600)
  } catch (cause) {
    throw new StoreOpenError(
      'database-unwritable',
      `The data folder ${folder} cannot be written to; check its owner and rights, or choose another with --data.`,
      { cause },
    )
  }
  let db: Database.Database | null = null
  try {
    db = new Database(file, { timeout: 2000, ...nativeBinding() })
    // While its log is there, a page that was cut is mended from it.
    const isCut = before.log === 0 && before.size % PAGE_BYTES !== 0
    prepare(db, { file, hasPast: !isNew && readMark(folder) !== null, isCut })
    return db
  } catch (cause) {
    db?.close()
    throw cause instanceof StoreOpenError ? cause : openError(cause, file)
  }
}

/**
 * Makes the folder and what is missing above it, one by one: Node's own recursive `mkdir` never ends below a file system that
 * answers "no such entry" to everything (`/proc`).
 */
export function makeFolder(folder: string): void {
  const missing: string[] = []
  for (let path = resolve(folder); !existsSync(path); path = dirname(path)) missing.unshift(path)
  for (const path of missing) mkdirSync(path, { mode: 0o700 })
}

/**
 * T8: a log without its database. SQLite would start a new one and throw the log away, which may hold the only copy of what was
 * committed last.
 */
function refuseLogAlone(file: string, { size, log }: { readonly size: number; readonly log: number }): void {
  if (size > 0 || log === 0) return
  throw new StoreOpenError(
    'database-missing',
    `${file}-wal holds what was written last, but its database ${file} is gone; put that database back beside it, or move the log away and start from a backup or empty.`,
  )
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

/** Electron and packaged programs bring the native binding from elsewhere. */
export function nativeBinding(): { nativeBinding: string } | object {
  const path = process.env['ANDON_SQLITE_BINDING']
  return path === undefined ? {} : { nativeBinding: path }
}

interface Found {
  readonly file: string
  /** The file was there, and the mark beside it knows of commits in it. */
  readonly hasPast: boolean
  /** It ends in the middle of a page. */
  readonly isCut: boolean
}

function prepare(db: Database.Database, { file, hasPast, isCut }: Found): void {
  // The lock goes with the process, however it dies; a second server on the same folder is refused.
  db.pragma('locking_mode = EXCLUSIVE')
  const version = Number(db.pragma('user_version', { simple: true }))
  const owner = Number(db.pragma('application_id', { simple: true }))
  // Without a schema of ours: a first start that died, if there is nothing at all in it; otherwise it is no longer, or never was, ours.
  const isEmpty = version === 0 && db.prepare('SELECT 1 FROM sqlite_schema').get() === undefined
  if (isEmpty ? hasPast : version === 0 && owner === APPLICATION_ID) throw corrupt(file)
  if (!isEmpty && owner !== APPLICATION_ID) {
    throw new StoreOpenError(
      'database-corrupt',
      `${file} is not a database of Andon; choose another folder with --data.`,
    )
  }
  if (version > migrations.length) {
    throw new StoreOpenError(
      'database-newer',
      `${file} was written by a newer Andon (schema ${version}, this one knows ${migrations.length}); update Andon, or choose another folder with --data.`,
    )
  }
  // Only now: WAL is written into the file, and a file that is refused is left as it was.
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('fullfsync = ON') // macOS, where fsync leaves data in the drive's cache; no effect elsewhere
  db.pragma('foreign_keys = ON')
  if (version > 0 && (isCut || db.pragma('quick_check(1)', { simple: true }) !== 'ok')) throw corrupt(file)
  for (const [index, migration] of migrations.entries()) {
    if (index < version) continue
    db.transaction(() => {
      db.exec(migration.sql)
      db.pragma(`application_id = ${APPLICATION_ID}`)
      db.pragma(`user_version = ${index + 1}`)
    }).immediate()
  }
  // A file that cannot be written says so at the first write, and that is to be now, not at somebody's first command.
  db.pragma(`application_id = ${APPLICATION_ID}`)
}

function openError(cause: unknown, file: string): StoreOpenError {
  const code = cause instanceof Database.SqliteError ? cause.code : ''
  if (code.startsWith('SQLITE_BUSY'))
    return new StoreOpenError(
      'database-busy',
      `${file} is in use by another Andon; stop that one, or choose another folder with --data.`,
      { cause },
    )
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) return corrupt(file, { cause })
  if (/^SQLITE_(CANTOPEN|READONLY|IOERR|PERM)/.test(code)) {
    return new StoreOpenError(
      'database-unwritable',
      `${file} cannot be opened for writing; check its owner and rights, or choose another folder with --data.`,
      { cause },
    )
  }
  if (code === 'SQLITE_FULL')
    return new StoreOpenError('database-unwritable', `The disk of ${file} is full; make room and start again.`, {
      cause,
    })
  return new StoreOpenError(
    'database-corrupt',
    `${file} cannot be opened (${code || String(cause)}); "andon doctor" says more, or choose another folder with --data.`,
    { cause },
  )
}

function corrupt(file: string, options?: ErrorOptions): StoreOpenError {
  return new StoreOpenError(
    'database-corrupt',
    `${file} is damaged; restore it from a backup, or move it away to start empty.`,
    options,
  )
}
