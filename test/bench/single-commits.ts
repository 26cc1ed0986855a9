import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'

/** What the disk gives: single-row transactions a second with WAL and FULL, one after the other. */
export function measureSingleCommits(seconds: number): number {
  const folder = mkdtempSync(join(tmpdir(), 'andon-bench-disk-'))
  const db = new Database(join(folder, 'disk.sqlite'))
  try {
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.exec('CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)')
    const insert = db.prepare('INSERT INTO rows (text) VALUES (?)')
    const text = 'x'.repeat(200)
    const end = performance.now() + seconds * 1000
    let count = 0
    for (; performance.now() < end; count += 1) insert.run(text)
    return count / seconds
  } finally {
    db.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
