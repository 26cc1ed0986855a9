import type pg from 'pg'
import type { DeviceId, Incarnation, SessionId } from '../../../relay/protocol/ids.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import type { StoreAdministration } from '../../ports/store-administration.ts'
import type { PastSignIns, SessionHashes, SessionRow } from '../../ports/sessions.ts'
import type {
  ApiKeyRow,
  DeviceCounts,
  DeviceRow,
  OperatorRow,
  ReviewRow,
  Reviews,
  SigningKeyRow,
} from '../../ports/site.ts'
import { ClocksApart, MAX_APART_MS } from '../../ports/store-errors.ts'
import { ask } from './connection.ts'
import { tellOperator, tellSession } from './floor-news.ts'
import { signedIn } from './signed-in.ts'
import { change, transact } from './transact.ts'

type Stored<T> = Omit<T, 'areas'> & { readonly areas: string }

const DEVICE = 'id, name, areas, status'
const OPERATOR = 'id, role, areas, pin_hash AS "pinHash", status'
const KEY = 'id, name, hash, role, areas'
const SESSION = `id, operator, device, status, created_at AS "createdAt", expires_at AS "expiresAt",
  refresh_hash AS "refreshHash", previous_hash AS "previousHash", generation`

/** Whoever offers a signing key holds the lock of this number. */
const OFFERING = 0x4b_45_59_53

/** Devices that made room and were refused since the start: of this process. */
export type RecentCounts = Pick<DeviceCounts, 'refused' | 'evicted' | 'forgotten'>

/** Who and what belongs to the site: rows in, rows out. Nothing of it is kept in memory, because other nodes change it, too. */
export class People implements StoreAdministration {
  readonly #pool: pg.Pool
  readonly #incarnation: Incarnation
  readonly #recent: () => RecentCounts
  readonly #now: () => Promise<string>

  constructor(
    pool: pg.Pool,
    options: {
      readonly incarnation: Incarnation
      readonly recent: () => RecentCounts
      readonly now: () => Promise<string>
    },
  ) {
    this.#pool = pool
    this.#incarnation = options.incarnation
    this.#recent = options.recent
    this.#now = options.now
  }

  async areas(): Promise<readonly string[]> {
    const rows = await ask<{ name: string }>(this.#pool, 'SELECT name FROM andon.areas ORDER BY name')
    return rows.map(({ name }) => name)
  }

  async addArea(area: string): Promise<void> {
    await change(this.#pool, 'INSERT INTO andon.areas (name) VALUES ($1) ON CONFLICT DO NOTHING', [area])
  }

  async device(id: DeviceId): Promise<DeviceRow | null> {
    const rows = await ask<Stored<DeviceRow>>(this.#pool, `SELECT ${DEVICE} FROM andon.devices WHERE id = $1`, [id])
    return rows.map(withAreas)[0] ?? null
  }

  async devices(): Promise<readonly DeviceRow[]> {
    const rows = await ask<Stored<DeviceRow>>(this.#pool, `SELECT ${DEVICE} FROM andon.devices ORDER BY id`)
    return rows.map(withAreas)
  }

  async usedDevices(max: number): Promise<readonly DeviceId[]> {
    const rows = await ask<{ id: DeviceId }>(
      this.#pool,
      `SELECT id FROM andon.devices WHERE status = 'active' AND used_at IS NOT NULL ORDER BY last_seen DESC LIMIT $1`,
      [max],
    )
    return rows.map(({ id }) => id)
  }

  async deviceCounts(): Promise<DeviceCounts> {
    const rows = await ask<{ kind: string; count: number }>(
      this.#pool,
      `SELECT kind, count FROM andon.device_sums WHERE source = '' AND kind IN ('used', 'alone', 'strangers')`,
    )
    const counts = new Map(rows.map(({ kind, count }) => [kind, count]))
    const of = (kind: string): number => counts.get(kind) ?? 0
    return { used: of('used'), alone: of('alone'), strangers: of('strangers'), ...this.#recent() }
  }

  async operator(id: string): Promise<OperatorRow | null> {
    const rows = await ask<Stored<OperatorRow>>(this.#pool, `SELECT ${OPERATOR} FROM andon.operators WHERE id = $1`, [
      id,
    ])
    return rows.map(withAreas)[0] ?? null
  }

  async operators(): Promise<readonly OperatorRow[]> {
    const rows = await ask<Stored<OperatorRow>>(this.#pool, `SELECT ${OPERATOR} FROM andon.operators ORDER BY id`)
    return rows.map(withAreas)
  }

  async putOperator({ id, role, areas, pinHash, status }: OperatorRow): Promise<void> {
    await transact(this.#pool, async (client) => {
      await client.query(
        `INSERT INTO andon.operators (id, role, areas, pin_hash, status) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id)
         DO UPDATE SET role = excluded.role, areas = excluded.areas, pin_hash = excluded.pin_hash, status = excluded.status`,
        [id, role, JSON.stringify(areas), pinHash, status],
      )
      await tellOperator(client, id)
    })
  }

  async session(id: SessionId): Promise<SessionRow | null> {
    const rows = await ask<SessionRow & pg.QueryResultRow>(
      this.#pool,
      `SELECT ${SESSION} FROM andon.sessions WHERE id = $1`,
      [id],
    )
    return rows[0] ?? null
  }

  async putSession(row: SessionRow, expected?: SessionHashes): Promise<boolean> {
    if (expected !== undefined) return await this.#swapSession(row, expected)
    const at = await this.#now()
    return await transact(this.#pool, async (client) => {
      await signedIn(client, row, at)
      await client.query(
        `INSERT INTO andon.sessions
         (id, operator, device, status, created_at, expires_at, refresh_hash, previous_hash, generation)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO UPDATE SET status = excluded.status,
         expires_at = excluded.expires_at, refresh_hash = excluded.refresh_hash, previous_hash = excluded.previous_hash,
         generation = excluded.generation`,
        [
          row.id,
          row.operator,
          row.device,
          row.status,
          row.createdAt,
          row.expiresAt,
          row.refreshHash,
          row.previousHash,
          row.generation,
        ],
      )
      // Beyond the bound the person's own oldest goes; ids of sessions count up with time.
      await client.query(
        `DELETE FROM andon.sessions WHERE operator = $1 AND id <=
         (SELECT id FROM andon.sessions WHERE operator = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)`,
        [row.operator, LIMITS.maxSessionsPerOperator],
      )
      return true
    })
  }

  /** Where nobody knows whether it was done before, what was to be written is looked for. */
  async #swapSession(row: SessionRow, expected: SessionHashes): Promise<boolean> {
    return await transact(this.#pool, async (client, isAgain) => {
      const { rowCount } = await client.query(
        `UPDATE andon.sessions SET status = $2, expires_at = $3, refresh_hash = $4, previous_hash = $5, generation = $6
         WHERE id = $1 AND refresh_hash = $7 AND previous_hash IS NOT DISTINCT FROM $8 AND status = 'active'`,
        [
          row.id,
          row.status,
          row.expiresAt,
          row.refreshHash,
          row.previousHash,
          row.generation,
          expected.refreshHash,
          expected.previousHash,
        ],
      )
      if (rowCount === 1) await tellSession(client, row)
      if (rowCount === 1 || !isAgain) return rowCount === 1
      const done = await client.query(
        `SELECT 1 FROM andon.sessions WHERE id = $1 AND status = $2 AND refresh_hash = $3
         AND previous_hash IS NOT DISTINCT FROM $4 AND generation = $5`,
        [row.id, row.status, row.refreshHash, row.previousHash, row.generation],
      )
      return done.rowCount === 1
    })
  }

  async pastSignIns(device: DeviceId, operator: string): Promise<PastSignIns> {
    const [row] = await ask<{ own: boolean; any: boolean }>(
      this.#pool,
      `SELECT EXISTS (SELECT 1 FROM andon.sign_ins WHERE device = $1 AND operator = $2) AS own,
       EXISTS (SELECT 1 FROM andon.sign_ins WHERE device = $1) AS any`,
      [device, operator],
    )
    if (row?.own === true) return 'person'
    return row?.any === true ? 'others' : 'nobody'
  }

  async apiKeyByHash(hash: string): Promise<ApiKeyRow | null> {
    const rows = await ask<Stored<ApiKeyRow>>(this.#pool, `SELECT ${KEY} FROM andon.api_keys WHERE hash = $1`, [hash])
    return rows.map(withAreas)[0] ?? null
  }

  async apiKeys(): Promise<readonly ApiKeyRow[]> {
    const rows = await ask<Stored<ApiKeyRow>>(this.#pool, `SELECT ${KEY} FROM andon.api_keys ORDER BY id`)
    return rows.map(withAreas)
  }

  async putApiKey({ id, name, hash, role, areas }: ApiKeyRow): Promise<void> {
    await change(
      this.#pool,
      `INSERT INTO andon.api_keys (id, name, hash, role, areas) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id)
       DO UPDATE SET name = excluded.name, hash = excluded.hash, role = excluded.role, areas = excluded.areas`,
      [id, name, hash, role, JSON.stringify(areas)],
    )
  }

  async signingKeys(): Promise<readonly SigningKeyRow[]> {
    return await ask<SigningKeyRow & pg.QueryResultRow>(
      this.#pool,
      'SELECT kid, jwk, created_at AS "createdAt" FROM andon.signing_keys ORDER BY created_at DESC',
    )
  }

  async offerSigningKey({ kid, jwk, createdAt }: SigningKeyRow): Promise<void> {
    await transact(this.#pool, async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [OFFERING])
      await client.query(
        `INSERT INTO andon.signing_keys (kid, jwk, created_at) SELECT $1, $2, $3
         WHERE NOT EXISTS (SELECT 1 FROM andon.signing_keys)`,
        [kid, jwk, createdAt],
      )
    })
  }

  incarnation(): Promise<Incarnation> {
    return Promise.resolve(this.#incarnation)
  }

  async timersWaiting(): Promise<number> {
    const [row] = await ask<{ count: number }>(this.#pool, 'SELECT COUNT(*) AS count FROM andon.timers')
    return row?.count ?? 0
  }

  async reviews(): Promise<Reviews> {
    const stored = await ask<Omit<ReviewRow, 'detail'> & { id: number; detail: string }>(
      this.#pool,
      'SELECT id, kind, device, detail, at FROM andon.reviews ORDER BY id',
    )
    // Only `addReview` wrote these rows. Ids count up from 1, and the newest row never goes.
    const rows = stored.map(
      ({ id: _id, detail, ...row }) => ({ ...row, detail: JSON.parse(detail) as unknown }) as ReviewRow,
    )
    return { rows, dropped: (stored.at(-1)?.id ?? 0) - rows.length }
  }

  async probe(): Promise<void> {
    const asked = Date.now()
    const ms = await transact(this.#pool, async (client) => {
      const { rows } = await client.query<{ ms: number }>(
        `INSERT INTO andon.meta (key, value) VALUES ('probe', clock_timestamp()::text)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value
         RETURNING floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS ms`,
      )
      return rows[0]?.ms ?? 0
    })
    const aheadMs = asked > ms ? asked - ms : Math.min(0, Date.now() - ms)
    if (Math.abs(aheadMs) >= MAX_APART_MS) throw new ClocksApart(aheadMs)
  }
}

/** The JSON was written by this adapter; the columns' CHECKs hold the rest. */
function withAreas<T extends { readonly areas: string }>(
  row: T,
): Omit<T, 'areas'> & { readonly areas: readonly string[] } {
  return { ...row, areas: JSON.parse(row.areas) as readonly string[] }
}
