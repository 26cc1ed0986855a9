import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { hearWarnings, Lease } from './connection.ts'
import { BEGIN } from './transact.ts'

/** Of one writer of one running server, drawn at its start. */
export type WriterName = string

/** A commit was sent, and nobody can say any more whether it happened: who asked for it asks again. */
export class InDoubt extends Error {}

const MIN_WAIT_MS = 100
const MAX_WAIT_MS = 2_000

/** The first statement of a group: from here on, until its end, the row of its writer says nothing to anybody else. */
export function countCommit(
  client: Pick<pg.PoolClient, 'query'>,
  writer: WriterName,
  number: number,
): Promise<unknown> {
  return client.query(
    `INSERT INTO andon.writers (id, commits, opened_at) VALUES ($1, $2, clock_timestamp()::text)
     ON CONFLICT (id) DO UPDATE SET commits = excluded.commits, opened_at = excluded.opened_at`,
    [writer, number],
  )
}

/**
 * How many groups of this writer are committed, as soon as the database can say so for certain: on a new connection, and not
 * before a transaction that is still open there has ended. Waits for a database that is away, until the store closes.
 */
export async function committedBy(pool: pg.Pool, writer: WriterName, isClosing: () => boolean): Promise<number> {
  let wait = MIN_WAIT_MS
  for (;;) {
    const commits = await read(pool, writer)
    if (commits !== null) return commits
    if (isClosing()) throw new InDoubt('the store closed before a commit without an answer was found out about')
    await sleep(wait)
    wait = Math.min(wait * 2, MAX_WAIT_MS)
  }
}

/**
 * What this writer committed is wherever a commit has to be: one behind it is answered without a warning, and standbys take all in
 * its order. Waits for that until the store closes.
 */
export async function keptEverywhere(pool: pg.Pool, writer: WriterName, isClosing: () => boolean): Promise<void> {
  while (!(await commitsBehind(pool, writer, isClosing))) {
    if (isClosing()) throw new InDoubt('the store closed before a standby had what was committed')
    await sleep(MIN_WAIT_MS)
  }
}

async function commitsBehind(pool: pg.Pool, writer: WriterName, isClosing: () => boolean): Promise<boolean> {
  let lease: Lease | null = null
  try {
    lease = await Lease.of(pool)
    const { client } = lease
    await client.query(BEGIN)
    await client.query('UPDATE andon.writers SET commits = commits WHERE id = $1', [writer])
    const warnings = hearWarnings(client)
    // However long the standby is away: a second one that waits would be one more connection.
    const commit = client.query({ text: 'COMMIT', query_timeout: 0 } as pg.QueryConfig).then(
      () => !warnings.end(),
      () => false,
    )
    const isKept = await untilClosing(commit, isClosing)
    if (isKept) lease.clean()
    return isKept
  } catch {
    return false
  } finally {
    lease?.end()
  }
}

async function untilClosing(answer: Promise<boolean>, isClosing: () => boolean): Promise<boolean> {
  for (;;) {
    const first = await Promise.race([answer, sleep(MIN_WAIT_MS, null)])
    if (first !== null) return first
    if (isClosing()) return false
  }
}

async function read(pool: pg.Pool, writer: WriterName): Promise<number | null> {
  let lease: Lease | null = null
  try {
    lease = await Lease.of(pool)
    const { client } = lease
    await client.query('BEGIN; SET LOCAL lock_timeout = 1000')
    // Waits for whoever is about to write this row, also where it is not there yet.
    const { rows } = await client.query<{ commits: number }>(
      `INSERT INTO andon.writers (id, commits, opened_at) VALUES ($1, 0, '')
       ON CONFLICT (id) DO UPDATE SET commits = andon.writers.commits RETURNING commits`,
      [writer],
    )
    await client.query('ROLLBACK')
    lease.clean()
    return rows[0]?.commits ?? null
  } catch {
    // It is away, or the transaction is still open: asked again.
    return null
  } finally {
    lease?.end()
  }
}
