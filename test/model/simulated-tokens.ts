import { refuse } from '../../relay/protocol/errors.ts'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import type { AccessClaims, Tokens } from '../../server/ports/tokens.ts'

export interface SimulatedTokensOptions {
  readonly nowMs: () => number
  readonly accessTokenMs: number
}

/** Tokens that say what they mean: nobody forges here, and signatures have their own tests. */
export function simulatedTokens({ nowMs, accessTokenMs }: SimulatedTokensOptions): Tokens {
  return {
    issueAccess(claims) {
      const token = JSON.stringify({ ...claims, expiresAt: nowMs() + accessTokenMs })
      return Promise.resolve({ token, expiresInMs: accessTokenMs })
    },
    verifyAccess(token) {
      const claims = JSON.parse(token) as AccessClaims & { readonly expiresAt: number }
      if (claims.expiresAt <= nowMs()) return Promise.resolve(refuse('token-expired'))
      return Promise.resolve({ ok: true, value: claims })
    },
    issueDevice: (device) => device,
    verifyDevice: (token) => ({ ok: true, value: { device: token as DeviceId, link: '' } }),
    refreshToken: (session, generation) => refreshToken(session, generation),
    refreshTokenAgain: (session, generation) => refreshToken(session, generation).token,
    refreshGeneration: (token) => Number(token.split('.')[1]),
    hashRefresh: (token) => token,
    isRefreshOf: (token: string, session: SessionId) => token.startsWith(`${session}.`),
    jwks: () => ({ keys: [] }),
  }
}

function refreshToken(session: SessionId, generation: number): { readonly token: string; readonly hash: string } {
  const token = `${session}.${generation}`
  return { token, hash: token }
}
