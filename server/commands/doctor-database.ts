import { existsSync, statSync } from 'node:fs'
import type Database from 'better-sqlite3'
import { migrations } from '../migrations/migrations.ts'
import { databaseFile, fine, reasonOf, wrong, type Finding } from './doctor-checks.ts'
import { checkKeyNames } from './doctor-keys.ts'

/**
 * Whether the database opens, is whole and is not from a newer Andon, and then whether the names in it can be told apart. Only
 * reads; a running server keeps it locked.
 */
export async function checkDatabase(data: string): Promise<readonly Finding[]> {
  const names: Finding[] = []
  const database = await examine(data, (db) => names.push(checkKeyNames(db)))
  return [database, ...names]
}

async function examine(data: string, whole: (db: Database.Database) => void): Promise<Finding> {
  const file = databaseFile(data)
  if (!existsSync(file)) {
    return existsSync(`${file}-wal`)
      ? wrong(
          'database',
          `${file} is gone, and its log ${file}-wal holds what was written last.`,
          'Put that database back beside it, or move the log away and start from a backup or empty.',
        )
      : fine('database', 'There is none yet; the first start makes it.')
  }
  try {
    const { default: Sqlite } = await import('better-sqlite3')
    const db = new Sqlite(file, { readonly: true, fileMustExist: true, timeout: 500 })
    try {
      const version = Number(db.pragma('user_version', { simple: true }))
      if (version > migrations.length) {
        return wrong(
          'database',
          `${file} was written by a newer Andon.`,
          'Update Andon, or choose another folder with --data.',
        )
      }
      const verdict = db.pragma('quick_check(1)', { simple: true })
      if (verdict === 'ok' && version > 0) whole(db)
      return verdict === 'ok'
        ? fine('database', `${file} is whole (schema ${version}).`)
        : wrong('database', `${file} is damaged.`, 'Stop the server and restore a backup.')
    } finally {
      db.close()
    }
  } catch (error) {
    const reason = reasonOf(error)
    if (reason.startsWith('SQLITE_BUSY'))
      return fine('database', `${file} is in use by a running server, which checked it at its start.`)
    return wrong(
      'database',
      `${file} cannot be opened (${reason}).`,
      'Check its rights; if it is damaged, restore a backup.',
    )
  }
}

/** When the database was last written, epoch milliseconds; null when there is none. */
export function databaseTime(data: string): number | null {
  const file = databaseFile(data)
  return existsSync(file) ? statSync(file).mtimeMs : null
}
