import { randomUUID } from 'node:crypto'
import type Database from 'better-sqlite3'
import type { Incarnation } from '../../../relay/protocol/ids.ts'
import type { ChannelTable } from './channel-table.ts'
import { readMark, type HighWater } from './mark-file.ts'

/**
 * Whose database this is and how far it has come. When the mark beside it knows of a later time of the same incarnation, an
 * older copy was put in its place: a new incarnation and new epochs, so that nothing of the lost time is taken for what comes.
 */
export function takeOver(
  db: Database.Database,
  channels: ChannelTable,
  { folder, failed }: { readonly folder: string; readonly failed: (what: string, cause: unknown) => void },
): HighWater {
  const put = db.prepare<[string, string]>('INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)')
  put.run('incarnation', randomUUID())
  put.run('commits', '0')
  const get = db.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck()
  const known: HighWater = { incarnation: String(get.get('incarnation')), commits: Number(get.get('commits')) }
  const mark = readMark(folder)
  if (mark === null || mark.incarnation !== known.incarnation || mark.commits <= known.commits) return known
  const missing = mark.commits - known.commits
  failed('rolled-back', new Error(`the database is ${missing} commits older than the mark beside it`))
  return { ...known, incarnation: newIncarnation(db, channels) }
}

/** After a restore (P2): devices declare where they are, readers take a snapshot. */
export function newIncarnation(db: Database.Database, channels: ChannelTable): Incarnation {
  const incarnation = randomUUID() as Incarnation
  db.transaction(() => {
    db.prepare<[string]>(`UPDATE meta SET value = ? WHERE key = 'incarnation'`).run(incarnation)
    channels.rotateEpochs()
  }).immediate()
  return incarnation
}
