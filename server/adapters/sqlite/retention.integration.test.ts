import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { KEPT_MS } from '../../core/retention.ts'
import { policyOfAll } from '../../testing/channel-policy.ts'
import { ChannelTable } from './channel-table.ts'
import { Devices } from './devices.ts'
import { openDatabase } from './open-database.ts'
import { MAX_AGED_CHANNELS, MAX_STEP_ROWS, Pruning } from './retention.ts'
import type { RetentionPolicy } from '../../ports/retention.ts'

const NOW = '2026-11-20T03:00:00.000Z'
const DAY = 86_400_000
const TABLES = ['events', 'receipts', 'marks', 'results', 'idempotency'] as const
const DEVICE = 'd'.repeat(43)

let folder = ''
let db: Database.Database
let channels: ChannelTable
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-retention-'))
  db = openDatabase(folder)
  // What is tested is what is deleted, not that it lasts.
  db.pragma('synchronous = OFF')
  addDevice(DEVICE, { usedAt: NOW, lastSeen: NOW })
})
afterEach(async () => {
  db.close()
  await rm(folder, { recursive: true, force: true })
})

it('[T16] a step deletes a bounded number of rows of all tables together, and the limits hold after enough of them', () => {
  for (const line of [1, 2, 3]) fillChannel(`chat/line-${line}`, 900, () => NOW)
  fillReceipts(300, ago(401))
  fillLane('gone', 300, ago(401))
  fillKeys(300, ago(8))
  const deleted = steps(pruning({ maxEvents: 100 }))
  expect(Math.max(...deleted)).toBe(MAX_STEP_ROWS)
  expect(counts()).toEqual({ events: 300, receipts: 0, marks: 0, results: 0, idempotency: 0 })
})

it('[T16] keeps up with 5,000 events a second on one channel at ten steps a second, a quarter of those that can come', () => {
  fillChannel('chat/line-1', 1_000 + 5_000, () => NOW)
  const pruner = pruning({ maxEvents: 1_000 })
  for (let step = 0; step < 10; step += 1) prune(pruner)
  expect(counts().events).toBe(1_000)
})

it('[T16] one channel that has much to delete holds up none of the others for longer than a round', () => {
  fillChannel('chat/line-1', 20_000, () => NOW)
  for (const line of [2, 3, 4]) fillChannel(`chat/line-${line}`, MAX_STEP_ROWS + 1, () => NOW)
  const pruner = pruning({ maxEvents: 1 })
  for (let step = 0; step < 4; step += 1) prune(pruner)
  expect(floors().map(({ top, floor }) => top - floor)).toEqual([20_000 - MAX_STEP_ROWS, 1, 1, 1])
})

it('[T16] a look at history that is due by neither size nor age reads a bounded number of rows, and finds nothing', () => {
  for (let line = 1; line <= MAX_AGED_CHANNELS + 4; line += 1) fillChannel(`chat/line-${line}`, 600, () => NOW)
  fillReceipts(600, ago(399))
  fillLane('kept', 600, ago(399))
  fillKeys(600, ago(6))
  const touched = countTouched()
  const pruner = pruning({})
  const rows = Array.from({ length: 10 }, () => {
    const before = touched.rows
    expect(pruner.find(NOW, () => false)).toBeNull()
    return touched.rows - before
  })
  // Ten halvings of a step's rows for each channel looked at, and a share of the receipts and of the marks.
  expect(Math.max(...rows)).toBeLessThan(MAX_AGED_CHANNELS * 10 + MAX_STEP_ROWS / 4)
  expect(Math.min(...rows)).toBeGreaterThan(0)
})

it('[T16] [P8] what is too old goes from every table, and nothing else does', () => {
  for (let line = 1; line <= MAX_AGED_CHANNELS + 4; line += 1)
    fillChannel(`chat/line-${line}`, 70, (offset) => ago(offset <= 30 ? 32 : 30))
  for (const id of ['old', 'late']) addDevice(id, { usedAt: ago(500), lastSeen: NOW })
  fillReceipts(200, ago(401), 'old')
  fillReceipts(200, ago(399), 'late')
  for (const [lane, days] of [
    ['gone', 401],
    ['kept', 399],
  ] as const)
    fillLane(lane, 200, ago(days))
  fillKeys(100, ago(8))
  fillKeys(100, ago(6))
  const pruner = pruning({})
  for (let step = 0; step < 40; step += 1) prune(pruner)
  expect(counts()).toEqual({
    events: (MAX_AGED_CHANNELS + 4) * 40,
    receipts: 200,
    marks: 1,
    results: 200,
    idempotency: 100,
  })
  expect(new Set(floors().map(({ floor, floorId }) => `${floor} ${String(floorId)}`))).toEqual(new Set(['30 id-30']))
  expect(db.prepare('SELECT DISTINCT epoch FROM results').pluck().all()).toEqual(['kept'])
  expect(db.prepare('SELECT MIN(at) FROM receipts').pluck().get()).toBe(ago(399))
})

it('[T16] an event stamped with the future goes with an older one behind it; one from long ago takes nothing younger with it', () => {
  const jumped = fillChannel('chat/line-1', 20, (offset) => (offset <= 3 ? ago(-9_000) : ago(offset <= 15 ? 32 : 1)))
  const reset = fillChannel('chat/line-2', MAX_STEP_ROWS + 20, (offset) => (offset > MAX_STEP_ROWS ? ago(20_000) : NOW))
  const pruner = pruning({})
  for (let step = 0; step < 5; step += 1) prune(pruner)
  expect(floors().map(({ id, floor }) => [id, floor])).toEqual([
    [jumped, 15],
    [reset, 0],
  ])
})

it('[T12] [T16] a mark goes with the last result of its lane, not before', () => {
  fillLane('gone', 150, ago(401))
  const pruner = pruning({})
  const seen: unknown[] = []
  for (let step = 0; step < 3; step += 1) {
    prune(pruner)
    const { marks, results } = counts()
    seen.push({ marks, results })
  }
  expect(seen).toEqual([
    { marks: 1, results: 88 },
    { marks: 1, results: 26 },
    { marks: 0, results: 0 },
  ])
})

it('[T18] [P8] forgets a stranger after a week and a used device after 400 days, with everything of them, in bounded steps', () => {
  const added = {
    'stranger-gone': { usedAt: null, lastSeen: ago(8) },
    'stranger-kept': { usedAt: null, lastSeen: ago(6) },
    'used-gone': { usedAt: ago(500), lastSeen: ago(401) },
    'used-kept': { usedAt: ago(500), lastSeen: ago(399) },
  }
  for (const [id, device] of Object.entries(added)) addDevice(id, device)
  fillLane('old', 120, ago(2), 'stranger-gone')
  fillLane('old', 120, ago(2), 'used-gone')
  addSession('of-used', 'used-gone', ago(300))
  const deleted = steps(pruning({}))
  expect(Math.max(...deleted)).toBeLessThanOrEqual(MAX_STEP_ROWS / 16)
  const left = db.prepare('SELECT id FROM devices ORDER BY id').pluck().all()
  expect(left).toEqual([DEVICE, 'stranger-kept', 'used-kept'])
  expect(counts()).toMatchObject({ marks: 0, results: 0 })
  expect(db.prepare('SELECT COUNT(*) FROM sessions').pluck().get()).toBe(0)
})

it('[T18] [P8] what strangers say they displayed goes after a week, like they do, and evidence of devices that are used stays', () => {
  addDevice('stranger', { usedAt: null, lastSeen: NOW })
  fillReceipts(90, ago(8))
  for (const id of ['stranger', 'known no more']) fillReceipts(90, ago(8), id)
  fillReceipts(90, ago(6), 'stranger of today')
  steps(pruning({}))
  const left = db.prepare('SELECT DISTINCT device FROM receipts ORDER BY device').pluck().all()
  expect(left).toEqual([DEVICE, 'stranger of today'])
})

it('[T18] takes no device for away that was seen and is not written down yet', () => {
  addDevice('board', { usedAt: null, lastSeen: ago(8) })
  expect(pruning({}).find(NOW, (id) => id === 'board')).toBeNull()
  expect(pruning({}).find(NOW, () => false)).not.toBeNull()
})

it('[T18] deletes sessions 400 days after they ran out', () => {
  addSession('gone', DEVICE, ago(401))
  addSession('kept', DEVICE, ago(399))
  steps(pruning({}))
  expect(db.prepare('SELECT id FROM sessions').pluck().all()).toEqual(['kept'])
})

/** Server time so many days ago. */
function ago(days: number): string {
  return new Date(Date.parse(NOW) - days * DAY).toISOString()
}

function policy({ maxEvents = 1e9 }: { readonly maxEvents?: number }): RetentionPolicy {
  const kept = { maxEvents, maxAgeMs: 31 * DAY }
  return { channels: policyOfAll(kept), maxPruned: 1e9, kept: KEPT_MS }
}

function pruning(over: { readonly maxEvents?: number }): Pruning {
  channels = new ChannelTable(db)
  return new Pruning({ db, channels, devices: new Devices(db) }, policy(over))
}

/** One step; whether more is due. */
function prune(pruner: Pruning): boolean {
  const due = pruner.find(NOW, () => false)
  if (due === null) return false
  db.transaction(() => {
    pruner.remove(due)
    channels.flush()
  })()
  return due.isMoreDue
}

/**
 * Counts the rows whose time SQLite looks at, whether it returns them or not: views of the tables' names stand before them.
 * Keys under an Idempotency-Key are left out, because they are found by an index of their time.
 */
function countTouched(): { readonly rows: number } {
  const touched = { rows: 0 }
  db.function('touch', (at: unknown) => {
    touched.rows += 1
    return at
  })
  for (const [table, time] of [
    ['events', 'at'],
    ['receipts', 'at'],
    ['marks', 'moved_at'],
  ] as const) {
    const columns = db.prepare<[], string>(`SELECT name FROM pragma_table_info('${table}')`).pluck().all()
    const seen = columns.map((name) => (name === time ? `touch("${name}") AS "${name}"` : `"${name}"`)).join(', ')
    db.exec(`CREATE TEMP VIEW ${table} AS SELECT ${seen} FROM main.${table};
      CREATE TEMP TRIGGER no_${table} INSTEAD OF DELETE ON ${table} BEGIN SELECT RAISE(ABORT, 'deleted'); END`)
  }
  return touched
}

/** Steps for as long as each asks for the next; how many rows each deleted. */
function steps(pruner: Pruning): readonly number[] {
  const deleted: number[] = []
  let isMoreDue = true
  while (isMoreDue && deleted.length < 100) {
    const before = total()
    isMoreDue = prune(pruner)
    deleted.push(before - total())
  }
  return deleted
}

function counts(): Record<(typeof TABLES)[number], number> {
  const count = (table: string) => Number(db.prepare(`SELECT COUNT(*) FROM ${table}`).pluck().get())
  const [events, receipts, marks, results, idempotency] = TABLES.map(count)
  return {
    events: events ?? 0,
    receipts: receipts ?? 0,
    marks: marks ?? 0,
    results: results ?? 0,
    idempotency: idempotency ?? 0,
  }
}

function total(): number {
  return Object.values(counts()).reduce((sum, count) => sum + count, 0)
}

function floors(): readonly { id: number; top: number; floor: number; floorId: string | null }[] {
  return db
    .prepare<[], { id: number; top: number; floor: number; floorId: string | null }>(
      'SELECT id, top, floor, floor_id AS floorId FROM channels ORDER BY id',
    )
    .all()
}

/** The id of a channel with so many events, each stamped with what `at` says of its offset. */
function fillChannel(name: string, events: number, at: (offset: number) => string): number {
  const channel = db.prepare('INSERT INTO channels (name, epoch, top, top_id) VALUES (?, ?, ?, ?)')
  const id = Number(channel.run(name, 'e', events, `id-${events}`).lastInsertRowid)
  const insert = db.prepare(
    `INSERT INTO events (channel, "offset", id, type, at, data) VALUES (?, ?, ?, 'chat.posted', ?, '{}')`,
  )
  db.transaction(() => {
    for (let offset = 1; offset <= events; offset += 1) insert.run(id, offset, `id-${offset}`, at(offset))
  })()
  return id
}

/** Those of two calls lie mixed in the order of their keys. */
function fillReceipts(receipts: number, at: string, device = DEVICE): void {
  const insert = db.prepare(`INSERT INTO receipts (alert, device, kind, at) VALUES (?, ?, 'displayed', ?)`)
  db.transaction(() => {
    for (let alert = 0; alert < receipts; alert += 1) insert.run(`alert-${alert}`, device, at)
  })()
}

/** A lane whose mark moved last at that time, with results that nobody has confirmed. */
function addDevice(
  id: string,
  { usedAt, lastSeen }: { readonly usedAt: string | null; readonly lastSeen: string },
): void {
  db.prepare(
    `INSERT INTO devices (id, public_key, name, areas, status, first_seen, last_seen, used_at) VALUES (?, '{}', 'Press 2', '[]', 'active', ?, ?, ?)`,
  ).run(id, lastSeen, lastSeen, usedAt)
}

function addSession(id: string, device: string, expiresAt: string): void {
  db.prepare(`INSERT OR IGNORE INTO operators VALUES ('kim', 'operator', '[]', 'x', 'active')`).run()
  db.prepare(
    `INSERT INTO sessions (id, operator, device, status, created_at, expires_at, refresh_hash, generation) VALUES (?, 'kim', ?, 'expired', '', ?, 'h', 1)`,
  ).run(id, device, expiresAt)
}

function fillLane(epoch: string, results: number, movedAt: string, device = DEVICE): void {
  db.prepare(`INSERT INTO marks (device, epoch, lane, mark, moved_at) VALUES (?, ?, 'normal', ?, ?)`).run(
    device,
    epoch,
    results,
    movedAt,
  )
  const insert = db.prepare(`INSERT INTO results VALUES (?, ?, 'normal', ?, 'id', '{}')`)
  db.transaction(() => {
    for (let seq = 1; seq <= results; seq += 1) insert.run(device, epoch, seq)
  })()
}

function fillKeys(keys: number, at: string): void {
  const insert = db.prepare(`INSERT INTO idempotency VALUES ('key-1', ?, 'hash', '{}', ?)`)
  db.transaction(() => {
    for (let key = 0; key < keys; key += 1) insert.run(`${at} ${key}`, at)
  })()
}
