import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KEPT_MS, MAX_PRUNED, RETENTION } from '../../core/retention.ts'
import { createRules } from '../../core/rules.ts'
import { domains } from '../../domains.ts'
import { SqliteDatabase } from './database.ts'
import { openDatabase } from './open-database.ts'

/** Tables that only an administrator makes grow, by names of areas and people. What is in every other table, peers bring. */
const SMALL: ReadonlySet<string> = new Set(['meta', 'areas', 'channels', 'operators', 'api_keys', 'signing_keys'])

/** Statements that walk a table or sort, each with the bound that makes it harmless. */
const BOUNDED: readonly { readonly statement: string; readonly why: string }[] = [
  {
    statement: 'SELECT id, name, areas, status FROM devices ORDER BY id',
    why: 'asked by an administrator, for the list of devices itself',
  },
  {
    statement: "SELECT id FROM devices WHERE status = 'active' AND used_at IS NOT NULL ORDER BY last_seen DESC LIMIT ?",
    why: 'once at the start; MAX_KNOWN_DEVICES rows of an index in that order',
  },
  {
    statement: 'SELECT id FROM devices WHERE used_at IS NOT NULL',
    why: 'once at the start, and after a rollback of a change to devices; LIMITS.maxDevices rows',
  },
  {
    statement: 'SELECT id, source FROM devices WHERE used_at IS NULL',
    why: 'once at the start, and after a rollback of a change to devices; LIMITS.maxStrangers rows',
  },
  {
    statement:
      'SELECT id, source FROM devices WHERE used_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM sign_ins WHERE device = devices.id)',
    why: 'once at the start, and after a rollback of a change to devices; LIMITS.maxDevices rows',
  },
  {
    statement: 'SELECT kind, device, detail, at FROM reviews ORDER BY id',
    why: 'asked by an administrator; LIMITS.maxReviews rows',
  },
  {
    statement: 'SELECT id, device FROM reviews ORDER BY id',
    why: 'once at the first review, and after a rollback; LIMITS.maxReviews rows',
  },
  {
    statement: 'SELECT kid, jwk, created_at AS createdAt FROM signing_keys ORDER BY created_at DESC',
    why: 'sorts the keys of the site, of which the server itself makes one at a time',
  },
  {
    statement: 'SELECT COUNT(*) FROM timers',
    why: 'counts what waits for its time, when the database is opened or a decision was undone: at most `maxTimers`',
  },
  {
    statement: 'SELECT alert, device, kind, at FROM receipts WHERE alert = ? ORDER BY at, device, kind',
    why: 'sorts the evidence of one alert: devices × kinds',
  },
]

let folder = ''
let db: Database.Database
const statements = new Set<string>()

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'andon-plans-'))
  const database = new SqliteDatabase({
    folder,
    rules: createRules(domains),
    retention: { channels: RETENTION, maxPruned: MAX_PRUNED, kept: KEPT_MS },
    now: () => '2026-11-20T03:00:00.000Z',
    failed: (what, cause) => {
      throw new Error(what, { cause })
    },
    open: (of) => {
      db = openDatabase(of)
      const prepare = db.prepare.bind(db)
      db.prepare = (sql: string) => {
        statements.add(sql.replaceAll(/\s+/g, ' ').trim())
        return prepare(sql)
      }
      return db
    },
  })
  return () => database.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What is wrong with how SQLite carries this out; empty when it goes by indexes alone. */
function faultsOf(sql: string): readonly string[] {
  if (!/^(SELECT|INSERT|UPDATE|DELETE|WITH)\b/i.test(sql)) return []
  // Parameters need no values to be planned; they only have to be there.
  const named = [...sql.matchAll(/@(\w+)/g)].map(([, name]) => [name ?? '', null] as const)
  const values: readonly unknown[] =
    named.length > 0 ? [Object.fromEntries(named)] : [...sql.matchAll(/\?/g)].map(() => null)
  const plan = db.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...values)
  return plan.map(({ detail }) => detail).filter(isSlow)
}

function isSlow(detail: string): boolean {
  if (detail.startsWith('USE TEMP B-TREE')) return true
  const [, table] = /^SCAN (\w+)/.exec(detail) ?? []
  return table !== undefined && table !== 'CONSTANT' && !SMALL.has(table)
}

describe('how SQLite carries out the statements of the store', () => {
  it('[T17] none that a peer can bring about walks a table that grows, or sorts', () => {
    expect(statements.size).toBeGreaterThan(40)
    const allowed = new Set(BOUNDED.map(({ statement }) => statement))
    const slow = [...statements].filter((sql) => !allowed.has(sql) && faultsOf(sql).length > 0)
    expect(Object.fromEntries(slow.map((sql) => [sql, faultsOf(sql)]))).toEqual({})
  })

  it('[T17] the statements that may are still there, and still do', () => {
    for (const { statement } of BOUNDED) {
      expect([...statements]).toContain(statement)
      expect(faultsOf(statement), statement).not.toEqual([])
    }
  })

  it('[T17] a missing index is noticed', () => {
    db.exec(
      'SAVEPOINT without; DROP INDEX records_by_holder; DROP INDEX records_by_offset; DROP INDEX sessions_by_operator',
    )
    try {
      const oldest = [...statements].filter((sql) => /FROM records .*ORDER BY "offset"/.test(sql))
      const revoking = [...statements].filter((sql) => /^UPDATE sessions .*operator = /.test(sql))
      expect([...oldest, ...revoking].flatMap(faultsOf)).toEqual([
        expect.stringContaining('USE TEMP B-TREE'),
        'SCAN sessions',
      ])
    } finally {
      db.exec('ROLLBACK TO without; RELEASE without')
    }
  })
})
