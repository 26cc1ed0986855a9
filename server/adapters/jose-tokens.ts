import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import {
  calculateJwkThumbprint,
  decodeProtectedHeader,
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  jwtVerify,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTPayload,
} from 'jose'
import * as v from 'valibot'
import type { Checked } from '../../relay/protocol/check.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import { DeviceId, Segment, SessionId } from '../../relay/protocol/ids.ts'
import type { SigningKeyRow } from '../ports/site.ts'
import type { StoreAdministration } from '../ports/store-administration.ts'
import type { Tokens } from '../ports/tokens.ts'

const ISSUER = 'andon'
const ACCESS = 'andon-access'
/** As `auth.token` on the wire. */
const MAX_TOKEN = 4096

const AccessPayload = v.object({
  sub: Segment,
  sid: SessionId,
  did: DeviceId,
  gen: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  exp: v.number(),
})

export interface TokensOptions {
  readonly store: Pick<StoreAdministration, 'signingKeys' | 'offerSigningKey'>
  /** Server time, epoch milliseconds: the only clock of every token. */
  readonly now: () => number
  readonly accessTokenMs: number
}

interface SigningKey {
  readonly kid: string
  readonly private: CryptoKey
  readonly public: CryptoKey
  readonly publicJwk: JWK
  /** Tokens of each of these kinds are authenticated with a secret of their own, and with nothing else. */
  readonly refreshSecret: Buffer
  readonly deviceSecret: Buffer
}

/**
 * Access tokens are ES256, so that others can check them; what only this site reads is authenticated by secrets that follow from
 * the same keys. The newest stored key signs, every stored key verifies; the first start makes one. No kind is ever taken for
 * another: each has an audience or a secret of its own.
 */
export async function createTokens({ store, now, accessTokenMs }: TokensOptions): Promise<Tokens> {
  let rows = await store.signingKeys()
  if (rows.length === 0) {
    await store.offerSigningKey(await newKeyRow(now()))
    rows = await store.signingKeys()
  }
  const keys = await Promise.all(rows.map(importRow))
  const [signer] = keys
  if (signer === undefined) throw new Error('the store kept no signing key')
  const byKid = new Map(keys.map((key) => [key.kid, key]))

  const seconds = () => Math.floor(now() / 1000)
  const sign = (payload: JWTPayload, audience: string) =>
    new SignJWT(payload)
      .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: signer.kid })
      .setIssuer(ISSUER)
      .setAudience(audience)
      .setIssuedAt(seconds())

  async function verified<T>(
    token: string,
    audience: string,
    schema: v.GenericSchema<unknown, T>,
  ): Promise<Checked<T>> {
    if (token.length > MAX_TOKEN) return refuse('bad-token')
    try {
      const { kid } = decodeProtectedHeader(token)
      const key = kid === undefined ? undefined : byKid.get(kid)
      if (key === undefined) return refuse('bad-token')
      const { payload } = await jwtVerify(token, key.public, {
        algorithms: ['ES256'],
        issuer: ISSUER,
        audience,
        currentDate: new Date(now()),
      })
      const parsed = v.safeParse(schema, payload)
      return parsed.success ? { ok: true, value: parsed.output } : refuse('bad-token')
    } catch (error) {
      if (error instanceof errors.JWTExpired) return refuse('token-expired')
      // jose throws TypeError for what is not even shaped like a token.
      if (error instanceof errors.JOSEError || error instanceof TypeError) return refuse('bad-token')
      throw error
    }
  }

  return {
    async issueAccess({ session, operator, device, generation }) {
      // NumericDate counts seconds: rounded up, and the caller told how long it really is.
      const exp = Math.ceil((now() + accessTokenMs) / 1000)
      const token = await sign({ sub: operator, sid: session, did: device, gen: generation }, ACCESS)
        .setExpirationTime(exp)
        .sign(signer.private)
      return { token, expiresInMs: exp * 1000 - now() }
    },
    async verifyAccess(token) {
      const checked = await verified(token, ACCESS, AccessPayload)
      if (!checked.ok) return checked
      const { sub, sid, did, gen, exp } = checked.value
      return { ok: true, value: { session: sid, operator: sub, device: did, generation: gen, expiresAt: exp * 1000 } }
    },
    issueDevice: (device, link) => authenticated(signer.deviceSecret, `${device}.${link}`),
    verifyDevice(token) {
      if (token.length > MAX_TOKEN) return refuse('bad-token')
      const [device, link = ''] = token.split('.')
      const isOurs = keys.some(({ deviceSecret }) =>
        isSameText(authenticated(deviceSecret, `${device}.${link}`), token),
      )
      // What we made names a device.
      return isOurs ? { ok: true, value: { device: device as DeviceId, link } } : refuse('bad-token')
    },
    refreshToken(session, generation) {
      const token = refreshTokenBy(signer, session, generation)
      return { token, hash: sha256(token) }
    },
    refreshTokenAgain(session, generation, hash) {
      const made = keys.map((key) => refreshTokenBy(key, session, generation))
      return made.find((token) => sha256(token) === hash) ?? null
    },
    hashRefresh: sha256,
    isRefreshOf: (token, session) => token.startsWith(`${session}.`),
    refreshGeneration(token, session) {
      const [, generation] = /^[^.]+\.([1-9]\d{0,14})\.[\w-]+$/.exec(token) ?? []
      if (generation === undefined) return null
      const isOurs = keys.some((key) => isSameText(refreshTokenBy(key, session, Number(generation)), token))
      return isOurs ? Number(generation) : null
    },
    jwks: () => ({ keys: keys.map((key) => ({ ...key.publicJwk, kid: key.kid, alg: 'ES256', use: 'sig' })) }),
  }
}

async function newKeyRow(nowMs: number): Promise<SigningKeyRow> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(privateKey)
  return { kid: await calculateJwkThumbprint(jwk), jwk: JSON.stringify(jwk), createdAt: new Date(nowMs).toISOString() }
}

async function importRow(row: SigningKeyRow): Promise<SigningKey> {
  // Written by `newKeyRow` only.
  const { d, ...publicJwk } = JSON.parse(row.jwk) as JWK
  const [secret, open] = await Promise.all([
    importJWK({ ...publicJwk, ...(d !== undefined && { d }) }, 'ES256'),
    importJWK(publicJwk, 'ES256'),
  ])
  if (secret instanceof Uint8Array || open instanceof Uint8Array)
    throw new Error(`signing key ${row.kid} is not an EC key`)
  const secretOf = (kind: string): Buffer => secretFrom(d ?? '', kind)
  return {
    kid: row.kid,
    private: secret,
    public: open,
    publicJwk,
    refreshSecret: secretOf('andon-refresh'),
    deviceSecret: secretOf('andon-device'),
  }
}

/** A secret of its own from the private key (HKDF, RFC 5869): rows of keys need no second column, nor a backup a second file. */
function secretFrom(privateKey: string, kind: string): Buffer {
  return Buffer.from(hkdfSync('sha256', Buffer.from(privateKey, 'base64url'), '', kind, 32))
}

/** `SESSION.GENERATION.MAC`: who does not have the secret cannot make one, and the server can make the same again. */
function refreshTokenBy({ refreshSecret }: SigningKey, session: SessionId, generation: number): string {
  return authenticated(refreshSecret, `${session}.${generation}`)
}

function authenticated(secret: Buffer, text: string): string {
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}

function isSameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
