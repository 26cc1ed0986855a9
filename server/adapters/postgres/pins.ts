import { createHash } from 'node:crypto'
import { setTimeout as later } from 'node:timers/promises'
import type pg from 'pg'
import type { Begun, PinAttempt, PinBudget, PinCount, PinKey, PinLaw } from '../../ports/pin-budget.ts'
import { StoreUnavailable } from '../../ports/store-errors.ts'
import { ask } from './connection.ts'
import { CLOCK } from './database-clock.ts'
import { transact } from './transact.ts'

/** A PIN is verified in milliseconds; what nobody decided for so long was begun by a node that died, and counts as wrong. */
const DECIDED_MS = 60_000
/** Who queues asks again after so long, and later where many do: all of them together ask two hundred times a second. Milliseconds. */
const AGAIN_MS = 100
const AGAIN_EACH_MS = 5
/** Questions of strangers, and of everybody else, that wait for their turn. */
const MAX_ASKING = 1_024
/** Rows that one decision forgets, because they are over or because there are too many. */
const MAX_FORGOTTEN = 8

interface Row extends PinKey {
  readonly level: number
  readonly at: number
  readonly lockedUntil: number
  /** Until when each of those that are under way may be decided. */
  readonly until: readonly number[]
}
type Line = 'strangers' | 'others'
type Decision<T> = (counts: readonly PinCount[], now: number) => readonly [T, readonly PinCount[]]

/**
 * What is wrong is counted in the database, so that several nodes let nobody guess more often than one. A decision is one
 * transaction that holds all of its keys, by numbers made of them, before it reads; its time is the database's. Each node asks
 * one question of strangers at a time, and one of everybody else: a flood of them takes no connection from the store.
 */
export class PostgresPins implements PinBudget {
  readonly #pool: pg.Pool
  readonly #law: PinLaw
  readonly #asking = { strangers: 0, others: 0 }
  readonly #last: Record<Line, Promise<unknown>> = { strangers: Promise.resolve(), others: Promise.resolve() }
  #queueing = 0

  constructor(pool: pg.Pool, law: PinLaw) {
    this.#pool = pool
    this.#law = law
  }

  async begin(attempt: PinAttempt): Promise<Begun> {
    const line = lineOf(attempt)
    if (this.#asking[line] >= MAX_ASKING) throw new StoreUnavailable()
    return await this.#inLine(line, () => this.#decide(attempt, (counts, now) => this.#law.begin(counts, attempt, now)))
  }

  async end(attempt: PinAttempt, { isRight }: { readonly isRight: boolean }): Promise<void> {
    await this.#inLine(lineOf(attempt), () =>
      this.#decide(attempt, (counts, now) => [null, this.#law.end(counts, attempt, { isRight, now })]),
    )
  }

  async decided(): Promise<void> {
    this.#queueing += 1
    await later(AGAIN_MS + this.#queueing * AGAIN_EACH_MS)
    this.#queueing -= 1
  }

  async #inLine<T>(line: Line, question: () => Promise<T>): Promise<T> {
    this.#asking[line] += 1
    const answer = this.#last[line].then(question)
    this.#last[line] = answer.catch(() => undefined)
    try {
      return await answer
    } finally {
      this.#asking[line] -= 1
    }
  }

  async #decide<T>(attempt: PinAttempt, decision: Decision<T>): Promise<T> {
    const keys = this.#law.keysOf(attempt)
    return await transact(this.#pool, async (client) => {
      const held = client.query('SELECT pg_advisory_xact_lock(n) FROM unnest($1::bigint[]) AS n', [numbersOf(keys)])
      const time = ask<{ ms: number }>(client, CLOCK)
      const asked = ask<Row & pg.QueryResultRow>(
        client,
        `SELECT kind, key, level, at, locked_until AS "lockedUntil", to_jsonb(until) AS until FROM andon.pin_counts
         WHERE (kind, key) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
        [keys.map(({ kind }) => kind), keys.map(({ key }) => key)],
      )
      const [, [clock], rows] = await Promise.all([held, time, asked])
      const now = clock?.ms ?? 0
      const [answer, counts] = decision(
        rows.map((row) => countOf(row, now)),
        now,
      )
      await this.#keep(client, { keys, rows, counts, now })
      return answer
    })
  }

  async #keep(
    client: pg.PoolClient,
    {
      keys,
      rows,
      counts,
      now,
    }: {
      readonly keys: readonly PinKey[]
      readonly rows: readonly Row[]
      readonly counts: readonly PinCount[]
      readonly now: number
    },
  ): Promise<void> {
    const untils = counts.map((count) => untilOf(count, rows.find(isOf(count)), now))
    const gone = keys.filter((key) => !counts.some(isOf(key)))
    await Promise.all([
      client.query(
        `INSERT INTO andon.pin_counts (kind, key, level, at, locked_until, until, gone_at)
         SELECT kind, key, level, at, locked_until, ARRAY (SELECT jsonb_array_elements_text(until)::bigint), gone_at
         FROM unnest($1::text[], $2::text[], $3::float8[], $4::bigint[], $5::bigint[], $6::jsonb[], $7::bigint[])
         AS c (kind, key, level, at, locked_until, until, gone_at)
         ON CONFLICT (kind, key) DO UPDATE SET level = excluded.level, at = excluded.at,
         locked_until = excluded.locked_until, until = excluded.until, gone_at = excluded.gone_at`,
        [
          counts.map(({ kind }) => kind),
          counts.map(({ key }) => key),
          counts.map(({ level }) => level),
          counts.map(({ at }) => at),
          counts.map(({ lockedUntil }) => lockedUntil),
          untils.map((until) => JSON.stringify(until)),
          counts.map((count, index) => Math.max(this.#law.goneAt(count), ...(untils[index] ?? []))),
        ],
      ),
      client.query(`DELETE FROM andon.pin_counts WHERE (kind, key) IN (SELECT * FROM unnest($1::text[], $2::text[]))`, [
        gone.map(({ kind }) => kind),
        gone.map(({ key }) => key),
      ]),
      client.query(
        `DELETE FROM andon.pin_counts WHERE ctid = ANY (ARRAY (SELECT ctid FROM andon.pin_counts WHERE gone_at < $1
         ORDER BY gone_at LIMIT $2 FOR UPDATE SKIP LOCKED))`,
        [now, MAX_FORGOTTEN],
      ),
      ...counts.map(({ kind }) =>
        client.query(
          `DELETE FROM andon.pin_counts WHERE ctid = ANY (ARRAY (SELECT ctid FROM andon.pin_counts WHERE kind = $1
           ORDER BY at DESC OFFSET $2 LIMIT $3 FOR UPDATE SKIP LOCKED))`,
          [kind, this.#law.maxKeys, MAX_FORGOTTEN],
        ),
      ),
    ])
  }
}

function lineOf({ past }: PinAttempt): Line {
  return past === 'nobody' ? 'strangers' : 'others'
}

function isOf({ kind, key }: PinKey): (other: PinKey) => boolean {
  return (other) => other.kind === kind && other.key === key
}

function countOf({ until, level, ...row }: Row, now: number): PinCount {
  const pending = until.filter((ms) => ms > now).length
  return { ...row, pending, level: level + until.length - pending }
}

/** One more is under way, one less, or as many as before; which of them it is makes no difference. */
function untilOf({ pending }: PinCount, row: Row | undefined, now: number): readonly number[] {
  const before = (row?.until ?? []).filter((ms) => ms > now)
  const more = Array.from({ length: Math.max(0, pending - before.length) }, () => now + DECIDED_MS)
  return [...before, ...more].slice(-pending || Infinity)
}

/** What the keys are held by, each time in the same order; two keys of one number wait for each other, and no more. */
function numbersOf(keys: readonly PinKey[]): readonly string[] {
  const numbers = keys.map(({ kind, key }) => createHash('sha256').update(`${kind} ${key}`).digest().readBigInt64BE())
  return numbers.toSorted((a, b) => (a < b ? -1 : 1)).map(String)
}
