import type pg from 'pg'
import type { DeviceId, SessionId } from '../../../relay/protocol/ids.ts'
import { unreachable } from '../../../relay/protocol/rights.ts'
import type { SessionEnd, SessionStatus } from '../../ports/sessions.ts'
import type { FloorNews, HeardNews } from '../../ports/shared-floor.ts'
import { ask } from './connection.ts'
import { remove } from './transact.ts'

interface Row {
  readonly kind: FloorNews['kind']
  readonly about: string
  readonly value: string
}

/** Of a session that is over; nothing of one that goes on. */
export async function tellSession(
  client: Pick<pg.PoolClient, 'query'>,
  { id, status }: { readonly id: SessionId; readonly status: SessionStatus },
): Promise<void> {
  const end: SessionEnd = status === 'revoked' ? 'session-revoked' : 'session-ended'
  if (status !== 'active') await tell(client, { kind: 'session', about: id, value: end })
}

export async function tellOperator(client: Pick<pg.PoolClient, 'query'>, operator: string): Promise<void> {
  await tell(client, { kind: 'operator', about: operator, value: '' })
}

async function tell(client: Pick<pg.PoolClient, 'query'>, { kind, about, value }: Row): Promise<void> {
  await client.query('INSERT INTO andon.floor_news (kind, about, value) VALUES ($1, $2, $3)', [kind, about, value])
}

/** What was committed behind this position, in the order in which it was said; nothing where there is none yet. */
export async function newsAfter(pool: pg.Pool, position: string | null): Promise<HeardNews> {
  const rows = await ask<{ position: string } & (Row | { kind: null })>(
    pool,
    `SELECT p.position, n.kind, n.about, n.value FROM (SELECT pg_current_snapshot()::text AS position) p
     LEFT JOIN andon.floor_news n ON n.tx >= pg_snapshot_xmin($1::pg_snapshot)
       AND NOT pg_visible_in_snapshot(n.tx, $1::pg_snapshot) ORDER BY n.id`,
    [position],
  )
  const news = rows.flatMap((row) => (row.kind === null ? [] : [newsOf(row)]))
  return { position: rows[0]?.position ?? '', news }
}

/** Only this adapter writes the rows. */
function newsOf({ kind, about, value }: Row): FloorNews {
  switch (kind) {
    case 'greeted':
      return { kind, device: about as DeviceId, link: Number(value) }
    case 'session':
      return { kind, session: about as SessionId, end: value as SessionEnd }
    case 'operator':
      return { kind, operator: about }
    default:
      return unreachable(kind)
  }
}

/** Answers how many went. */
export async function forgetNews(
  client: pg.PoolClient,
  { keptMs, maxRows }: { readonly keptMs: number; readonly maxRows: number },
): Promise<number> {
  return await remove(
    client,
    `DELETE FROM andon.floor_news WHERE id = ANY (ARRAY (SELECT id FROM andon.floor_news
     WHERE at < clock_timestamp() - make_interval(secs => $1) ORDER BY at LIMIT $2))`,
    [keptMs / 1_000, maxRows],
  )
}
