import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** How far a database has come: its incarnation, and how many groups it has committed in it. */
export interface HighWater {
  readonly incarnation: string
  readonly commits: number
}

/**
 * A small record beside the database of how far it has come. When the database knows less than this file, somebody put an
 * older copy in its place, and offsets of the lost time would come to mean something else (realtime pitfall 3).
 *
 * It is written about once a second and not fsynced: after a power cut it may be behind, never ahead, of what was committed.
 */
export function readMark(folder: string): HighWater | null {
  try {
    const value = JSON.parse(readFileSync(path(folder), 'utf8')) as Partial<HighWater>
    if (typeof value.incarnation !== 'string' || typeof value.commits !== 'number') return null
    return { incarnation: value.incarnation, commits: value.commits }
  } catch {
    // Missing at the first start, torn by a power cut: then nothing is known, and nothing is claimed.
    return null
  }
}

export function writeMark(folder: string, mark: HighWater): void {
  const file = path(folder)
  writeFileSync(`${file}.new`, `${JSON.stringify(mark)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

function path(folder: string): string {
  return join(folder, 'andon.mark')
}
