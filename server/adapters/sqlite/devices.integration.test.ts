import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { DeviceId, OutboxEpoch } from '../../../relay/protocol/ids.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import { Devices } from './devices.ts'
import { openDatabase } from './open-database.ts'
import { People } from './people.ts'

const ROOM = { used: 3, alone: 2, alonePerSource: 2, strangers: 4 }

let folder = ''
let db: Database.Database
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-devices-'))
  db = openDatabase(folder)
  // What is tested is who is there, not that it lasts.
  db.pragma('synchronous = OFF')
})
afterEach(async () => {
  db.close()
  await rm(folder, { recursive: true, force: true })
})

function come(devices: Devices, name: string, source: string, second = 0): boolean {
  const device = { id: name as DeviceId, name, areas: [], status: 'active' as const }
  return devices.register({ device, publicKey: '{}', source, at: at(second) })
}
function signIn(devices: Devices, name: string): void {
  db.prepare('INSERT OR IGNORE INTO sign_ins (device, operator) VALUES (?, ?)').run(name, 'kim')
  devices.signedIn(name as DeviceId, at(1))
}
const at = (second: number) => `2026-11-20T03:00:${String(second).padStart(2, '0')}.000Z`
const ids = (devices: Devices) => devices.all().map(({ id }) => id)

it('[T18] [P8] strangers of one address take one another’s places, never another’s, and the rest is refused and counted', () => {
  const devices = new Devices(db, ROOM)
  const loud = Array.from({ length: 9 }, (_, index) => come(devices, `loud-${index}`, '10.6.6.6', index))
  expect(loud.filter((isTaken) => isTaken)).toHaveLength(ROOM.strangers)
  expect(come(devices, 'board', '10.0.0.7', 10)).toBe(true)
  expect(ids(devices)).toEqual(['board', 'loud-1', 'loud-2', 'loud-3'])
  expect(come(devices, 'loud-9', '10.6.6.6', 11)).toBe(false)
  expect(devices.counts()).toEqual({ used: 0, alone: 0, strangers: 4, refused: 6, evicted: 1, forgotten: 0 })
})

it('[T18] [P8] a used device never makes room, and a site that is full of them takes no stranger', () => {
  const devices = new Devices(db, ROOM)
  for (const name of ['a', 'b', 'c']) {
    come(devices, name, '10.6.6.6')
    signIn(devices, name)
  }
  expect(come(devices, 'd', '10.0.0.7')).toBe(false)
  expect(ids(devices)).toEqual(['a', 'b', 'c'])
  expect(devices.counts()).toMatchObject({ used: 3, strangers: 0, refused: 1 })
})

it('[T18] what makes room goes with its marks and results, so that it is told it was forgotten', () => {
  const devices = new Devices(db, ROOM)
  for (let index = 0; index < ROOM.strangers; index += 1) come(devices, `loud-${index}`, '10.6.6.6', index)
  db.exec(`INSERT INTO marks VALUES ('loud-0', 'e', 'normal', 1, '', NULL)`)
  db.exec(`INSERT INTO results VALUES ('loud-0', 'e', 'normal', 1, 'id', '{}')`)
  expect(come(devices, 'board', '10.0.0.7')).toBe(true)
  const left = ['marks', 'results'].map((table) => db.prepare(`SELECT COUNT(*) FROM ${table}`).pluck().get())
  expect([devices.find('loud-0' as DeviceId), ...left]).toEqual([null, 0, 0])
})

it('[T18] a rolled-back transaction takes nothing with it: what is held in memory is what is in the file', () => {
  const devices = new Devices(db, ROOM)
  come(devices, 'a', '10.0.0.7')
  const broken = db.transaction(() => {
    devices.use('a' as DeviceId, at(1))
    come(devices, 'b', '10.0.0.7')
    throw new Error('the disk is full')
  })
  expect(broken).toThrow('the disk is full')
  devices.rolledBack()
  expect(devices.counts()).toMatchObject({ used: 0, strangers: 1 })
  expect([devices.isStranger('a' as DeviceId), devices.isStranger('b' as DeviceId)]).toEqual([true, false])
})

it('[T18] [P8] devices on which nobody signed in are used within a bound of their own, and take no place of a person’s', () => {
  const devices = new Devices(db, { ...ROOM, used: 4, strangers: 9, alone: 3 })
  const names = ['loud-0', 'loud-1', 'loud-2', 'loud-3', 'loud-4']
  for (const name of names) come(devices, name, '10.6.6.6')
  // One address has two of them, however many keys it makes; the rest stays what it was.
  expect(names.map((name) => devices.use(name as DeviceId, at(1)))).toEqual([true, true, false, false, false])
  for (const name of ['gateway', 'other']) come(devices, name, '10.0.0.7')
  expect(['gateway', 'other'].map((name) => devices.use(name as DeviceId, at(1)))).toEqual([true, false])
  expect(devices.counts()).toMatchObject({ used: 3, alone: 3, strangers: 4 })
  expect(devices.use('gateway' as DeviceId, at(2))).toBe(true)
  // The last place is a terminal's.
  come(devices, 'terminal', '10.0.0.8')
  signIn(devices, 'terminal')
  expect(devices.counts()).toMatchObject({ used: 4, alone: 3, strangers: 4 })
  // Somebody signs in on one of them: it is a person's, and another one has its place.
  signIn(devices, 'loud-0')
  expect(devices.isAlone('loud-0' as DeviceId)).toBe(false)
  expect(new Devices(db, ROOM).counts()).toMatchObject({ used: 4, alone: 2, strangers: 4 })
})

class WatchedDevices extends Devices {
  reads = 0
  override find(id: DeviceId) {
    this.reads += 1
    return super.find(id)
  }
}

it('[T13] [T17] who is used is known without a read, for each of a thousand reviews that may have to make room', () => {
  const devices = new WatchedDevices(db, ROOM)
  come(devices, 'a', '10.0.0.7')
  signIn(devices, 'a')
  const people = new People(db, devices)
  const names = ['a', ...Array.from({ length: 11 }, (_, index) => `known-no-more-${index}`)]
  for (let seq = 1; seq <= LIMITS.maxReviewsPerDevice; seq += 1)
    for (const name of names) {
      const detail = { epoch: 'e' as OutboxEpoch, lane: 'normal', seq } as const
      people.addReview({ kind: 'outbox-forked', device: name as DeviceId, detail, at: at(1) })
    }
  const { rows } = people.reviews()
  const kept = rows.filter(({ device }) => device === 'a')
  expect([rows.length, kept.length]).toEqual([LIMITS.maxReviews, LIMITS.maxReviewsPerDevice])
  expect(devices.reads).toBe(0)
})
