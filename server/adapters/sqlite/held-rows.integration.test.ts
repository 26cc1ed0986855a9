import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { DeviceId, SessionId } from '../../../relay/protocol/ids.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import type { SessionRow } from '../../ports/sessions.ts'
import { createRules } from '../../core/rules.ts'
import { KEPT_MS, MAX_PRUNED, RETENTION } from '../../core/retention.ts'
import { domains } from '../../domains.ts'
import { SqliteDatabase } from './database.ts'
import { Devices } from './devices.ts'
import { openDatabase } from './open-database.ts'
import { People } from './people.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'andon-held-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const AT = '2026-11-20T03:00:00.000Z'
/** Three of one source fill the room: a fourth takes the place of the first. */
const ROOM = { used: 9, alone: 9, alonePerSource: 9, strangers: 3 }
const DEVICES = ['d1', 'd2', 'd3', 'd4'] as DeviceId[]
const OPERATORS = ['kim', 'lee']
const SESSIONS = ['s1', 's2', 's3'] as SessionId[]

const device = fc.constantFrom(...DEVICES)
const operator = fc.constantFrom(...OPERATORS)
const session = fc.constantFrom(...SESSIONS)
const word = fc.constantFrom('a', 'b')
const write = fc.oneof(
  fc.record({ does: fc.constant('addArea' as const), word }),
  fc.record({ does: fc.constant('putOperator' as const), operator, word }),
  fc.record({ does: fc.constant('putSession' as const), session, operator, device, word }),
  fc.record({ does: fc.constant('swapSession' as const), session, operator, device, word }),
  fc.record({ does: fc.constant('endSession' as const), session }),
  fc.record({ does: fc.constant('revoke' as const), operator }),
  fc.record({ does: fc.constant('register' as const), device, word }),
  fc.record({ does: fc.constant('seen' as const), device, word }),
  fc.record({ does: fc.constant('forget' as const), device }),
)
type Write = typeof write extends fc.Arbitrary<infer W> ? W : never
/** Some of them are undone. */
const transaction = fc.record({ writes: fc.array(write, { maxLength: 4 }), isUndone: fc.boolean() })

function sessionRow(id: SessionId, over: Partial<SessionRow>): SessionRow {
  const base = { operator: 'kim', device: 'd1' as DeviceId, status: 'active', createdAt: AT, expiresAt: AT } as const
  return { id, ...base, refreshHash: 'a', previousHash: null, generation: 1, ...over }
}

function carryOut({ people, devices }: { people: People; devices: Devices }, each: Write): void {
  switch (each.does) {
    case 'addArea':
      return people.addArea(each.word)
    case 'putOperator':
      return people.putOperator({
        id: each.operator,
        role: 'operator',
        areas: [each.word],
        pinHash: each.word,
        status: 'active',
      })
    case 'putSession':
    case 'swapSession': {
      const expected = each.does === 'putSession' ? undefined : { refreshHash: 'a', previousHash: null }
      const row = sessionRow(each.session, { operator: each.operator, device: each.device, refreshHash: each.word })
      return void people.putSession(row, { at: AT, expected })
    }
    case 'endSession':
      return void people.endSession(each.session, 'signed-out')
    case 'revoke':
      return void people.revokeSessionsOf(each.operator, null)
    case 'register': {
      const row = { id: each.device, name: each.word, areas: [], status: 'active' } as const
      if (devices.find(each.device) === null) devices.register({ device: row, publicKey: '{}', source: 'one', at: AT })
      return undefined
    }
    case 'seen':
      return devices.seen(each.device, each.word, AT)
    case 'forget':
      return devices.forget(each.device)
    default:
      throw new Error('not written')
  }
}

function all({ people, devices }: { people: People; devices: Devices }): unknown {
  return [
    people.areas(),
    OPERATORS.map((id) => people.operator(id)),
    SESSIONS.map((id) => people.session(id)),
    DEVICES.map((id) => devices.find(id)),
  ]
}

function both(db: Database.Database): { people: People; devices: Devices } {
  const devices = new Devices(db, ROOM)
  return { devices, people: new People(db, devices) }
}

it('[T17] rows that are held are those in the file, whatever is written and undone', () => {
  let run = 0
  fc.assert(
    fc.property(fc.array(transaction, { maxLength: 30 }), (transactions) => {
      run += 1
      const db = openDatabase(join(folder, String(run)))
      // What is tested is what is held, not that it lasts; and a session may be of a device that went.
      db.pragma('synchronous = OFF')
      db.pragma('foreign_keys = OFF')
      const held = both(db)
      for (const { writes, isUndone } of transactions) {
        db.exec('BEGIN')
        for (const each of writes) {
          carryOut(held, each)
          // Read in the middle, too: what is held then has to go with a rollback.
          all(held)
        }
        db.exec(isUndone ? 'ROLLBACK' : 'COMMIT')
        if (isUndone) {
          held.devices.rolledBack()
          held.people.rolledBack()
        } else held.devices.committed()
        expect(all(held)).toEqual(all(both(db)))
      }
      db.close()
    }),
    { numRuns: 50 },
  )
})

it('[T17] the oldest sessions of a person, which make room, are held no longer', () => {
  const db = openDatabase(folder)
  db.pragma('synchronous = OFF')
  const held = both(db)
  carryOut(held, { does: 'putOperator', operator: 'kim', word: 'a' })
  carryOut(held, { does: 'register', device: 'd1' as DeviceId, word: 'a' })
  const ids = Array.from({ length: LIMITS.maxSessionsPerOperator + 1 }, (_, at) => `s${1_000 + at}` as SessionId)
  const [first] = ids
  if (first === undefined) throw new Error('no session')
  for (const id of ids) {
    held.people.putSession(sessionRow(id, {}), { at: AT, expected: undefined })
    held.people.session(first)
  }
  expect(held.people.session(first)).toBeNull()
  db.close()
})

it('[T17] every statement that writes what is held is one whose writer forgets it', () => {
  const statements: string[] = []
  const database = new SqliteDatabase({
    folder,
    rules: createRules(domains),
    retention: { channels: RETENTION, maxPruned: MAX_PRUNED, kept: KEPT_MS },
    now: () => AT,
    failed: () => undefined,
    open: (of) => {
      const db = openDatabase(of)
      const prepare = db.prepare.bind(db)
      return Object.assign(db, { prepare: (sql: string) => (statements.push(sql), prepare(sql)) })
    },
  })
  const writing = statements.flatMap(
    (sql) => /(?:INTO|UPDATE|DELETE FROM) (areas|operators|sessions|devices)\b/.exec(sql)?.[1] ?? [],
  )
  const counts = Map.groupBy(writing, (table) => table)
  // A further one is to forget what it writes (`People`, `Devices`), or to be followed by `forgetRows`.
  expect(Object.fromEntries([...counts].map(([table, { length }]) => [table, length]))).toEqual({
    areas: 1,
    operators: 1,
    sessions: 8,
    // One of them writes the number of a link, which no row has that is held.
    devices: 5,
  })
  database.close()
})
