import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose'
import { openDB, type DBSchema } from 'idb'
import * as v from 'valibot'
import { DeviceId } from '../protocol/ids.ts'
import type { IdentityPort } from '../ports.ts'

interface Schema extends DBSchema {
  keys: { key: string; value: StoredKey }
}
interface StoredKey {
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
}
const DEVICE = 'device'

/**
 * The device's ES256 key pair, made at first start. The private key is a `CryptoKey` that cannot be exported: a script
 * on the page may use it, never take it away. In a database of its own, so that no upgrade of the relay's can touch it.
 */
export async function openWebIdentity(databaseName = 'andon-identity'): Promise<IdentityPort> {
  const { privateKey, publicJwk } = await keepKey(databaseName, await makeKey())
  return {
    device: v.parse(DeviceId, await calculateJwkThumbprint(publicJwk)),
    prove: (nonce, audience) =>
      new SignJWT({ nonce, aud: audience }).setProtectedHeader({ alg: 'ES256', jwk: publicJwk }).sign(privateKey),
  }
}

async function makeKey(): Promise<StoredKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: false })
  return { privateKey, publicJwk: await exportJWK(publicKey) }
}

/** The kept key, or this one from now on: decided in one transaction, because two pages may start at once. */
async function keepKey(databaseName: string, fresh: StoredKey): Promise<StoredKey> {
  const db = await openDB<Schema>(databaseName, 1, { upgrade: (opened) => void opened.createObjectStore('keys') })
  try {
    const transaction = db.transaction('keys', 'readwrite', { durability: 'strict' })
    const kept = await transaction.store.get(DEVICE)
    if (kept === undefined) await transaction.store.put(fresh, DEVICE)
    await transaction.done
    return kept ?? fresh
  } finally {
    db.close()
  }
}
