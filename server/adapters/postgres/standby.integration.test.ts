import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresOptions } from '../../../test/support/postgres-options.ts'
import { findPostgres, startPostgres, type PostgresServer } from '../../../test/support/postgres.ts'
import { changed, greeting, raise } from '../../ports/store-samples.contract.ts'
import { openPostgresStore } from './postgres-store.ts'

const bin = findPostgres()

describe.skipIf(bin === null)('a store on PostgreSQL with a synchronous standby', () => {
  let server: PostgresServer
  let asked: pg.Client
  beforeAll(async () => {
    server = await startPostgres(bin ?? '', { fsync: 'off' })
    asked = new pg.Client({ connectionString: server.url })
    await asked.connect()
  }, 60_000)
  afterAll(async () => {
    await asked.end()
    await server.stop()
  })

  const standby = async (name: string): Promise<void> => {
    await asked.query(`ALTER SYSTEM SET synchronous_standby_names = '${name}'`)
    await asked.query('SELECT pg_reload_conf()')
  }
  /** Those that wait for the standby, of which the wait is ended. */
  const giveUp = async (): Promise<number> =>
    (await asked.query(`SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`)).rowCount ??
    0

  it('[T23] [P1] answers a commit that came with a warning when a standby has it, and not before', async () => {
    const troubles: string[] = []
    const { store } = await openPostgresStore(
      postgresOptions(await server.newDatabase(), (what) => void troubles.push(what)),
    )
    await store.addArea('line-3')
    await store.greet(greeting())
    await standby('away')
    let isAnswered = false
    const submitted = store.submit(changed(raise(1, 'P0'), { session: null })).finally(() => (isAnswered = true))
    await expect.poll(giveUp, { timeout: 20_000 }).toBe(1)
    await expect.poll(() => troubles).toContain('commit in doubt')
    // It waits again, by a commit behind that one; whoever gives up on that one has it wait once more.
    await expect.poll(giveUp, { timeout: 20_000 }).toBe(1)
    await expect
      .poll(async () => (await asked.query(`SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'`)).rowCount)
      .toBe(1)
    expect(isAnswered).toBe(false)
    await standby('')
    expect((await submitted).verdict).toMatchObject({ kind: 'done', repeated: false, outcome: { outcome: 'applied' } })
    expect((await store.submit(changed(raise(1, 'P0'), { session: null }))).verdict).toMatchObject({ repeated: true })
    await store.close()
  })
})
