import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Which floor this data folder belongs to, so that it is not joined to the database of another by mistake. */
export function readFloor(folder: string): string | null {
  try {
    const floor = readFileSync(path(folder), 'utf8').trim()
    return floor === '' ? null : floor
  } catch {
    // Missing at the first start: then every database is the right one.
    return null
  }
}

export function writeFloor(folder: string, floor: string): void {
  writeFileSync(path(folder), `${floor}\n`, { mode: 0o600 })
}

function path(folder: string): string {
  return join(folder, 'andon.floor')
}
