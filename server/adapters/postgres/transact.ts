import type pg from 'pg'
import { StoreUnavailable } from '../../ports/store-errors.ts'
import { hearWarnings, isLost, isPassing, Lease, stateOf } from './connection.ts'

/**
 * How long somebody may wait for a row of ours, and hold one while it says nothing, milliseconds: a node that freezes in the
 * middle of a transaction holds up nobody for longer. Whatever the server is set to, a commit is on disk when it is answered
 * (P1), and no time limit may leave it undecided. Nothing of it outlives the transaction.
 */
export const BEGIN = `BEGIN; SET LOCAL lock_timeout = 400; SET LOCAL idle_in_transaction_session_timeout = 500;
  SET LOCAL statement_timeout = 0; SELECT set_config('synchronous_commit', 'on', true)
  WHERE current_setting('synchronous_commit') = 'off'`

/** Times that a transaction finds somebody in its way, or its connection lost. */
const MAX_TRIES = 6

/**
 * Carries out `work` in one transaction, again where somebody was in the way or nobody answered. Also a commit without an answer,
 * or with a warning, is tried again: so `work` has to be harmless twice, and is told when it is not the first time.
 *
 * @throws {StoreUnavailable} when the database does not take it
 */
export async function transact<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient, isAgain: boolean) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    let lease: Lease | null = null
    try {
      lease = await Lease.of(pool)
      await lease.client.query(BEGIN)
      const result = await work(lease.client, tries > 1)
      const warnings = hearWarnings(lease.client)
      await lease.client.query('COMMIT')
      if (warnings.end()) throw new Error('the database may not have kept it everywhere')
      lease.clean()
      return result
    } catch (cause) {
      const mayPass = isPassing(cause) || isLost(cause)
      if (mayPass && tries < MAX_TRIES && lease !== null) continue
      throw mayPass ? unavailable(cause) : asTaken(cause)
    } finally {
      lease?.end()
    }
  }
}

/** One statement that writes, in a transaction of its own, as `transact` does. */
export async function change(pool: pg.Pool, text: string, values: readonly unknown[]): Promise<void> {
  await transact(pool, (client) => client.query(text, [...values]))
}

/** How many rows this statement deleted. */
export async function remove(client: pg.PoolClient, text: string, values: readonly unknown[]): Promise<number> {
  return (await client.query(text, [...values])).rowCount ?? 0
}

/** What the database has no room for (53), or does not take just now: the same may succeed later. */
function asTaken(cause: unknown): unknown {
  const state = stateOf(cause)
  return state !== null && ['25', '53', '57', '58'].includes(state.slice(0, 2)) ? unavailable(cause) : cause
}

function unavailable(cause: unknown): StoreUnavailable {
  const error = new StoreUnavailable()
  error.cause = cause
  return error
}
