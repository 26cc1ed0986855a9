import { createHash } from 'node:crypto'
import { decodeProtectedHeader, EmbeddedJWK, jwtVerify, type JWK } from 'jose'
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
    return { device: thumbprintOf(jwk), publicKey: JSON.stringify(publicKey) }
  } catch {
    // Every way a signature can be wrong is the same answer: nothing is proved.
    return null
  }
}

/**
 * The device that a proof speaks of, before anything is proved; null when it speaks of none. Costs a hash, where checking
 * costs a signature.
 */
export function claimedDevice(proof: string): DeviceId | null {
  try {
    const { jwk } = decodeProtectedHeader(proof)
    return jwk === undefined || jwk === null ? null : thumbprintOf(jwk)
  } catch {
    return null // not even a token: nothing is claimed
  }
}

/** The members of an elliptic key in the order of RFC 7638 §3.2. Hashed here: a trip to another thread costs more than a hash. */
function thumbprintOf({ crv, kty, x, y }: JWK): DeviceId {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url') as DeviceId
}
