import { copyFileSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { MAX_REPLACED, WORK_FOLDERS } from '../../ports/backups.ts'
import { ChannelTable } from './channel-table.ts'
import { newIncarnation } from './incarnation.ts'
import { DATABASE_FILE, makeFolder, openDatabase } from './open-database.ts'

/** A copy that was decided on waits in `restored-TIME`; what it takes the place of becomes `replaced-TIME.sqlite`. */
const DECIDED = 'restored-'
const REPLACED = 'replaced-'
/** A name that `swapIn` made; a file that a person named is not ours. */
const REPLACED_FILE = /^(replaced-\d{4}-\d\d-\d\dT[\d-]+Z\.sqlite)(?:-wal|-shm)?$/
/** Parts of a database beside its file. The log goes first: without its database it would stop the next start. */
const LOG_FILES = ['-wal', '-shm']

/** What was done, and how to take it back should the server not start with it. */
export interface SwappedIn {
  /** Where the former database is now; null when there was none. */
  readonly replaced: string | null
  undo(): void
}

/**
 * Copies a backup beside the database, checks the copy and gives it a new incarnation. Nothing of the running database is
 * touched; `swapIn` does that.
 *
 * @returns the folder the checked copy waits in
 * @throws {StoreOpenError} when the file is damaged, newer, or no database of Andon
 */
export function prepareRestore(folder: string, file: string): string {
  makeFolder(folder)
  const waiting = mkdtempSync(join(folder, WORK_FOLDERS.restoring))
  try {
    copyFileSync(file, join(waiting, DATABASE_FILE))
    const db = openDatabase(waiting)
    newIncarnation(db, new ChannelTable(db))
    // Closing the only connection checkpoints the log: the copy is one file again.
    db.close()
    return waiting
  } catch (cause) {
    rmSync(waiting, { recursive: true, force: true })
    throw cause
  }
}

/**
 * Puts the prepared copy in the database's place; the store must be closed. Its first step is one rename: before it nothing
 * has happened, after it `finishRestore` carries the rest out at the next start should this process die here.
 */
export function swapIn(folder: string, waiting: string, now: string): SwappedIn {
  renameSync(waiting, join(folder, `${DECIDED}${now.replaceAll(/[:.]/g, '-')}`))
  const swapped = finishRestore(folder)
  if (swapped === null) throw new Error(`the copy in ${waiting} is gone`)
  return swapped
}

/** Carries out a restore that was decided on and not finished; null when there is none. Before the database is opened. */
export function finishRestore(folder: string): SwappedIn | null {
  // Whether the folder can be used at all is for `openDatabase` to say.
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
  const decided = isFolder ? readdirSync(folder).find((name) => name.startsWith(DECIDED)) : undefined
  if (decided === undefined) return null
  const copy = join(folder, decided, DATABASE_FILE)
  const file = join(folder, DATABASE_FILE)
  const replaced = join(folder, `${REPLACED}${decided.slice(DECIDED.length)}.sqlite`)
  const isThere = existsSync(copy)
  if (isThere) {
    // A log left by a crash belongs to the replaced database; next to the new one it would be applied to it.
    for (const suffix of [...LOG_FILES, '']) moveIfThere(file + suffix, replaced + suffix)
    renameSync(copy, file)
    removeReplaced(folder, replaced)
  }
  rmSync(join(folder, decided), { recursive: true, force: true })
  if (!isThere) return null
  return {
    replaced: existsSync(replaced) ? replaced : null,
    undo() {
      for (const suffix of [...LOG_FILES, '']) {
        rmSync(file + suffix, { force: true })
        moveIfThere(replaced + suffix, file + suffix)
      }
    },
  }
}

/** Removes all but the newest replaced databases. `latest` stays even if the clock was put back: a restore can be taken back. */
function removeReplaced(folder: string, latest: string): void {
  const names = new Set(readdirSync(folder).flatMap((name) => REPLACED_FILE.exec(name)?.[1] ?? []))
  names.delete(basename(latest))
  const older = [...names].toSorted().toReversed()
  for (const name of older.slice(MAX_REPLACED - 1))
    for (const suffix of [...LOG_FILES, '']) rmSync(join(folder, name + suffix), { force: true })
}

/**
 * Removes the working folders of backups and restores that a crash left behind. Only while this process holds the database:
 * they may be another server's.
 */
export function removeLeftovers(folder: string): void {
  const prefixes: readonly string[] = Object.values(WORK_FOLDERS)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    // What `mkdtemp` adds is six characters; a folder that a person named is not ours.
    const isOurs = entry.isDirectory() && prefixes.includes(entry.name.slice(0, -6))
    if (isOurs) rmSync(join(folder, entry.name), { recursive: true, force: true })
  }
}

function moveIfThere(from: string, to: string): void {
  if (existsSync(from)) renameSync(from, to)
}
