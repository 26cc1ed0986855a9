import type pg from 'pg'
import type { Incarnation } from '../../../relay/protocol/ids.ts'
import { Lease } from './connection.ts'
import type { WriterName } from './writer-row.ts'

/**
 * Where a transaction takes place. A server that is promoted begins a new timeline, so each transaction sees whether it is still
 * on the line of those before it. Fails on a standby, which takes no writes and must not be believed either.
 */
export interface Moment extends pg.QueryResultRow {
  /** Server time, epoch milliseconds. */
  readonly ms: number
  readonly timeline: string
  readonly incarnation: string | null
}

const TIMELINE = 'left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)'
export const MOMENT = `SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS ms, ${TIMELINE} AS timeline,
  (SELECT value FROM andon.meta WHERE key = 'incarnation') AS incarnation`

/** How many groups of each writer were confirmed, kept outside the database: it may come back without them. */
export interface ConfirmedCommits {
  /** Never throws and never waits for anything but this machine's own disk. */
  confirmed(writer: WriterName, commits: number): void
  /** Of as many writers as can be said now. */
  known(): Promise<ReadonlyMap<WriterName, number>>
  /** All but these writers are of no interest any more. */
  keep(writers: ReadonlySet<WriterName>): Promise<void>
  close(): void
}

/** A transaction met another server, or another life of the floor, than this store was opened on: nothing of it may stay. */
export class OtherLine extends Error {}

/** What becomes of a floor whose database went on as another server. */
export interface Judgement {
  readonly timeline: string
  readonly incarnation: Incarnation
  /** Writers of whom something was confirmed that is not there, and those of whom nobody can say. */
  readonly missing: number
  readonly unknown: number
}

/** Whoever wrote within so long before the last commit of all may have been in the middle of it. */
const RECENT_MINUTES = 10
/** A judgement waits for the groups that are under way, milliseconds. */
const LOCK_MS = 5_000
/** 'ANDL': whoever judges holds the lock of this number. */
const JUDGING = 0x41_4e_44_4c

/**
 * Compares what was confirmed with what is there. Where a commit is missing, or nobody can say whether one is, the floor begins a
 * new incarnation and every channel a new epoch, as after a restore: devices declare where they are, readers take a snapshot (P2).
 * In the caller's transaction. `incarnation`: of the caller; null where it has none yet.
 */
export async function judge(
  client: pg.PoolClient,
  { incarnation, known }: { readonly incarnation: string | null; readonly known: ReadonlyMap<WriterName, number> },
): Promise<Judgement & { readonly recent: ReadonlySet<WriterName> }> {
  await client.query(`SET LOCAL lock_timeout = ${LOCK_MS}`)
  await client.query('SELECT pg_advisory_xact_lock($1)', [JUDGING])
  const { rows: moments } = await client.query<{ timeline: string; judged: string | null; incarnation: string }>(
    `SELECT ${TIMELINE} AS timeline, (SELECT value FROM andon.meta WHERE key = 'timeline') AS judged,
     (SELECT value FROM andon.meta WHERE key = 'incarnation') AS incarnation`,
  )
  const [now] = moments
  if (now === undefined) throw new Error('the database has no incarnation')
  const { rows } = await client.query<{ id: WriterName; commits: number; isRecent: boolean }>(
    `SELECT id, commits, opened_at::timestamptz > (SELECT max(opened_at::timestamptz) FROM andon.writers)
       - make_interval(mins => $1) AS "isRecent" FROM andon.writers`,
    [RECENT_MINUTES],
  )
  const there = new Map(rows.map(({ id, commits }) => [id, commits]))
  const recent = new Set(rows.flatMap(({ id, isRecent }) => (isRecent ? [id] : [])))
  const answer = { timeline: now.timeline, recent }
  // Somebody else has judged so already.
  if (incarnation !== null && now.incarnation !== incarnation)
    return { ...answer, incarnation: now.incarnation as Incarnation, missing: 0, unknown: 0 }
  const missing = [...known].filter(([writer, commits]) => commits > (there.get(writer) ?? 0))
  const isOther = now.judged !== null && now.judged !== now.timeline
  const unknown = isOther ? [...recent].filter((writer) => !known.has(writer)).length : 0
  const begun = missing.length + unknown > 0 ? await beginIncarnation(client, missing) : now.incarnation
  await client.query(
    `INSERT INTO andon.meta (key, value) VALUES ('timeline', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    [now.timeline],
  )
  return { ...answer, incarnation: begun as Incarnation, missing: missing.length, unknown }
}

async function beginIncarnation(
  client: pg.PoolClient,
  missing: readonly (readonly [writer: WriterName, commits: number])[],
): Promise<string> {
  // Whoever else knows of them does not miss them once more.
  await client.query(
    `INSERT INTO andon.writers (id, commits, opened_at) SELECT id, commits, (clock_timestamp() - interval '1 day')::text
     FROM unnest($1::text[], $2::bigint[]) AS missing (id, commits) ON CONFLICT (id) DO UPDATE SET commits = excluded.commits`,
    [missing.map(([writer]) => writer), missing.map(([, commits]) => commits)],
  )
  await client.query('UPDATE andon.channels SET epoch = substr(md5(gen_random_uuid()::text), 1, 16)')
  const { rows } = await client.query<{ value: string }>(
    `UPDATE andon.meta SET value = gen_random_uuid()::text WHERE key = 'incarnation' RETURNING value`,
  )
  return rows[0]?.value ?? ''
}

export interface LineageOptions {
  readonly pool: pg.Pool
  readonly opened: { readonly timeline: string; readonly incarnation: Incarnation }
  readonly confirmed: ConfirmedCommits
  /** The floor has begun a new incarnation: nothing more is taken by this store, which has to be opened again. Told once. */
  readonly renewed: (judgement: Judgement) => void
}

/** The line of transactions that this store is on, and what is done when the database leaves it. */
export class Lineage {
  readonly #options: LineageOptions
  #timeline: string
  #isOver = false
  #settling: Promise<void> | null = null

  constructor(options: LineageOptions) {
    this.#options = options
    this.#timeline = options.opened.timeline
  }

  /** @throws {OtherLine} where this moment is on another line: then nothing may be committed, or believed, before `settle` */
  check({ timeline, incarnation }: Pick<Moment, 'timeline' | 'incarnation'>): void {
    if (!this.#isOver && timeline === this.#timeline && incarnation === this.#options.opened.incarnation) return
    throw new OtherLine('the database is another than before: what was confirmed is being compared')
  }

  /** Whether the store may go on. Rejects while the database cannot say. */
  async settle(): Promise<boolean> {
    if (this.#isOver) return false
    await (this.#settling ??= this.#settle().finally(() => (this.#settling = null)))
    return !this.#isOver
  }

  async #settle(): Promise<void> {
    const { confirmed, opened, pool, renewed } = this.#options
    const known = await confirmed.known()
    const lease = await Lease.of(pool)
    try {
      await lease.client.query('BEGIN')
      const judgement = await judge(lease.client, { incarnation: opened.incarnation, known })
      await lease.client.query('COMMIT')
      lease.clean()
      this.#timeline = judgement.timeline
      if (judgement.incarnation === opened.incarnation) return
      this.#isOver = true
      renewed(judgement)
    } finally {
      lease.end()
    }
  }
}

/** What any of these knows, and to each what is confirmed. */
export function joinConfirmed(all: readonly ConfirmedCommits[]): ConfirmedCommits {
  return {
    confirmed: (writer, commits) => all.forEach((each) => each.confirmed(writer, commits)),
    async known() {
      const known = new Map<WriterName, number>()
      for (const each of await Promise.all(all.map((one) => one.known())))
        for (const [writer, commits] of each) known.set(writer, Math.max(commits, known.get(writer) ?? 0))
      return known
    },
    keep: async (writers) => void (await Promise.all(all.map((each) => each.keep(writers)))),
    close: () => all.forEach((each) => each.close()),
  }
}
