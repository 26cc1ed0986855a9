import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify, type JWK } from 'jose'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import { SUBPROTOCOL } from '../../relay/protocol/version.ts'

export interface ProvenDevice {
  readonly device: DeviceId
  /** The public key as JSON text. */
  readonly publicKey: string
}

/** Checks `hello.proof` against the nonce of this connection (PROTOCOL G2); null when it proves nothing. */
export async function checkProof(proof: string, nonce: string): Promise<ProvenDevice | null> {
  try {
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      algorithms: ['ES256'],
      audience: SUBPROTOCOL,
    })
    const jwk = protectedHeader.jwk
    if (payload['nonce'] !== nonce || jwk === undefined || 'd' in jwk) return null
    const publicKey: JWK = { kty: jwk.kty ?? '', crv: jwk.crv ?? '', x: jwk.x ?? '', y: jwk.y ?? '' }
    return {
      device: (await calculateJwkThumbprint(publicKey, 'sha256')) as DeviceId,
      publicKey: JSON.stringify(publicKey),
    }
  } catch {
    // Every way a signature can be wrong is the same answer: nothing is proved.
    return null
  }
}
