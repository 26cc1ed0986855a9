import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { DeviceId } from '../../../relay/protocol/ids.ts'
import { LinkNumbers } from './link-numbers.ts'
import { openDatabase } from './open-database.ts'

const DEVICE = 'd'.repeat(43) as DeviceId
const AT = '2026-11-20T03:00:00.000Z'

let folder = ''
let db: Database.Database
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'andon-links-'))
  db = openDatabase(folder)
  db.prepare(
    `INSERT INTO devices (id, public_key, name, areas, status, first_seen, last_seen) VALUES (?, '{}', 'Press 2', '[]', 'active', ?, ?)`,
  ).run(DEVICE, AT, AT)
})
afterEach(() => {
  db.close()
  rmSync(folder, { recursive: true, force: true })
})

it('[N11] a number that was given out is given again to nobody, whatever becomes of the commit', () => {
  const links = new LinkNumbers(db)
  const first = links.raise(DEVICE)
  links.write()
  links.rolledBack()
  expect(links.isStale(DEVICE, first)).toBe(false)
  const second = links.raise(DEVICE)
  expect([second > first, links.isStale(DEVICE, first), links.isStale(DEVICE, second)]).toEqual([true, true, false])
  links.write()
  links.committed()
  expect(new LinkNumbers(db).raise(DEVICE)).toBe(second + 1)
})

it('[N11] a link that names no number is never stale, and a device that is not known has numbers of its own', () => {
  const links = new LinkNumbers(db)
  const stranger = 'e'.repeat(43) as DeviceId
  links.raise(DEVICE)
  links.raise(DEVICE)
  expect(links.isStale(DEVICE, undefined)).toBe(false)
  expect(links.raise(stranger)).toBe(1)
})
