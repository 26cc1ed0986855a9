import type { Duplex } from 'node:stream'
import pg, { type CustomTypesConfig } from 'pg'

/** Statements of ours take milliseconds; what has no answer after this has lost its server. Milliseconds. */
const STATEMENT_MS = 5_000
const CONNECT_MS = 5_000
/** Connections of one process: two that write, the others read. */
const MAX_CONNECTIONS = 10
const INT8 = 20

/**
 * Connections to the database. Each sends what it is asked without waiting for the answer to what it was asked before, so that
 * several statements cost one way there and back. Nothing is kept in a session, so a pooler may stand between (PgBouncer in
 * transaction mode).
 */
export function openPool(url: string, broken: (cause: Error) => void): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: STATEMENT_MS,
    keepAlive: true,
    pipeline: true,
    application_name: 'andon',
    types: TYPES,
  })
  // A connection that ends is replaced by the next one that is needed. Who was using it is told by its own question.
  pool.on('error', broken)
  pool.on('connect', (client) => void client.on('error', () => undefined))
  return pool
}

/** Numbers of the store fit a double: offsets, sequences, sums. */
const TYPES: CustomTypesConfig = {
  getTypeParser: (oid: number): ((text: string) => unknown) => (oid === INT8 ? Number : textParser(oid)),
}

function textParser(oid: number): (text: string) => unknown {
  // Its types know no numbers but those of `pg-types`.
  return pg.types.getTypeParser(oid, 'text') as (text: string) => unknown
}

/** SQLSTATE of what the database answered; null where it did not answer. */
export function stateOf(cause: unknown): string | null {
  // The system's own codes may have five letters, too.
  return cause instanceof pg.DatabaseError ? (cause.code ?? null) : null
}

/** SQLSTATE of a key that somebody else took just before. */
const TAKEN = '23505'
/** A transaction that others stood in the way of, a deadlock, a lock not had in time, a session that idled, a key just taken. */
const PASSING: ReadonlySet<string> = new Set(['40001', '40P01', '55P03', '25P03', TAKEN])

/** Somebody else was in the way: the same may succeed at once. */
export function isPassing(cause: unknown): boolean {
  return PASSING.has(stateOf(cause) ?? '')
}

/** Nobody answered, or the server ended the session: what was sent before a commit has not happened. */
export function isLost(cause: unknown): boolean {
  const state = stateOf(cause)
  return state === null ? cause instanceof Error : state.startsWith('08') || state.startsWith('57P')
}

/** The statement itself was refused for what is in it: the others of its group have nothing to do with it. */
export function isOfStatement(cause: unknown): boolean {
  const state = stateOf(cause)
  return state !== null && state !== TAKEN && ['22', '23', '54'].includes(state.slice(0, 2))
}

/** A connection that was taken from the pool. One that may be in the middle of something is closed, not given back. */
export class Lease {
  readonly client: pg.PoolClient
  #isClean = false
  #isOver = false

  constructor(client: pg.PoolClient) {
    this.client = client
  }

  static async of(pool: pg.Pool): Promise<Lease> {
    return new Lease(await pool.connect())
  }

  /** Its transaction is over. */
  clean(): void {
    this.#isClean = true
  }

  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.client.release(!this.#isClean)
  }
}

/** SQLSTATE of what is said beside an answer and is no more than that. */
const NO_TROUBLE = '00000'

/**
 * Listens for what the database says beside its answers; `end` tells whether there was a warning. A commit that comes with one may be
 * on this server alone: somebody ended its wait for the synchronous standby.
 */
export function hearWarnings(client: pg.PoolClient): { end(): boolean } {
  let isWarned = false
  // Its severity is in the language of the server.
  const hear = ({ code }: { readonly code?: string | undefined }): void => void (isWarned ||= code !== NO_TROUBLE)
  client.on('notice', hear)
  return {
    end() {
      client.off('notice', hear)
      return isWarned
    },
  }
}

/** Sends what `send` asks in one piece: a statement a packet would wake the database, and us, for each. */
export function inOnePiece<T>(client: pg.PoolClient, send: () => T): T {
  // The types do not say so, but a client has a connection, and that a socket.
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Duplex } }).connection
  stream.cork()
  try {
    return send()
  } finally {
    stream.uncork()
  }
}

/** One statement in a transaction of its own. */
export async function ask<R extends pg.QueryResultRow>(
  pool: Pick<pg.Pool, 'query'>,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly R[]> {
  const { rows } = await pool.query<R>(text, [...values])
  return rows
}
