import { v7 as uuidv7 } from 'uuid'
import { refuse, type Refusal } from '../../relay/protocol/errors.ts'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import type { OperatorRow, SessionRow } from '../ports/store.ts'
import type { HttpOptions } from './options.ts'

export interface Grant {
  readonly ok: true
  readonly session: SessionRow
  readonly operator: OperatorRow
  readonly accessToken: string
  readonly expiresInMs: number
  readonly refreshToken: string
  /** Milliseconds until the session cannot be refreshed any more. */
  readonly lastsMs: number
}

type Parts = Pick<HttpOptions, 'store' | 'tokens' | 'clock' | 'config' | 'sessionEnded'>

/** Opens a session of an operator whose PIN was right. */
export async function openSession(parts: Parts, operator: OperatorRow, device: DeviceId): Promise<Grant> {
  const now = parts.clock.now()
  const id = uuidv7() as SessionId
  const refresh = parts.tokens.newRefresh(id)
  const session: SessionRow = {
    id,
    operator: operator.id,
    device,
    status: 'active',
    createdAt: timestamp(now),
    expiresAt: timestamp(now + parts.config.sessionMs),
    refreshHash: refresh.hash,
    previousHash: null,
    generation: 1,
  }
  await parts.store.putSession(session)
  return await grant(parts, session, operator, refresh.token)
}

/**
 * Exchanges a refresh token for the next one. Each is good once, with one exception: while the token that replaced it was
 * never presented, its predecessor still works, because then the answer that carried the new one was lost on the way — on a
 * bad link more than once. Any older token of this session is one that somebody copied, and we cannot tell who came first:
 * the session is revoked.
 */
export async function refreshSession(
  parts: Parts,
  { id, token, device }: { readonly id: SessionId; readonly token: string | null; readonly device: DeviceId },
): Promise<Grant | Refusal> {
  const { store, tokens, clock } = parts
  const session = await store.session(id)
  if (session === null || session.device !== device) return refuse('session-unknown')
  const operator = await store.operator(session.operator)
  const ended = await whyEnded(parts, session, operator)
  if (ended !== null) return ended
  // The cookie of a browser belongs to whoever signed in last; an overtaken one says nothing about this session.
  if (operator === null || token === null || !tokens.isRefreshOf(token, id)) return refuse('session-ended')

  const presented = tokens.hashRefresh(token)
  if (presented !== session.refreshHash && presented !== session.previousHash)
    return await revokeReused(parts, session, { token, device })
  const next = tokens.newRefresh(id)
  const rotated: SessionRow = {
    ...session,
    refreshHash: next.hash,
    previousHash: presented,
    generation: session.generation + 1,
  }
  if (!(await store.putSession(rotated, session.refreshHash))) {
    // Somebody rotated, ended or revoked it between our read and our write: start over on what is true now. Every round
    // means another request got through, so this ends.
    return await refreshSession(parts, { id, token, device })
  }
  return await grant({ tokens, clock }, rotated, operator, next.token)
}

/** Null while the session may go on. One that ran out is marked as such when that is noticed. */
async function whyEnded(parts: Parts, session: SessionRow, operator: OperatorRow | null): Promise<Refusal | null> {
  if (session.status === 'revoked' || operator?.status !== 'active') return refuse('session-revoked')
  if (session.status !== 'active') return refuse('session-ended')
  if (Date.parse(session.expiresAt) > parts.clock.now()) return null
  await parts.store.putSession({ ...session, status: 'expired' }, session.refreshHash)
  parts.sessionEnded([session.id])
  return refuse('session-ended')
}

async function revokeReused(
  parts: Parts,
  session: SessionRow,
  presented: { readonly token: string; readonly device: DeviceId },
): Promise<Grant | Refusal> {
  // Rotated or ended meanwhile: look again, for a session that was signed out must not become a revoked one.
  if (!(await parts.store.putSession({ ...session, status: 'revoked' }, session.refreshHash))) {
    return await refreshSession(parts, { id: session.id, ...presented })
  }
  parts.sessionEnded([session.id])
  return refuse('session-ended')
}

async function grant(
  { tokens, clock }: Pick<HttpOptions, 'tokens' | 'clock'>,
  session: SessionRow,
  operator: OperatorRow,
  refreshToken: string,
): Promise<Grant> {
  const access = await tokens.issueAccess({
    session: session.id,
    operator: operator.id,
    device: session.device,
    generation: session.generation,
  })
  return {
    ok: true,
    session,
    operator,
    accessToken: access.token,
    expiresInMs: access.expiresInMs,
    refreshToken,
    lastsMs: Math.max(0, Date.parse(session.expiresAt) - clock.now()),
  }
}

function timestamp(ms: number): string {
  return new Date(ms).toISOString()
}
