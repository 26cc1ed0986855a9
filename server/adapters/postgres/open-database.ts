import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { postgresMigrations } from '../../migrations/migrations.ts'
import { StoreOpenError } from '../../ports/store-errors.ts'
import { Lease, stateOf } from './connection.ts'
import { judge, type ConfirmedCommits, type Judgement } from './lineage.ts'
import { shownAddress } from './shown-address.ts'

/** The oldest release that has what the statements need (`xid8`, `pg_visible_in_snapshot`) and is still cared for. */
const OLDEST = 140_000
/** 'ANDN': whoever brings the schema up to date holds the lock of this number. */
const MIGRATING = 0x41_4e_44_4e
/** Another node may be bringing the schema up to date, milliseconds. */
const MIGRATION_LOCK_MS = 60_000
/** Writers of servers that ended long ago. */
const KEEP_WRITERS_DAYS = 400

interface DatabaseChoice {
  readonly url: string
  readonly floor: string | null
  /** What was confirmed of this floor. */
  readonly confirmed: (floor: string) => ConfirmedCommits
}

export interface OpenedDatabase extends Judgement {
  readonly confirmed: ConfirmedCommits
  /** Name of the floor, given once. */
  readonly floor: string
}

/**
 * Checks that the database is one for Andon, and brings its schema up to date, one node at a time and in one transaction.
 *
 * @throws {StoreOpenError} with a sentence that says what to do
 */
export async function openDatabase(pool: pg.Pool, options: DatabaseChoice): Promise<OpenedDatabase> {
  let lease: Lease | null = null
  try {
    lease = await Lease.of(pool)
    const opened = await prepare(lease.client, options)
    lease.clean()
    return opened
  } catch (cause) {
    throw cause instanceof StoreOpenError ? cause : refusal(cause, options.url)
  } finally {
    lease?.end()
  }
}

async function prepare(
  client: pg.PoolClient,
  { url, floor, confirmed: confirmedOf }: DatabaseChoice,
): Promise<OpenedDatabase> {
  const where = shownAddress(url)
  await refuseOld(client, where)
  await client.query('BEGIN')
  await client.query(`SET LOCAL lock_timeout = ${MIGRATION_LOCK_MS}`)
  await client.query({
    text: 'SELECT pg_advisory_xact_lock($1)',
    values: [MIGRATING],
    query_timeout: 0,
  } as pg.QueryConfig)
  await bringUpToDate(client, where)
  const meta = new Map<string, string>()
  const { rows } = await client.query<{ key: string; value: string }>(
    `INSERT INTO andon.meta (key, value) VALUES ('incarnation', $1), ('floor', $2)
     ON CONFLICT (key) DO UPDATE SET value = andon.meta.value RETURNING key, value`,
    [randomUUID(), randomUUID()],
  )
  for (const { key, value } of rows) meta.set(key, value)
  const known = String(meta.get('floor'))
  if (floor !== null && floor !== known) {
    throw new StoreOpenError(
      'database-other',
      `${where} is the database of another floor than this data folder; choose the right one with --database, or another folder with --data.`,
    )
  }
  await client.query(
    `DELETE FROM andon.writers WHERE opened_at::timestamptz < clock_timestamp() - make_interval(days => $1)`,
    [KEEP_WRITERS_DAYS],
  )
  const confirmed = confirmedOf(known)
  try {
    const judgement = await judge(client, { incarnation: null, known: await confirmed.known() })
    await client.query('COMMIT')
    // What is behind a judgement needs no other one.
    await confirmed.keep(judgement.recent)
    return { ...judgement, confirmed, floor: known }
  } catch (cause) {
    confirmed.close()
    throw cause
  }
}

async function bringUpToDate(client: pg.PoolClient, where: string): Promise<void> {
  const found = await schemaOf(client)
  refuseSchema(found, where)
  if (found === 'none') await client.query('CREATE SCHEMA andon')
  const done = typeof found === 'number' ? found : 0
  for (const migration of postgresMigrations.slice(done)) await client.query(migration.sql)
  if (done === postgresMigrations.length) return
  await client.query(
    `INSERT INTO andon.meta (key, value) VALUES ('schema', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    [String(postgresMigrations.length)],
  )
}

/** Answers the release. @throws {StoreOpenError} when it is too old */
export async function refuseOld(client: pg.PoolClient, where: string): Promise<number> {
  const { rows } = await client.query<{ server_version_num: string }>('SHOW server_version_num')
  const version = Number(rows[0]?.server_version_num)
  const release = Math.floor(version / 10_000)
  if (version >= OLDEST) return release
  throw new StoreOpenError(
    'database-old',
    `${where} is PostgreSQL ${release}; Andon needs PostgreSQL 14 or newer: update it, or choose another with --database.`,
  )
}

/** How many steps of our schema are done; `none` where there is no schema, `theirs` where it is another program's. */
export async function schemaOf(client: pg.PoolClient): Promise<number | 'none' | 'theirs'> {
  const { rows: found } = await client.query<{ schema: boolean; meta: boolean }>(
    `SELECT to_regnamespace('andon') IS NOT NULL AS schema, to_regclass('andon.meta') IS NOT NULL AS meta`,
  )
  if (found[0]?.schema !== true) return 'none'
  if (!found[0].meta) return 'theirs'
  const { rows } = await client.query<{ value: string }>(`SELECT value FROM andon.meta WHERE key = 'schema'`)
  const version = Number(rows[0]?.value)
  return Number.isSafeInteger(version) && version > 0 ? version : 'theirs'
}

/** @throws {StoreOpenError} when it is not one that this Andon can use */
export function refuseSchema(schema: number | 'none' | 'theirs', where: string): void {
  if (schema === 'theirs') {
    throw new StoreOpenError(
      'database-corrupt',
      `The schema "andon" in ${where} is not one of Andon; choose another database with --database.`,
    )
  }
  if (schema !== 'none' && schema > postgresMigrations.length) {
    throw new StoreOpenError(
      'database-newer',
      `${where} was written by a newer Andon (schema ${schema}, this one knows ${postgresMigrations.length}); update Andon, or choose another database with --database.`,
    )
  }
}

/** By what the database or the system answered; the text of it is for the log. */
export function refusal(cause: unknown, url: string): StoreOpenError {
  const where = shownAddress(url)
  const state = stateOf(cause)
  const options = { cause }
  if (state?.startsWith('28') === true)
    return new StoreOpenError(
      'database-refused',
      `${where} does not let this user in; check user and password of --database, and pg_hba.conf of the server.`,
      options,
    )
  if (state === '3D000')
    return new StoreOpenError(
      'database-missing',
      `${where} does not exist; make it with "createdb", or choose another with --database.`,
      options,
    )
  if (state === '42501')
    return new StoreOpenError(
      'database-refused',
      `This user may not make the schema "andon" in ${where}; let it own the database, or grant it CREATE on it.`,
      options,
    )
  if (state === '25006')
    return new StoreOpenError(
      'database-unwritable',
      `${where} is a standby and takes no writes; name the primary with --database.`,
      options,
    )
  if (state === '53300' || state === '57P03' || state === '55P03')
    return new StoreOpenError(
      'database-busy',
      `${where} takes no further connection now (${state}); try again, or raise its max_connections.`,
      options,
    )
  if (state !== null)
    return new StoreOpenError(
      'database-corrupt',
      `${where} cannot be used (PostgreSQL says ${state}); its log says more, or choose another database with --database.`,
      options,
    )
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? ` (${cause.code})` : ''
  return new StoreOpenError(
    'database-unreachable',
    `${where} does not answer${code}; start PostgreSQL there, or check host and port of --database.`,
    options,
  )
}
