import type pg from 'pg'
import type { DeviceId } from '../../../relay/protocol/ids.ts'
import { ask } from './connection.ts'

interface OldDevice {
  readonly id: DeviceId
  readonly usedAt: string | null
  readonly source: string
}

/** Server times before which a device was last here that is not kept any more. */
export interface DeviceLimits {
  readonly used: string
  readonly strangers: string
}

/** Tables that hang on a device, and whose rows may be many. */
const BESIDE = ['results', 'marks', 'sessions'] as const

/** Finds devices that were away for too long, the longest first, and deletes them with what hangs on them (T18). */
export class DeviceForgetting {
  readonly #forgotten: () => void

  constructor(forgotten: () => void) {
    this.#forgotten = forgotten
  }

  /** Answers how many rows went, at most so many. */
  async step(client: pg.PoolClient, limits: DeviceLimits, maxRows: number): Promise<number> {
    const strangers = await longestAway(client, { isUsed: false, limit: limits.strangers, maxRows })
    const used = await longestAway(client, { isUsed: true, limit: limits.used, maxRows })
    let rows = 0
    for (const device of [...strangers, ...used]) {
      if (rows >= maxRows) break
      rows += await this.#forget(client, device, maxRows - rows)
    }
    return rows
  }

  async #forget(client: pg.PoolClient, { id, usedAt, source }: OldDevice, maxRows: number): Promise<number> {
    let rows = 0
    for (const table of BESIDE) {
      const { rowCount } = await client.query(
        `DELETE FROM andon.${table} WHERE ctid = ANY (ARRAY (SELECT ctid FROM andon.${table} WHERE device = $1 LIMIT $2))`,
        [id, maxRows - rows],
      )
      rows += rowCount ?? 0
      // The rest of it goes with the next step.
      if (rows >= maxRows) return rows
    }
    await client.query(`SELECT 1 FROM andon.meta WHERE key = 'registry' FOR NO KEY UPDATE`)
    const signIns = await ask(client, 'SELECT 1 FROM andon.sign_ins WHERE device = $1 LIMIT 1', [id])
    await client.query('DELETE FROM andon.devices WHERE id = $1', [id])
    const kinds = usedAt === null ? ['strangers'] : signIns.length === 0 ? ['used', 'alone'] : ['used']
    const from = usedAt === null ? ['strangers-from'] : signIns.length === 0 ? ['alone-from'] : []
    await client.query(
      `UPDATE andon.device_sums SET count = GREATEST(0, count - 1)
       WHERE (kind = ANY ($1::text[]) AND source = '') OR (kind = ANY ($2::text[]) AND source = $3)`,
      [kinds, from, source],
    )
    // Nobody comes from there any more.
    await client.query(`DELETE FROM andon.device_sums WHERE count = 0 AND source = $1 AND source <> ''`, [source])
    this.#forgotten()
    return rows + 1
  }
}

/** One that is here is held by whoever it talks to, and is passed over. */
async function longestAway(
  client: pg.PoolClient,
  { isUsed, limit, maxRows }: { readonly isUsed: boolean; readonly limit: string; readonly maxRows: number },
): Promise<readonly OldDevice[]> {
  return await ask<OldDevice & pg.QueryResultRow>(
    client,
    `SELECT id, used_at AS "usedAt", source FROM andon.devices WHERE used_at IS ${isUsed ? 'NOT NULL' : 'NULL'}
     AND last_seen < $1 ORDER BY last_seen LIMIT $2 FOR UPDATE SKIP LOCKED`,
    [limit, maxRows],
  )
}
