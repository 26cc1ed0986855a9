import Database from 'better-sqlite3'

/**
 * Whether this is trouble of the database itself (full disk, I/O), which is everybody's. A constraint that does not hold is a
 * mistake of whoever wrote, and theirs alone.
 */
export function isDiskTrouble(cause: unknown): boolean {
  return cause instanceof Database.SqliteError && !cause.code.startsWith('SQLITE_CONSTRAINT')
}
