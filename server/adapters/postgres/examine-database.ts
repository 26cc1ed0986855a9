import type pg from 'pg'
import { Lease, openPool } from './connection.ts'
import { CLOCK } from './database-clock.ts'
import { refusal, refuseOld, refuseSchema, schemaOf } from './open-database.ts'
import { StoreOpenError } from '../../ports/store-errors.ts'
import { shownAddress } from './shown-address.ts'

/** `says`: as a sentence. `clockMs`: how far its clock is ahead of ours. `unsafe`: settings by which it loses what it confirmed. */
export interface Examined {
  readonly says: string
  readonly clockMs: number
  readonly unsafe: readonly string[]
}

/**
 * What can be said of a database without changing anything in it.
 *
 * @throws {StoreOpenError} with a sentence that says what to do
 */
export async function examineDatabase(url: string): Promise<Examined> {
  const pool = openPool(url, () => undefined)
  const where = shownAddress(url)
  let lease: Lease | null = null
  try {
    lease = await Lease.of(pool)
    const release = await refuseOld(lease.client, where)
    const schema = await schemaOf(lease.client)
    refuseSchema(schema, where)
    const more = { clockMs: await clockOf(lease.client), unsafe: await unsafeIn(lease.client) }
    lease.clean()
    const says =
      schema === 'none'
        ? `${where} answers (PostgreSQL ${release}); the first start makes the schema "andon" in it.`
        : `${where} answers (PostgreSQL ${release}, schema ${schema}).`
    return { says, ...more }
  } catch (cause) {
    throw cause instanceof StoreOpenError ? cause : refusal(cause, url)
  } finally {
    lease?.end()
    await pool.end()
  }
}

/** Half of the way there and back is taken for the way of the answer. */
async function clockOf(client: pg.PoolClient): Promise<number> {
  const asked = Date.now()
  const { rows } = await client.query<{ ms: number }>(CLOCK)
  return (rows[0]?.ms ?? 0) - (asked + Date.now()) / 2
}

async function unsafeIn(client: pg.PoolClient): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off' ORDER BY name`,
  )
  return rows.map(({ name }) => name)
}
