/** What every `IdentityPort` must do. `place` opens the same identity each time within one test. */
import { calculateJwkThumbprint, compactVerify, decodeProtectedHeader, importJWK, type JWK } from 'jose'
import { describe, expect, it } from 'vitest'
import type { IdentityPort } from '../ports.ts'

export function identityContract(name: string, place: () => () => Promise<IdentityPort>): void {
  describe(`${name} as an IdentityPort`, () => {
    it('proves its key over nonce and audience [G2]', async () => {
      const identity = await place()()
      const proof = await identity.prove('nonce-of-the-server', 'andon.v1')
      const header = decodeProtectedHeader(proof)
      const jwk = header['jwk'] as JWK
      expect(header.alg).toBe('ES256')
      const { payload } = await compactVerify(proof, await importJWK(jwk, 'ES256'))
      expect(JSON.parse(new TextDecoder().decode(payload))).toEqual({ nonce: 'nonce-of-the-server', aud: 'andon.v1' })
      expect(proof.length).toBeLessThan(2048) // the limit of `hello.proof`
    })

    it('shows its public half only, and is named by its thumbprint [G2, RFC 7638]', async () => {
      const identity = await place()()
      const jwk = decodeProtectedHeader(await identity.prove('n', 'a'))['jwk'] as JWK
      expect(Object.keys(jwk).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['crv', 'kty', 'x', 'y'])
      expect(identity.device).toBe(await calculateJwkThumbprint(jwk))
    })

    it('is the same device the next time, and another one elsewhere', async () => {
      const here = place()
      const { device } = await here()
      expect((await here()).device).toBe(device)
      expect((await place()()).device).not.toBe(device)
    })
  })
}
