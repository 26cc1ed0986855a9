/** Makes and checks the tokens of HTTP and `auth`. Tokens never carry rights: those are read when a command is applied (P9). */
import type { Checked } from '../../relay/protocol/check.ts'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'

/** What an access token says: this person, in this session, on this device. `generation` counts the session's refreshes. */
export interface AccessClaims {
  readonly session: SessionId
  readonly operator: string
  readonly device: DeviceId
  readonly generation: number
}

export interface Tokens {
  issueAccess(claims: AccessClaims): Promise<{ readonly token: string; readonly expiresInMs: number }>
  /** `bad-token` or `token-expired`. `expiresAt`: server time, epoch milliseconds. Says nothing about the session's status. */
  verifyAccess(token: string): Promise<Checked<AccessClaims & { readonly expiresAt: number }>>
  /**
   * Proves over HTTP which device speaks, after its key proved it in `hello`. It has no end of its own, because a
   * connection may live for months; what ends it is the device being revoked, so its bearer's row is looked up at every use.
   */
  issueDevice(device: DeviceId): Promise<string>
  /** `bad-token`. */
  verifyDevice(token: string): Promise<Checked<DeviceId>>
  /**
   * A fresh refresh token, and its hash as the store keeps it. The token begins with its session's id, so that the token of
   * another session (a cookie that was overtaken) is told apart from a reused one of this session.
   */
  newRefresh(session: SessionId): { readonly token: string; readonly hash: string }
  hashRefresh(token: string): string
  isRefreshOf(token: string, session: SessionId): boolean
  /** Public keys (RFC 7517), newest first. */
  jwks(): { readonly keys: readonly Readonly<Record<string, unknown>>[] }
}
