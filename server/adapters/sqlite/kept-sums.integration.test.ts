import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { channelName, URGENT_CHANNEL } from '../../../relay/protocol/channels.ts'
import type { CommandId, DeviceId, OutboxEpoch } from '../../../relay/protocol/ids.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import { createRules } from '../../core/rules.ts'
import { domains } from '../../domains.ts'
import { migrations } from '../../migrations/migrations.ts'
import type { Submission } from '../../ports/submission.ts'
import { policyOfAll } from '../../testing/channel-policy.ts'
import { SqliteDatabase, type Answer, type Call } from './database.ts'
import type { ChannelPolicy } from '../../ports/retention.ts'
import { DATABASE_FILE, openDatabase } from './open-database.ts'

const NOW = '2026-11-20T03:00:00.000Z'
const KEEP: ChannelPolicy = { maxEvents: 1e9, maxAgeMs: 1e15 }
const FEW: ChannelPolicy = { maxEvents: 3, maxAgeMs: 1e15 }

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-sums-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const rules = createRules(domains)

function open(kept = KEEP): { database: SqliteDatabase; db: Database.Database } {
  let db: Database.Database | null = null
  const database = new SqliteDatabase({
    folder,
    rules: {
      ...rules,
      decide(records, command, now) {
        const decision = rules.decide(records, command, now)
        if (!decision.ok || !JSON.stringify(command.data).includes('poison')) return decision
        // Its first event is written when the second turns out to be none that the database takes.
        return {
          ...decision,
          events: [
            ...decision.events,
            { channel: channelName('chat', 'line-3'), type: null as never, data: { key: 'x', record: null } },
          ],
        }
      },
    },
    retention: {
      channels: policyOfAll(kept),
      maxPruned: 100,
      kept: { marks: 1e15, idempotency: 1e15, receipts: 1e15, sessions: 1e15, usedDevices: 1e15, strangers: 1e15 },
    },
    now: () => NOW,
    failed: () => undefined,
    open: (of) => (db = openDatabase(of)),
  })
  if (db === null) throw new Error('not opened')
  return { database, db }
}

/** What the channels say they hold, and what they do hold. */
function sums(db: Database.Database): { readonly kept: readonly unknown[]; readonly real: readonly unknown[] } {
  const kept = db.prepare(
    'SELECT name, records, record_bytes AS recordBytes, event_bytes AS eventBytes FROM channels ORDER BY id',
  )
  const real = db.prepare(
    `SELECT name, (SELECT COUNT(*) FROM records WHERE channel = channels.id) AS records,
     (SELECT TOTAL(octet_length(record)) FROM records WHERE channel = channels.id) AS recordBytes,
     (SELECT TOTAL(octet_length(data)) FROM events WHERE channel = channels.id) AS eventBytes FROM channels ORDER BY id`,
  )
  return { kept: kept.all(), real: real.all() }
}

const id = (number: number): CommandId =>
  `00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}` as CommandId

function run(database: SqliteDatabase, method: Call['method'], ...args: readonly unknown[]): Answer {
  const [answer] = database.run([{ ref: 1, method, args }])
  if (answer?.ok !== true) throw new Error(JSON.stringify(answer))
  return answer
}

function made(number: number, type: string, data: unknown): Submission {
  return { source: { kind: 'api', keyId: 'key-1', idempotency: null }, id: id(number), type, data }
}

function fill(database: SqliteDatabase): void {
  run(database, 'addArea', 'line-3')
  run(database, 'putApiKey', { id: 'key-1', name: 'scada', hash: 'h', role: 'admin', areas: ['*'] })
  const all: [string, unknown][] = [
    ['alert.raise', { priority: 'P0', area: 'line-3', title: '가스 누출' }],
    ['alert.raise', { priority: 'P2', area: 'line-3', title: 'Press 2 hot', body: 'ä' }],
    ['alert.raise', { priority: 'P0', area: 'line-3', title: 'poison' }],
    ['alert.ack', { id: id(1) }],
    ['alert.resolve', { id: id(2) }],
    ['order.create', { area: 'line-3', number: '1', title: 'Brackets' }],
    ['order.edit', { id: id(6), fields: { note: 'a longer note than before' }, baseVersion: 1 }],
    ['alert.resolve', { id: id(1) }],
    ['alert.ack', { id: id(2) }],
    ['alert.raise', { priority: 'P1', area: 'line-3', title: 'Door open' }],
  ]
  for (const [index, [type, data]] of all.entries()) run(database, 'submit', made(index + 1, type, data))
}

describe('what a channel is said to hold', () => {
  it('[T17] is what it holds, whatever was set, changed, taken away, moved and undone', () => {
    const { database, db } = open()
    fill(database)
    const { kept, real } = sums(db)
    expect(kept).toEqual(real)
    expect(kept).toContainEqual(expect.objectContaining({ name: URGENT_CHANNEL, records: 1 }))
    database.close()
  })

  it('[T17] and still is after a clean-up, and when the database is opened again', () => {
    const { database, db } = open(FEW)
    fill(database)
    while (database.prune()) continue
    expect(sums(db).kept).toEqual(sums(db).real)
    database.close()
    const again = open(FEW)
    run(again.database, 'submit', made(20, 'alert.raise', { priority: 'P0', area: 'line-3', title: 'Fire' }))
    expect(sums(again.db).kept).toEqual(sums(again.db).real)
    again.database.close()
  })

  it('[T16] [T17] is bounded in bytes: the oldest events of a channel that has more go, in steps', () => {
    const { database, db } = open({ ...KEEP, maxBytes: 600 })
    fill(database)
    const before = db.prepare<[], number>(`SELECT floor FROM channels WHERE name = 'orders/line-3'`).pluck()
    expect(before.get()).toBe(0)
    while (database.prune()) continue
    const rows = sums(db).kept as { readonly name: string; readonly eventBytes: number }[]
    expect(Math.max(...rows.map(({ eventBytes }) => eventBytes))).toBeLessThanOrEqual(600)
    expect(sums(db).kept).toEqual(sums(db).real)
    database.close()
  })

  it('[T9] [T17] is added up once for a database of a step that did not keep it', () => {
    const old = new Database(join(folder, DATABASE_FILE))
    for (const { sql } of migrations.slice(0, 3)) old.exec(sql)
    old.pragma('application_id = 1095648334')
    old.pragma('user_version = 3')
    old.exec(`
      INSERT INTO channels (id, name, epoch, top) VALUES (1, 'rejections/line-3', 'e', 2), (2, 'chat/line-3', 'e', 0);
      INSERT INTO events (channel, "offset", id, type, at, data) VALUES (1, 1, 'a', 't', 'x', '{"ä":1}'), (1, 2, 'b', 't', 'x', '{}');
      INSERT INTO records VALUES ('rejections', 'k', 1, 1, '{"가":1}');
    `)
    old.close()
    const { database, db } = open()
    expect(sums(db).kept).toEqual([
      { name: 'rejections/line-3', records: 1, recordBytes: 9, eventBytes: 10 },
      { name: 'chat/line-3', records: 0, recordBytes: 0, eventBytes: 0 },
    ])
    database.close()
  })

  it('[T17] of a list that one device fills is its limit, however often', () => {
    const { database, db } = open()
    run(database, 'addArea', 'line-3')
    const device = 'd'.repeat(43) as DeviceId
    const epoch = '00000000-0000-4000-8000-000000000001' as OutboxEpoch
    run(database, 'greet', {
      device,
      publicKey: '{}',
      source: '127.0.0.1',
      name: 'Press 2',
      defaultAreas: ['*'],
      epoch,
      incarnation: null,
      oldest: { urgent: 1, normal: 1 },
    })
    const limit = LIMITS.maxOpenRejectionsPerStranger
    const calls = Array.from({ length: limit + 5 }, (_, index): readonly Call[] => {
      const lane = { device, epoch, lane: 'normal' } as const
      const source = { ...lane, kind: 'outbox', seq: index + 1, session: null } as const
      const command = { ...made(index + 1, 'chat.post', { line: 'line-3', text: 'x' }), source }
      return [
        { ref: index, method: 'submit', args: [command] },
        { ref: index, method: 'confirm', args: [{ ...lane, upTo: index + 1 }] },
      ]
    })
    database.run(calls.flat())
    const { kept, real } = sums(db)
    expect(kept).toEqual(real)
    expect(kept).toContainEqual(expect.objectContaining({ name: 'rejections/line-3', records: limit }))
    database.close()
  })
})
