import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { channelName } from '../../../relay/protocol/channels.ts'
import type { CommandId, DeviceId, Incarnation, OutboxEpoch } from '../../../relay/protocol/ids.ts'
import { KEPT_MS } from '../../core/retention.ts'
import { createRules } from '../../core/rules.ts'
import { domains } from '../../domains.ts'
import { migrations } from '../../migrations/migrations.ts'
import { MAX_REPLACED } from '../../ports/backups.ts'
import { StoreOpenError } from '../../ports/store-errors.ts'
import type { Submission } from '../../ports/submission.ts'
import { policyOfAll } from '../../testing/channel-policy.ts'
import { SqliteDatabase, type Call } from './database.ts'
import { openDatabase } from './open-database.ts'
import { prepareRestore, swapIn } from './restore.ts'

const NOW = '2026-11-20T03:00:00.000Z'
const URGENT = channelName('alerts', 'urgent')
const PAGE = { maxItems: 100, maxBytes: 65_536 }

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-open-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))
const file = (suffix = '') => join(folder, `andon.sqlite${suffix}`)

function open(at = folder, now: () => string = () => NOW, marks = 1e15): SqliteDatabase {
  return new SqliteDatabase({
    folder: at,
    rules: createRules(domains),
    retention: {
      channels: policyOfAll({ maxEvents: 1e9, maxAgeMs: 1e15 }),
      maxPruned: 100,
      kept: { marks, idempotency: 1e15, receipts: 1e15, sessions: 1e15, usedDevices: 1e15, strangers: 1e15 },
    },
    now,
    failed: () => undefined,
  })
}

function value(database: SqliteDatabase, method: Call['method'], ...args: unknown[]): unknown {
  const [answer] = database.run([{ ref: 1, method, args }])
  if (answer?.ok !== true) throw new Error(JSON.stringify(answer))
  return answer.value
}

/** A database with alerts of these titles; open. */
function filled(titles: readonly string[]): SqliteDatabase {
  const database = open()
  value(database, 'addArea', 'line-3')
  value(database, 'putApiKey', { id: 'key-1', name: 'scada', hash: 'h', role: 'admin', areas: ['*'] })
  for (const [index, title] of titles.entries()) value(database, 'submit', raise(index + 1, title))
  return database
}

function raise(id: number, title: string): Submission {
  return {
    source: { kind: 'api', keyId: 'key-1', idempotency: null },
    id: `00000000-0000-7000-8000-${id.toString(16).padStart(12, '0')}` as CommandId,
    type: 'alert.raise',
    data: { priority: 'P1', area: 'line-3', title },
  }
}

function titlesIn(database: SqliteDatabase): readonly string[] {
  const { records } = value(database, 'records', URGENT, null, PAGE) as { records: { record: { title: string } }[] }
  return records.map(({ record }) => record.title)
}

function openError(at = folder): StoreOpenError {
  try {
    open(at).close()
  } catch (cause) {
    if (cause instanceof StoreOpenError) return cause
    throw cause
  }
  throw new Error('it was opened')
}

/** The files as a kill would leave them: the log is not yet in the database. */
function killed(database: SqliteDatabase): string {
  const copy = join(folder, 'killed')
  mkdirSync(copy)
  for (const suffix of ['', '-wal']) copyFileSync(file(suffix), join(copy, `andon.sqlite${suffix}`))
  database.close()
  return copy
}

it('[T1] [P1] every commit is asked to be on the disk before it is answered', () => {
  const db = openDatabase(folder)
  // 2 is FULL.
  expect([db.pragma('journal_mode', { simple: true }), db.pragma('synchronous', { simple: true })]).toEqual(['wal', 2])
  db.close()
})

describe('a log without its database', () => {
  it('[T8] is refused with a sentence that names both, and stays as it is', async () => {
    const copy = killed(filled(['only in the log']))
    await rm(join(copy, 'andon.sqlite'))
    const log = readFileSync(join(copy, 'andon.sqlite-wal'))
    const error = openError(copy)
    expect(error).toMatchObject({ code: 'database-missing', message: expect.stringMatching(/-wal .* is gone; .*\.$/) })
    expect(readdirSync(copy)).toEqual(['andon.sqlite-wal'])
    expect(readFileSync(join(copy, 'andon.sqlite-wal')).equals(log)).toBe(true)
  })

  it('[T8] is refused beside an empty file too, for which SQLite would throw it away', () => {
    const copy = killed(filled(['only in the log']))
    truncateSync(join(copy, 'andon.sqlite'))
    expect(openError(copy).code).toBe('database-missing')
    expect(existsSync(join(copy, 'andon.sqlite-wal'))).toBe(true)
  })

  it('[T8] is taken again when its database is put back', async () => {
    const copy = killed(filled(['one', 'two']))
    const away = join(folder, 'away')
    copyFileSync(join(copy, 'andon.sqlite'), away)
    await rm(join(copy, 'andon.sqlite'))
    openError(copy)
    copyFileSync(away, join(copy, 'andon.sqlite'))
    const database = open(copy)
    expect(titlesIn(database)).toEqual(['one', 'two'])
    database.close()
  })
})

describe('a database that is damaged', () => {
  it('[T6] cut to any length is refused with a sentence, or whole', () => {
    filled(['one', 'two', 'three']).close()
    const whole = readFileSync(file())
    const lengths = [0, 1, 99, 100, 512, 4095, 4096, 4097, 8192, whole.length - 4096, whole.length - 1]
    for (const length of lengths) {
      const copy = join(folder, `cut-${length}`)
      mkdirSync(copy)
      writeFileSync(join(copy, 'andon.sqlite'), whole.subarray(0, length))
      copyFileSync(join(folder, 'andon.mark'), join(copy, 'andon.mark'))
      expect([length, openError(copy).code]).toEqual([length, 'database-corrupt'])
      expect([length, openError(copy).message]).toEqual([length, expect.stringMatching(/\.$/)])
      expect(readFileSync(join(copy, 'andon.sqlite')).length, 'its bytes are left alone').toBe(length)
    }
  })

  it('[T6] with a bit of any byte of its header flipped is refused with a sentence, or serves what was in it', () => {
    filled(['one', 'two']).close()
    const whole = readFileSync(file())
    // Nine is prime to eight: every byte, and every place in a byte.
    for (let bit = 0; bit < 100 * 8; bit += 9) {
      const bytes = Buffer.from(whole)
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      writeFileSync(file(), bytes)
      try {
        const database = open()
        expect([bit, titlesIn(database)]).toEqual([bit, ['one', 'two']])
        database.close()
      } catch (cause) {
        if (!(cause instanceof StoreOpenError)) throw cause
        expect([bit, cause.message]).toEqual([bit, expect.stringMatching(/\.$/)])
        expect([bit, readFileSync(file()).equals(bytes)]).toEqual([bit, true])
      }
    }
  })

  it('[T6] another program’s database is refused without a byte of it being changed', () => {
    const theirs = new Database(file())
    theirs.exec('CREATE TABLE theirs (x)')
    theirs.pragma('user_version = 1')
    theirs.close()
    const before = readFileSync(file())
    expect(openError().message).toContain('not a database of Andon')
    expect(readFileSync(file()).equals(before)).toBe(true)
  })
})

describe('a database of an older schema', () => {
  it.each(migrations.map(({ name }, index) => [name, index + 1] as const))(
    '[T9] made by %s and the steps before it is brought up to date and keeps what is in it',
    (_name, version) => {
      filled(['kept']).close()
      const current = schema()
      const rows = new Database(file(), { readonly: true })
      const [meta, records, channels] = ['meta', 'records', 'channels'].map((table) =>
        rows.prepare<[], Record<string, unknown>>(`SELECT * FROM ${table}`).all(),
      )
      rows.close()

      const old = new Database(file('.old'))
      for (const { sql } of migrations.slice(0, version)) old.exec(sql)
      old.pragma('application_id = 0x414e444e')
      old.pragma(`user_version = ${version}`)
      for (const [table, of] of Object.entries({ meta, channels, records }))
        for (const row of of ?? []) insert(old, table, row)
      old.close()
      copyFileSync(file('.old'), file())

      const database = open()
      expect(titlesIn(database)).toEqual(['kept'])
      database.close()
      expect(schema()).toEqual(current)
    },
  )

  function schema(): unknown {
    const db = new Database(file(), { readonly: true })
    const tables = db.prepare(`SELECT name, sql FROM sqlite_schema ORDER BY name`).all()
    const version = db.pragma('user_version', { simple: true })
    db.close()
    return { tables, version }
  }

  function insert(db: Database.Database, table: string, row: Readonly<Record<string, unknown>>): void {
    const known = new Set(db.prepare<[], string>(`SELECT name FROM pragma_table_info('${table}')`).pluck().all())
    const columns = Object.keys(row).filter((name) => known.has(name))
    const names = columns.map((name) => `"${name}"`).join(', ')
    db.prepare(`INSERT INTO ${table} (${names}) VALUES (${columns.map(() => '?').join(', ')})`).run(
      columns.map((name) => row[name]),
    )
  }
})

describe('the marks of outboxes', () => {
  const DAY = 86_400_000
  const greeting = (oldest: number) => ({
    device: 'd'.repeat(43) as DeviceId,
    publicKey: '{}',
    source: '127.0.0.1',
    name: 'Press 2',
    defaultAreas: ['*'],
    epoch: '00000000-0000-4000-8000-000000000001' as OutboxEpoch,
    incarnation: null,
    oldest: { urgent: oldest, normal: 1 },
  })

  it('[T12] are kept for 400 days: before that a repeat is known, after it the device is told that it is forgotten', () => {
    let at = Date.parse(NOW)
    const database = open(folder, () => new Date(at).toISOString(), KEPT_MS.marks)
    value(database, 'addArea', 'line-3')
    const { device, epoch } = greeting(1)
    const incarnation = value(database, 'incarnation') as Incarnation
    value(database, 'greet', greeting(1))
    const source = { kind: 'outbox', device, epoch, lane: 'urgent', seq: 1, session: null } as const
    const sent: Submission = { ...raise(1, 'once'), source }
    value(database, 'submit', sent)
    for (const hours of [8, 72, 30 * 24]) {
      at = Date.parse(NOW) + hours * 3_600_000
      database.prune()
      expect([hours, value(database, 'submit', sent)]).toMatchObject([
        hours,
        { verdict: { repeated: true }, events: [] },
      ])
    }
    at = Date.parse(NOW) + 399 * DAY
    database.prune()
    expect(value(database, 'greet', { ...greeting(2), incarnation })).toMatchObject({ outbox: 'known' })
    at = Date.parse(NOW) + 401 * DAY
    database.prune()
    expect(value(database, 'greet', { ...greeting(2), incarnation })).toMatchObject({ outbox: 'forgotten' })
    expect(titlesIn(database)).toEqual(['once'])
    database.close()
  })
})

describe('a restore that was cut short', () => {
  /** A backup with `restored` in it, and a database that has `running` as well. */
  async function site(): Promise<string> {
    const database = filled(['restored'])
    const backup = join(folder, 'site.backup')
    await database.backup(backup)
    value(database, 'submit', raise(9, 'running'))
    database.close()
    return backup
  }
  const folders = () => readdirSync(folder).filter((name) => !name.startsWith('andon.') && name !== 'site.backup')

  it('[T10] before it was decided on leaves nothing behind and changes nothing', async () => {
    prepareRestore(folder, await site())
    for (const name of ['upload-a1B2c3', 'backup-Z9y8X7']) mkdirSync(join(folder, name))
    mkdirSync(join(folder, 'backup-of-the-summer'))
    const database = open()
    expect(titlesIn(database)).toEqual(['restored', 'running'])
    expect(folders()).toEqual(['backup-of-the-summer'])
    database.close()
  })

  it.each([
    ['nothing was moved', []],
    ['the log was moved', ['-wal']],
    ['the database was moved', ['-wal', '']],
  ])('[T10] after it was decided on is carried out at the next start: %s', async (_when, moved) => {
    const waiting = prepareRestore(folder, await site())
    const decided = join(folder, 'restored-2026-11-20T03-00-00-000Z')
    copyFolder(waiting, decided)
    await rm(waiting, { recursive: true })
    // A log of the former database, as a crash would have left it.
    writeFileSync(file('-wal'), 'the former log')
    const replaced = join(folder, 'replaced-2026-11-20T03-00-00-000Z.sqlite')
    for (const suffix of moved) {
      copyFileSync(file(suffix), replaced + suffix)
      await rm(file(suffix))
    }
    const database = open()
    expect(titlesIn(database)).toEqual(['restored'])
    expect(folders()).toEqual([
      'replaced-2026-11-20T03-00-00-000Z.sqlite',
      'replaced-2026-11-20T03-00-00-000Z.sqlite-wal',
    ])
    expect(readFileSync(`${replaced}-wal`, 'utf8')).toBe('the former log')
    database.close()
  })

  it('[T10] [P8] keeps the newest of what was replaced, whatever the clock says, and no file that a person named', async () => {
    const backup = await site()
    const times = ['01', '02', '03', '04', '05'].map((day) => `2026-12-${day}T03:00:00.000Z`)
    for (const name of ['replaced-by-hand.sqlite', 'replaced-2026-11-01T03-00-00-000Z.sqlite-wal'])
      writeFileSync(join(folder, name), 'x')
    for (const time of times) swapIn(folder, prepareRestore(folder, backup), time)
    expect(folders()).toEqual([
      'replaced-2026-12-03T03-00-00-000Z.sqlite',
      'replaced-2026-12-04T03-00-00-000Z.sqlite',
      'replaced-2026-12-05T03-00-00-000Z.sqlite',
      'replaced-by-hand.sqlite',
    ])
    const swapped = swapIn(folder, prepareRestore(folder, backup), NOW)
    expect(swapped.replaced).toBe(join(folder, 'replaced-2026-11-20T03-00-00-000Z.sqlite'))
    expect(folders()).toHaveLength(MAX_REPLACED + 1)
    swapped.undo()
    expect(existsSync(file())).toBe(true)
  })

  it('[T10] can be taken back as long as the server has not started with it', async () => {
    const swapped = swapIn(folder, prepareRestore(folder, await site()), NOW)
    expect(swapped.replaced).toBe(join(folder, 'replaced-2026-11-20T03-00-00-000Z.sqlite'))
    swapped.undo()
    const database = open()
    expect(titlesIn(database)).toEqual(['restored', 'running'])
    expect(folders()).toEqual([])
    database.close()
  })

  function copyFolder(from: string, to: string): void {
    mkdirSync(to)
    for (const name of readdirSync(from)) copyFileSync(join(from, name), join(to, name))
  }
})
