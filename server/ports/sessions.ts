/** One sign-in of a person on a device, and what has become of it. */
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import type { OperatorRow } from './site.ts'

export type SessionStatus = 'active' | 'signed-out' | 'expired' | 'revoked'
/** How a session ended, in the words of `errors.ts`: it was signed out or ran out, or somebody took it away. */
export type SessionEnd = 'session-ended' | 'session-revoked'
export interface SessionRow {
  readonly id: SessionId
  readonly operator: string
  readonly device: DeviceId
  readonly status: SessionStatus
  readonly createdAt: string
  /** Server time after which the session cannot be refreshed. */
  readonly expiresAt: string
  /** SHA-256 (base64url) of the current refresh token, and of the one before it, which is told the current one again (X3). */
  readonly refreshHash: string
  readonly previousHash: string | null
  readonly generation: number
}
/** What the refresh tokens of a session are at one moment. */
export type SessionHashes = Pick<SessionRow, 'refreshHash' | 'previousHash'>
/** Who ever signed in on a device: this person, only others, or nobody. */
export type PastSignIns = 'person' | 'others' | 'nobody'

/** What a session has come to; `unknown` where this device never had it. */
export type SessionState = 'active' | 'ended' | 'revoked' | 'unknown'

/** A session as its device should see it. */
export function sessionState(
  row: SessionRow | null,
  operator: OperatorRow | null,
  { device, at }: { readonly device: DeviceId; readonly at: string },
): SessionState {
  if (row === null || operator === null || row.device !== device) return 'unknown'
  if (row.status === 'revoked' || operator.status === 'inactive') return 'revoked'
  return isOver(row, at) ? 'ended' : 'active'
}

/** Whether a session was ended or has run out, marked as such or not. Times of equal length compare as text. */
export function isOver({ status, expiresAt }: SessionRow, at: string): boolean {
  return status !== 'active' || expiresAt <= at
}
