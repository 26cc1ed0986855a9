import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ChannelTable } from './channel-table.ts'
import { newIncarnation } from './incarnation.ts'
import { DATABASE_FILE, makeFolder, openDatabase } from './open-database.ts'

/**
 * Copies a backup beside the database, checks the copy and gives it a new incarnation. Nothing of the running database is
 * touched; `swapIn` does that in one step.
 *
 * @returns the folder the checked copy waits in
 * @throws {StoreOpenError} when the file is damaged, newer, or no database of Andon
 */
export function prepareRestore(folder: string, file: string): string {
  makeFolder(folder)
  const waiting = mkdtempSync(join(folder, 'restoring-'))
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
 * Puts the prepared copy in the database's place; the store must be closed.
 *
 * @returns takes it back, should the server not start with it
 */
export function swapIn(
  folder: string,
  waiting: string,
  now: string,
): { readonly replaced: string | null; undo(): void } {
  const file = join(folder, DATABASE_FILE)
  const replaced = existsSync(file) ? join(folder, `replaced-${now.replaceAll(/[:.]/g, '-')}.sqlite`) : null
  if (replaced !== null) renameSync(file, replaced)
  // A log left by a crash belongs to the replaced database; next to the new one it would be applied to it.
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true })
  renameSync(join(waiting, DATABASE_FILE), file)
  rmSync(waiting, { recursive: true, force: true })
  return {
    replaced,
    undo() {
      for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
      if (replaced !== null) renameSync(replaced, file)
    },
  }
}
