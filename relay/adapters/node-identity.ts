import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose'
import * as v from 'valibot'
import { DeviceId } from '../protocol/ids.ts'
import { StoreError } from './store-error.ts'
import type { IdentityPort, RelayStore } from '../ports.ts'

/** Where the private key is kept; `set` resolves once it is durable. */
export interface KeyPlace {
  get(): Promise<unknown>
  set(value: unknown): Promise<void>
}

const PrivateJwk = v.object({
  kty: v.literal('EC'),
  crv: v.literal('P-256'),
  x: v.string(),
  y: v.string(),
  d: v.string(),
})

/**
 * The device's ES256 key pair, made at first start and kept as a private JWK. The device id is the thumbprint of its
 * public half (RFC 7638), so whoever loses the key becomes another device.
 */
export async function openNodeIdentity(place: KeyPlace): Promise<IdentityPort> {
  const stored = await place.get()
  const { d, ...publicJwk } = stored === undefined ? await makeKey(place) : readKey(stored)
  const key = await importJWK({ ...publicJwk, d }, 'ES256')
  return {
    device: v.parse(DeviceId, await calculateJwkThumbprint(publicJwk)),
    prove: (nonce, audience) =>
      new SignJWT({ nonce, aud: audience }).setProtectedHeader({ alg: 'ES256', jwk: publicJwk }).sign(key),
  }
}

/** The key in the relay's own tables, beside what the engine keeps there under names of its own. */
export function keyPlaceIn(store: RelayStore): KeyPlace {
  return {
    async get() {
      const [row] = await store.read('meta', { from: KEY, limit: 1 })
      return row?.key === KEY ? row.value : undefined
    },
    set: (value) => store.write([{ op: 'put', table: 'meta', key: KEY, value }]),
  }
}

const KEY = 'adapter/identity'

async function makeKey(place: KeyPlace) {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = v.parse(PrivateJwk, await exportJWK(privateKey))
  await place.set(jwk) // before anybody hears of it: an id that is forgotten at a power cut would be a stranger to the server
  return jwk
}

function readKey(stored: unknown) {
  const parsed = v.safeParse(PrivateJwk, stored)
  if (parsed.success) return parsed.output
  throw new StoreError(
    'storage-corrupt',
    'The key of this device is damaged. Move its data folder away; it then registers anew.',
  )
}
