import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { quantile } from './quantile.ts'

export interface SingleCommits {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** What the disk gives: single-row transactions with WAL and FULL, one after the other. */
export function measureSingleCommits(seconds: number): SingleCommits {
  const folder = mkdtempSync(join(tmpdir(), 'andon-bench-disk-'))
  const db = new Database(join(folder, 'disk.sqlite'))
  try {
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.exec('CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)')
    const insert = db.prepare('INSERT INTO rows (text) VALUES (?)')
    const text = 'x'.repeat(200)
    const took: number[] = []
    const end = performance.now() + seconds * 1000
    for (let at = performance.now(); at < end;) {
      insert.run(text)
      const now = performance.now()
      took.push(now - at)
      at = now
    }
    return { perSecond: took.length / seconds, p50Ms: quantile(took, 0.5), p99Ms: quantile(took, 0.99) }
  } finally {
    db.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
