import type pg from 'pg'
import type { SessionRow } from '../../ports/sessions.ts'
import { ask } from './connection.ts'

/**
 * Somebody signs in on a device: from now on it is kept as P1 says, nobody asks any more whence it came, and the alerts that it
 * raised alone are among those of devices of people (T18, T21). Locks in the order of `LockSet`.
 */
export async function signedIn(
  client: pg.PoolClient,
  { device: id, operator }: Pick<SessionRow, 'device' | 'operator'>,
  at: string,
): Promise<void> {
  const [device] = await ask<{ usedAt: string | null; source: string }>(
    client,
    'SELECT used_at AS "usedAt", source FROM andon.devices WHERE id = $1 FOR NO KEY UPDATE',
    [id],
  )
  const before = await ask(client, 'SELECT 1 FROM andon.sign_ins WHERE device = $1 LIMIT 1', [id])
  await client.query('INSERT INTO andon.sign_ins (device, operator) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    id,
    operator,
  ])
  if (device === undefined || before.length > 0) return
  await client.query(
    `SELECT 1 FROM andon.channels WHERE id IN (SELECT channel FROM andon.records WHERE raiser = '0 ' || $1::text)
     ORDER BY name FOR NO KEY UPDATE`,
    [id],
  )
  await client.query(`SELECT 1 FROM andon.meta WHERE key = 'registry' FOR NO KEY UPDATE`)
  await client.query(`UPDATE andon.devices SET used_at = COALESCE(used_at, $2), source = '' WHERE id = $1`, [id, at])
  await client.query(`UPDATE andon.records SET raiser = '1 ' || $1::text WHERE raiser = '0 ' || $1::text`, [id])
  const { usedAt, source } = device
  const changes: readonly (readonly [kind: string, source: string, by: number])[] =
    usedAt === null
      ? [
          ['used', '', 1],
          ['strangers', '', -1],
          ['strangers-from', source, -1],
        ]
      : [
          ['alone', '', -1],
          ['alone-from', source, -1],
        ]
  await client.query(
    `INSERT INTO andon.device_sums (kind, source, count) SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
     ON CONFLICT (kind, source) DO UPDATE SET count = andon.device_sums.count + excluded.count`,
    [changes.map(([kind]) => kind), changes.map(([, from]) => from), changes.map(([, , by]) => by)],
  )
}
