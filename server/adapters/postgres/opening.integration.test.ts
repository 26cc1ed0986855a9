import { readFileSync } from 'node:fs'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresOptions } from '../../../test/support/postgres-options.ts'
import { findPostgres, startPostgres, type PostgresServer } from '../../../test/support/postgres.ts'
import { channelName, URGENT_CHANNEL } from '../../../relay/protocol/channels.ts'
import type { DeviceId } from '../../../relay/protocol/ids.ts'
import { KEPT_MS, MAX_PRUNED, RETENTION } from '../../core/retention.ts'
import { postgresMigrations } from '../../migrations/migrations.ts'
import { changed, DEVICE, greeting, OUTBOX, post, raise, session, SESSION } from '../../ports/store-samples.contract.ts'
import type { Store } from '../../ports/store.ts'
import { openPool } from './connection.ts'
import { examineDatabase } from './examine-database.ts'
import { openPostgresStore } from './postgres-store.ts'
import { Pruning } from './pruning.ts'
import { shownAddress } from './shown-address.ts'

const bin = findPostgres()
const DAY = 24 * 3_600_000

it('[T24] an address is shown without what is secret in it', () => {
  expect(shownAddress('postgres://andon:geheim@db.plant:5433/floor?sslmode=require')).toBe(
    'postgres://db.plant:5433/floor',
  )
  expect(shownAddress('postgres://andon:ge#heim@')).not.toContain('heim')
})

describe.skipIf(bin === null)('a database that a store is opened on', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres(bin ?? '', { fsync: 'off' })
  }, 60_000)
  afterAll(() => server.stop())

  const open = async (url: string, floor: string | null = null) =>
    await openPostgresStore({ ...postgresOptions(url), floor })
  const sql = async (url: string, text: string) => {
    const client = new Client({ connectionString: url })
    await client.connect()
    const { rows } = await client.query<Record<string, unknown>>(text)
    await client.end()
    return rows
  }

  it('[T24] is brought up to date by one of several nodes that start at once', async () => {
    const url = await server.newDatabase()
    const opened = await Promise.all([open(url), open(url), open(url)])
    expect(new Set(await Promise.all(opened.map(({ store }) => store.incarnation()))).size).toBe(1)
    expect(new Set(opened.map(({ floor }) => floor)).size).toBe(1)
    await Promise.all(opened.map(({ store }) => store.close()))
  })

  it('[T24] is refused when it is of a newer Andon, of another floor, or another program’s', async () => {
    const url = await server.newDatabase()
    const { store, floor } = await open(url)
    await store.close()
    await (await open(url, floor)).store.close()
    await expect(open(url, 'another')).rejects.toMatchObject({ code: 'database-other' })
    await sql(url, `UPDATE andon.meta SET value = '99' WHERE key = 'schema'`)
    await expect(open(url)).rejects.toMatchObject({
      code: 'database-newer',
      message: expect.stringContaining('schema 99'),
    })
    const theirs = await server.newDatabase()
    await sql(theirs, 'CREATE SCHEMA andon; CREATE TABLE andon.parts (x INT)')
    await expect(open(theirs)).rejects.toMatchObject({ code: 'database-corrupt' })
    expect(await sql(theirs, `SELECT tablename FROM pg_tables WHERE schemaname = 'andon'`)).toEqual([
      { tablename: 'parts' },
    ])
  })

  it('[T24] is refused when it is missing, does not answer, or does not let the server in', async () => {
    const missing = server.url.replace('/postgres?', '').replace(/\/postgres$/, '/nowhere')
    await expect(open(missing)).rejects.toMatchObject({ code: 'database-missing' })
    await expect(open('postgres://postgres@127.0.0.1:1/postgres')).rejects.toMatchObject({
      code: 'database-unreachable',
      message: expect.stringContaining('ECONNREFUSED'),
    })
    await sql(server.url, `CREATE ROLE locked LOGIN PASSWORD 'right'`)
    const wrong = server.url.replace('postgres@', 'locked:wrong-password@')
    const refused = await open(wrong).catch((cause: unknown) => cause)
    expect(refused).toMatchObject({ code: 'database-refused' })
    expect(String(refused)).not.toContain('wrong-password')
    // It may come in, and may make nothing.
    await expect(open(wrong.replace('wrong-password', 'right'))).rejects.toMatchObject({
      code: 'database-refused',
      message: expect.stringContaining('CREATE'),
    })
  })

  it('[T22] may be reached as a user who owns nothing but this database', async () => {
    const url = await server.newDatabase()
    const name = new URL(url).pathname.slice(1)
    await sql(server.url, `CREATE ROLE andon LOGIN; ALTER DATABASE ${name} OWNER TO andon`)
    const { store } = await open(url.replace('postgres@', 'andon@'))
    await store.addArea('line-3')
    expect(await store.areas()).toEqual(['line-3'])
    await store.close()
  })

  it('[T24] is looked at without a change by whoever wants to know how it is', async () => {
    const url = await server.newDatabase()
    expect((await examineDatabase(url)).says).toContain('the first start makes')
    expect(await sql(url, `SELECT 1 FROM pg_namespace WHERE nspname = 'andon'`)).toEqual([])
    await (await open(url)).store.close()
    expect((await examineDatabase(url)).says).toContain(`schema ${postgresMigrations.length}`)
    await sql(url, `UPDATE andon.meta SET value = '99' WHERE key = 'schema'`)
    await expect(examineDatabase(url)).rejects.toMatchObject({ code: 'database-newer' })
  })

  it('[W10] [S3] has a new life after a restore, by what docs/postgres.md says', async () => {
    const url = await server.newDatabase()
    const first = (await open(url)).store
    await first.addArea('line-3')
    const { incarnation } = await first.greet(greeting())
    await first.submit(changed(raise(1, 'P0'), { session: null }))
    const { epoch, offset, id } = await first.snapshotStart(URGENT_CHANNEL)
    await first.close()
    const says = readFileSync(new URL('../../../docs/postgres.md', import.meta.url), 'utf8')
    const statements = [...says.matchAll(/-c "(UPDATE[^"]+)"/g)].map(([, statement]) => statement ?? '')
    expect(statements).toHaveLength(2)
    for (const statement of statements) await sql(url, statement)
    const { store } = await open(url)
    const again = { ...greeting({ urgent: 3 }), incarnation }
    expect(await store.greet(again)).toMatchObject({ outbox: 'adopted', marks: { urgent: 2 } })
    expect(await store.resume(URGENT_CHANNEL, { epoch, offset, id })).toMatchObject({ reason: 'unknown-epoch' })
    await store.close()
  })

  describe('what is no longer kept', () => {
    const floor = async (): Promise<{ store: Store; url: string }> => {
      const url = await server.newDatabase()
      const { store } = await open(url)
      await store.addArea('line-3')
      await store.putOperator({ id: 'kim', role: 'operator', areas: ['*'], pinHash: 'x', status: 'active' })
      await store.greet(greeting())
      await store.putSession({ ...session(), expiresAt: new Date(Date.now() + DAY).toISOString() })
      return { store, url }
    }
    const prune = async (url: string, days: number, maxEvents = RETENTION.log.maxEvents): Promise<void> => {
      const pool = openPool(url, () => undefined)
      const policy = {
        channels: { ...RETENTION, log: { ...RETENTION.log, maxEvents } },
        maxPruned: MAX_PRUNED,
        kept: KEPT_MS,
      }
      const pruning = new Pruning(pool, policy, () => undefined)
      const now = new Date(Date.now() + days * DAY).toISOString()
      for (let steps = 0; (await pruning.step(now)) && steps < 100;) steps += 1
      await pool.end()
    }

    it('[T16] goes from a channel that has too much, the oldest first, and cursors of before are told so', async () => {
      const { store, url } = await floor()
      for (let seq = 1; seq <= 5; seq += 1) await store.submit(post(seq, `${seq}`))
      const chat = channelName('chat', 'line-3')
      const start = await store.oldest(chat)
      await prune(url, 0, 2)
      expect(await store.oldest(chat)).toMatchObject({ offset: 3, top: 5 })
      expect(await store.resume(chat, start)).toMatchObject({
        kind: 'reset',
        reason: 'expired',
        lost: { from: 1, to: 3 },
      })
      const { offset, epoch, id } = await store.oldest(chat)
      expect(await store.resume(chat, { epoch, offset, id })).toMatchObject({ kind: 'resumed' })
      await store.close()
    })

    it('[T18] [T12] goes with the devices that were away for too long, strangers sooner', async () => {
      const { store, url } = await floor()
      await store.greet({ ...greeting(), device: 's'.repeat(43) as DeviceId })
      await store.submit(post(1, 'x'))
      await store.submit(raise(1, 'P0'))
      await store.recordReceipts([
        { alert: raise(1, 'P0').id, device: DEVICE, kind: 'displayed', at: new Date().toISOString() },
      ])
      await prune(url, 8)
      expect((await store.devices()).map(({ id }) => id)).toEqual([DEVICE])
      expect(await store.deviceCounts()).toMatchObject({ used: 1, alone: 0, strangers: 0 })
      expect(await store.session(SESSION)).not.toBeNull()
      await prune(url, 402)
      expect(await store.devices()).toEqual([])
      expect(await store.deviceCounts()).toMatchObject({ used: 0, alone: 0, strangers: 0 })
      expect([await store.session(SESSION), await store.receipts(raise(1, 'P0').id)]).toEqual([null, []])
      expect((await store.greet({ ...greeting({ normal: 2 }), epoch: OUTBOX })).outbox).toBe('forgotten')
      await store.close()
    })
  })
})
