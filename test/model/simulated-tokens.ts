import { refuse } from '../../relay/protocol/errors.ts'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import type { AccessClaims, Tokens } from '../../server/ports/tokens.ts'

export interface SimulatedTokensOptions {
  readonly uuid: () => string
  readonly nowMs: () => number
  readonly accessTokenMs: number
}

/** Tokens that say what they mean: nobody forges here, and signatures have their own tests. */
export function simulatedTokens({ uuid, nowMs, accessTokenMs }: SimulatedTokensOptions): Tokens {
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
    issueDevice: (device) => Promise.resolve(device),
    verifyDevice: (token) => Promise.resolve({ ok: true, value: token as DeviceId }),
    newRefresh(session) {
      const token = `${session}.${uuid()}`
      return { token, hash: token }
    },
    hashRefresh: (token) => token,
    isRefreshOf: (token: string, session: SessionId) => token.startsWith(`${session}.`),
    jwks: () => ({ keys: [] }),
  }
}
