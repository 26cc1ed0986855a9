import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { StoreError } from './store-error.ts'
import type { Range, Table } from '../ports.ts'

/** "ANDR" in the file's header: what `file(1)` and we know a relay's database by. */
export const APPLICATION_ID = 0x41_4e_44_52
/** Layout of the file, `PRAGMA user_version`. History: 1 one table of rows. */
export const FILE_VERSION = 1
/** Bytes of a page: SQLite's default, which we never change. */
const PAGE_BYTES = 4096
/** Patience with a relay that is just ending, for example under a supervisor that restarts it. */
const BUSY_MS = 1_000

/** A `Write` whose value is already JSON. */
export type TextWrite =
  | { readonly op: 'put'; readonly table: Table; readonly key: string; readonly text: string }
  | { readonly op: 'delete'; readonly table: Table; readonly key: string }
  | { readonly op: 'delete-range'; readonly table: Table; readonly from: string; readonly to: string }

export interface TextRow {
  readonly key: string
  readonly text: string
}

/** A relay's database file, opened by this thread and by nobody else. Synchronous. */
export interface SqliteFile {
  read(table: Table, range: Range): TextRow[]
  /**
   * Commits every batch with one fsync where it can; each is all or nothing. Answers in the order of the batches: null,
   * or why this one failed while the others may stand.
   */
  write(batches: readonly (readonly TextWrite[])[]): (StoreError | null)[]
  close(): void
}

/**
 * Opens the file, or makes it (mode 0600: it holds the device's private key) unless it `mustExist`. Throws `StoreError`.
 *
 * 1. `locking_mode=EXCLUSIVE` holds an OS lock on the file from the first statement to the end of the process, however
 *    it ends. A second opener gets `storage-busy`.
 * 2. WAL with `synchronous=FULL`: one fsync per commit, and a commit that returned survives a power cut (P1).
 * 3. A log (WAL) without its database, or beside an empty one, may hold the only copy of what was saved: SQLite would throw it
 *    away, so it is refused and left as it is. So is a file that was cut short, whose missing end SQLite reads as zeros.
 * 4. Keys are stored as UTF-16BE bytes, because SQLite compares bytes and the port orders by UTF-16 code units; UTF-8
 *    would put `U+1F6D1` behind `U+FFFF`.
 */
export function openSqliteFile(
  path: string,
  {
    nativeBinding,
    mustExist = false,
  }: { readonly nativeBinding?: string | undefined; readonly mustExist?: boolean } = {},
): SqliteFile {
  makeFolder(dirname(path))
  refuseWhatWasCut(path)
  let db: Database.Database | undefined
  try {
    const native = nativeBinding === undefined ? {} : { nativeBinding }
    db = new Database(path, { timeout: BUSY_MS, fileMustExist: mustExist, ...native })
    // Not by opening it with a mode first: closing any descriptor of a file drops this process's locks on it (fcntl).
    chmodSync(path, 0o600)
    db.pragma('locking_mode = EXCLUSIVE')
    const isReady = checkHeader(db, path)
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.pragma('fullfsync = ON') // macOS, where fsync alone leaves data in the drive's cache; no effect elsewhere
    if (!isReady) prepareSchema(db)
    checkPages(db, path)
    return serve(db, path)
  } catch (error) {
    db?.close()
    throw inWords(error, path)
  }
}

/** A new folder survives a power cut once the folder it is in was synced. Windows has no such call and needs none. */
function makeFolder(folder: string): void {
  try {
    const first = mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (first === undefined || process.platform === 'win32') return
    const parent = openSync(dirname(first), 'r')
    fsyncSync(parent)
    closeSync(parent)
  } catch (error) {
    throw new StoreError(
      'storage-failed',
      `The folder ${folder} cannot be made. Check its path and permissions.`,
      error,
    )
  }
}

function refuseWhatWasCut(path: string): void {
  const [size, log] = [sizeOf(path), sizeOf(`${path}-wal`)]
  if (log > 0 && size === 0) {
    throw new StoreError(
      'storage-corrupt',
      `${path}-wal holds what was saved last, but ${path} is gone or empty. Put it back beside it; or keep a copy of the log for support, move it away and start again: this device then registers anew.`,
    )
  }
  // While its log is there, a page that was cut is mended from it.
  if (log === 0 && size % PAGE_BYTES !== 0) throw corrupt(path)
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/** True when it has our layout already: then nothing needs to be written, and it opens on a full disk, too. */
function checkHeader(db: Database.Database, path: string): boolean {
  const id = db.pragma('application_id', { simple: true })
  const version = Number(db.pragma('user_version', { simple: true }))
  const isEmpty = db.prepare('SELECT count(*) AS n FROM sqlite_schema').pluck().get() === 0
  if (id !== APPLICATION_ID && !(id === 0 && isEmpty)) {
    throw new StoreError('storage-foreign', `${path} belongs to another program. Choose another data folder.`)
  }
  if (version > FILE_VERSION) {
    throw new StoreError('storage-newer', `${path} was written by a newer Andon. Install that version or a later one.`)
  }
  return id === APPLICATION_ID && version === FILE_VERSION && !isEmpty
}

function prepareSchema(db: Database.Database): void {
  db.transaction(() => {
    db.exec(`CREATE TABLE IF NOT EXISTS rows (
      tbl TEXT NOT NULL, key BLOB NOT NULL, value TEXT NOT NULL, PRIMARY KEY (tbl, key)
    ) STRICT, WITHOUT ROWID`)
    db.pragma(`application_id = ${APPLICATION_ID}`)
    db.pragma(`user_version = ${FILE_VERSION}`)
  }).exclusive()
}

/** A damaged page is found here, in words, and not in the middle of a shift. About 1 ms per megabyte. */
function checkPages(db: Database.Database, path: string): void {
  if (db.pragma('quick_check(1)', { simple: true }) !== 'ok') throw corrupt(path)
}

function serve(db: Database.Database, path: string): SqliteFile {
  const select = 'SELECT key, value FROM rows WHERE tbl = ? AND key >= ?'
  const readFrom = db.prepare<[string, Buffer, number], [Buffer, string]>(`${select} ORDER BY key LIMIT ?`).raw()
  const readBetween = db
    .prepare<[string, Buffer, Buffer, number], [Buffer, string]>(`${select} AND key < ? ORDER BY key LIMIT ?`)
    .raw()
  const put = db.prepare<[string, Buffer, string]>('INSERT OR REPLACE INTO rows (tbl, key, value) VALUES (?, ?, ?)')
  const remove = db.prepare<[string, Buffer]>('DELETE FROM rows WHERE tbl = ? AND key = ?')
  const removeRange = db.prepare<[string, Buffer, Buffer]>('DELETE FROM rows WHERE tbl = ? AND key >= ? AND key < ?')

  const apply = (write: TextWrite): void => {
    if (write.op === 'put') put.run(write.table, keyBytes(write.key), write.text)
    else if (write.op === 'delete') remove.run(write.table, keyBytes(write.key))
    else removeRange.run(write.table, keyBytes(write.from), keyBytes(write.to))
  }
  const commit = db.transaction((batches: readonly (readonly TextWrite[])[]) => {
    for (const batch of batches) for (const write of batch) apply(write)
  })
  const tryCommit = (batches: readonly (readonly TextWrite[])[]): StoreError | null => {
    try {
      commit.immediate(batches)
      return null
    } catch (error) {
      return inWords(error, path)
    }
  }

  return {
    read(table, { from = '', to, limit }) {
      const atMost = limit === undefined ? -1 : Math.max(0, limit) // SQLite: a negative limit is none
      try {
        const rows =
          to === undefined
            ? readFrom.all(table, keyBytes(from), atMost)
            : readBetween.all(table, keyBytes(from), keyBytes(to), atMost)
        return rows.map(([key, text]) => ({ key: keyText(key), text }))
      } catch (error) {
        throw inWords(error, path)
      }
    },
    write(batches) {
      const failure = tryCommit(batches)
      if (failure === null) return batches.map(() => null)
      // One batch must not take the others down with it; alone, each finds its own outcome.
      return batches.length === 1 ? [failure] : batches.map((batch) => tryCommit([batch]))
    },
    close() {
      db.close()
    },
  }
}

function keyBytes(key: string): Buffer {
  return Buffer.from(key, 'utf16le').swap16()
}

function keyText(bytes: Buffer): string {
  return bytes.swap16().toString('utf16le') // in place: the row's own copy
}

function corrupt(path: string, cause?: unknown): StoreError {
  return new StoreError(
    'storage-corrupt',
    `${path} is damaged. Keep a copy of it for support, move it away and start again: this device then registers anew.`,
    cause,
  )
}

function inWords(error: unknown, path: string): StoreError {
  if (error instanceof StoreError) return error
  const code = error instanceof Database.SqliteError ? error.code : ''
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new StoreError(
      'storage-busy',
      `Another program has ${path} open. Stop it, or choose another data folder.`,
      error,
    )
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return corrupt(path, error)
  if (code === 'SQLITE_FULL') {
    return new StoreError('storage-full', `The disk that holds ${path} is full. Make room on it.`, error)
  }
  const detail = error instanceof Error ? error.message : String(error)
  return new StoreError(
    'storage-failed',
    `${path} cannot be used (${detail}). Check the disk and its permissions.`,
    error,
  )
}
