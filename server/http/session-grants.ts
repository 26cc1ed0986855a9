import { v7 as uuidv7 } from 'uuid'
import { refuse, type Refusal } from '../../relay/protocol/errors.ts'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import type { SessionRow } from '../ports/sessions.ts'
import type { OperatorRow } from '../ports/site.ts'
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
  const refresh = parts.tokens.refreshToken(id, 1)
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
  return await grant(parts, { session, operator }, refresh.token)
}

interface Presented {
  readonly id: SessionId
  readonly token: string | null
  readonly device: DeviceId
  /** The token was the current one when it came in, and another request with it was faster. */
  readonly wasCurrent?: true
}

/**
 * Exchanges a refresh token for the next one (X3). While the token that replaced it was never presented, the one before is told
 * the same again, however often: its answer was lost on the way, which can happen any number of times in a row, or several
 * windows asked at once. All of them then hold the current one, and none is taken for a thief later. Nothing is written for it,
 * so neither a full disk nor a restart in between has a say.
 *
 * Any older token of this session is one that somebody copied, and we cannot tell who came first: the session is revoked. That
 * takes a token which this server once issued: what somebody made up is refused, and ends nothing.
 */
export async function refreshSession(parts: Parts, presented: Presented): Promise<Grant | Refusal> {
  const { id, token, device } = presented
  const { store, tokens } = parts
  const session = await store.session(id)
  if (session === null || session.device !== device) return refuse('session-unknown')
  const operator = await store.operator(session.operator)
  const ended = await whyEnded(parts, session, operator)
  if (ended !== null) return ended
  // The cookie of a browser belongs to whoever signed in last; an overtaken one says nothing about this session.
  if (operator === null || token === null || !tokens.isRefreshOf(token, id)) return refuse('session-ended')

  const hash = tokens.hashRefresh(token)
  if (hash === session.refreshHash) return await rotate(parts, { session, operator }, presented)
  const generation = tokens.refreshGeneration(token, id)
  // Earlier versions took the hash away once its token was told again; which one it is, is in the token itself.
  if (hash === session.previousHash || generation === session.generation - 1)
    return await tellAgain(parts, { session, operator }, presented)
  if (presented.wasCurrent === true) return refuse('unavailable', 'This session is being refreshed; try again.')
  // Nobody's, or of a time that a restore took back: then nobody copied anything.
  if (generation === null || generation > session.generation) return refuse('session-ended')
  return await revokeReused(parts, session, presented)
}

interface Known {
  readonly session: SessionRow
  readonly operator: OperatorRow
}

async function rotate(parts: Parts, { session, operator }: Known, presented: Presented): Promise<Grant | Refusal> {
  const generation = session.generation + 1
  const { token, hash } = parts.tokens.refreshToken(session.id, generation)
  const rotated: SessionRow = { ...session, refreshHash: hash, previousHash: session.refreshHash, generation }
  // Somebody rotated, ended or revoked it between our read and our write: look again at what is true now. Every round means
  // that another request got through, so this ends.
  if (!(await parts.store.putSession(rotated, session)))
    return await refreshSession(parts, { ...presented, wasCurrent: true })
  return await grant(parts, { session: rotated, operator }, token)
}

/** The answer that was lost. A token that cannot be told again, of an earlier version, gives way to one that can. */
async function tellAgain(parts: Parts, { session, operator }: Known, presented: Presented): Promise<Grant | Refusal> {
  const { id, refreshHash } = session
  const again = parts.tokens.refreshTokenAgain(id, session.generation, refreshHash)
  if (again !== null) return await grant(parts, { session, operator }, again)
  const generation = session.generation + 1
  const { token, hash } = parts.tokens.refreshToken(id, generation)
  const renewed: SessionRow = { ...session, refreshHash: hash, generation }
  if (!(await parts.store.putSession(renewed, session))) return await refreshSession(parts, presented)
  return await grant(parts, { session: renewed, operator }, token)
}

/** Null while the session may go on. One that ran out is marked as such when that is noticed. */
async function whyEnded(parts: Parts, session: SessionRow, operator: OperatorRow | null): Promise<Refusal | null> {
  if (session.status === 'revoked' || operator?.status !== 'active') return refuse('session-revoked')
  if (session.status !== 'active') return refuse('session-ended')
  if (Date.parse(session.expiresAt) > parts.clock.now()) return null
  await parts.store.putSession({ ...session, status: 'expired' }, session)
  parts.sessionEnded([session.id], 'session-ended')
  return refuse('session-ended')
}

async function revokeReused(parts: Parts, session: SessionRow, presented: Presented): Promise<Grant | Refusal> {
  // Rotated or ended meanwhile: look again, for a session that was signed out must not become a revoked one.
  if (!(await parts.store.putSession({ ...session, status: 'revoked' }, session)))
    return await refreshSession(parts, presented)
  parts.sessionEnded([session.id], 'session-revoked')
  return refuse('session-revoked')
}

async function grant(
  { tokens, clock }: Pick<HttpOptions, 'tokens' | 'clock'>,
  { session, operator }: Known,
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
