import type pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { postgresOptions } from '../../../test/support/postgres-options.ts'
import { findPostgres, startPostgres, type PostgresServer } from '../../../test/support/postgres.ts'
import { PIN_LAW } from '../../core/pin-limiter.ts'
import { PIN_RULES } from '../../core/pin-rules.ts'
import { pinBudgetContract } from '../../ports/pin-budget.contract.ts'
import type { PinAttempt, PinLaw } from '../../ports/pin-budget.ts'
import { openPool } from './connection.ts'
import { openDatabase } from './open-database.ts'
import { PostgresPins } from './pins.ts'

const bin = findPostgres()
const KIM: PinAttempt = { device: 'kiosk', operator: 'kim', source: '10.0.0.1', past: 'person' }

describe.skipIf(bin === null)('PINs that are tried at several nodes', () => {
  let server: PostgresServer
  const pools: pg.Pool[] = []
  beforeAll(async () => {
    server = await startPostgres(bin ?? '', { fsync: 'off' })
  }, 60_000)
  afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.end())))
  afterAll(() => server.stop())

  async function open(law: PinLaw = PIN_LAW): Promise<readonly PostgresPins[]> {
    const url = await server.newDatabase()
    const own = Array.from({ length: 3 }, () => openPool(url, () => undefined))
    pools.push(...own)
    for (const pool of own) await openDatabase(pool, postgresOptions(url))
    return own.map((pool) => new PostgresPins(pool, law))
  }
  const query = (text: string): Promise<pg.QueryResult<{ count: number }>> => {
    const [pool] = pools
    if (pool === undefined) throw new Error('no pool')
    return pool.query(text)
  }

  pinBudgetContract('PostgreSQL', open)

  it('[X4] count as wrong where a node died before it decided on them', async () => {
    const [one, other] = await open()
    for (let tries = 0; tries < PIN_RULES.triesInARow; tries += 1) await one?.begin(KIM)
    expect(await other?.begin(KIM)).toEqual({ kind: 'queue' })
    await query('UPDATE andon.pin_counts SET until = ARRAY (SELECT 1::bigint FROM unnest(until))')
    expect(await other?.begin(KIM)).toEqual({ kind: 'go' })
    await other?.end(KIM, { isRight: false })
    expect(await one?.begin(KIM)).toMatchObject({ kind: 'wait' })
  })

  it('[X4] [P8] leave a bounded number of rows, and none that says nothing any more', async () => {
    const [one] = await open({ ...PIN_LAW, maxKeys: 5 })
    for (let index = 0; index < 30; index += 1) {
      const attempt = { ...KIM, device: `kiosk-${index}` }
      await one?.begin(attempt)
      await one?.end(attempt, { isRight: false })
    }
    const count = async (): Promise<number> =>
      (await query('SELECT COUNT(*) AS count FROM andon.pin_counts')).rows[0]?.count ?? 0
    // Rows of a person on a terminal, and those of terminals.
    expect(await count()).toBeLessThanOrEqual(2 * 6)
    await query('UPDATE andon.pin_counts SET gone_at = 1')
    for (let round = 0; round < 2; round += 1) {
      await one?.begin(KIM)
      await one?.end(KIM, { isRight: true })
    }
    expect(await count()).toBe(0)
  })
})
