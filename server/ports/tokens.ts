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
   * Proves over HTTP which device speaks, after its key proved it in the greeting named by `link`. It has no time of its own,
   * because a connection may live for months: the next greeting ends it (`DeviceLinks`), and so does the device being revoked.
   * Whoever takes it asks for both at every use. Only this site reads it, and each greeting makes one: so it is no signature.
   */
  issueDevice(device: DeviceId, link: string): string
  /** `bad-token`. Says nothing about whether a later greeting ended it. */
  verifyDevice(token: string): Checked<{ readonly device: DeviceId; readonly link: string }>
  /**
   * The refresh token of one generation of a session, and its hash as the store keeps it: the same each time, so that it can
   * be told again. The token begins with its session's id, so that the token of another session (a cookie that was
   * overtaken) is told apart from a reused one of this session.
   */
  refreshToken(session: SessionId, generation: number): { readonly token: string; readonly hash: string }
  /** The token whose hash this is; null when it was made in another way (by an earlier version, or a key that is gone). */
  refreshTokenAgain(session: SessionId, generation: number, hash: string): string | null
  hashRefresh(token: string): string
  isRefreshOf(token: string, session: SessionId): boolean
  /** The generation of a token that this server once issued for the session; null for one that somebody made up. */
  refreshGeneration(token: string, session: SessionId): number | null
  /** Public keys (RFC 7517), newest first. */
  jwks(): { readonly keys: readonly Readonly<Record<string, unknown>>[] }
}
