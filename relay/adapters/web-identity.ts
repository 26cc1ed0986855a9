import { openDB, type DBSchema } from 'idb'
import * as v from 'valibot'
import { DeviceId } from '../protocol/ids.ts'
import type { IdentityPort } from '../ports.ts'

interface Schema extends DBSchema {
  keys: { key: string; value: StoredKey }
}
interface StoredKey {
  readonly privateKey: CryptoKey
  readonly publicJwk: PublicJwk
}
interface PublicJwk {
  readonly kty?: string | undefined
  readonly crv?: string | undefined
  readonly x?: string | undefined
  readonly y?: string | undefined
}
const DEVICE = 'device'
/** RFC 7518 §3.4, in the words of Web Crypto. */
const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/**
 * The device's ES256 key pair, made at first start. The private key is a `CryptoKey` that cannot be exported: a script
 * on the page may use it, never take it away. In a database of its own, so that no upgrade of the relay's can touch it.
 *
 * By Web Crypto alone: a library for every kind of key would be a twentieth of what a page loads first.
 */
export async function openWebIdentity(databaseName: string): Promise<IdentityPort> {
  const { privateKey, publicJwk } = await keepKey(databaseName, await makeKey())
  return {
    device: v.parse(DeviceId, await thumbprint(publicJwk)),
    async prove(nonce, audience) {
      const parts = [
        { alg: 'ES256', jwk: publicJwk },
        { nonce, aud: audience },
      ]
      const signed = parts.map((part) => base64url(bytesOf(JSON.stringify(part)))).join('.')
      // Both halves one after the other, which is what a JWS has, too.
      const signature = await crypto.subtle.sign(ES256, privateKey, bytesOf(signed))
      return `${signed}.${base64url(new Uint8Array(signature))}`
    },
  }
}

/** RFC 7638: the members that make the key, in the order of their names. */
async function thumbprint({ crv, kty, x, y }: PublicJwk): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytesOf(JSON.stringify({ crv, kty, x, y })))))
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}

/** RFC 4648 §5, without padding. */
function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

async function makeKey(): Promise<StoredKey> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(ES256, false, ['sign', 'verify'])
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey)
  return { privateKey, publicJwk: { kty, crv, x, y } }
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
