import { decodeProtectedHeader, SignJWT, importJWK, type JWK } from 'jose'
import { describe, expect, it } from 'vitest'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import type { SigningKeyRow } from '../ports/store.ts'
import { createTokens } from './jose-tokens.ts'

const SESSION = '01990000-0000-7000-8000-000000000001' as SessionId
const OTHER = '01990000-0000-7000-8000-000000000002' as SessionId
const DEVICE = 'A'.repeat(43) as DeviceId
const CLAIMS = { session: SESSION, operator: 'kim', device: DEVICE, generation: 3 }
const START = Date.UTC(2026, 10, 20, 6)

/** Keys in memory, newest first. */
function keyStore(rows: SigningKeyRow[] = []) {
  return {
    rows,
    signingKeys: () => Promise.resolve(rows),
    putSigningKey: (row: SigningKeyRow) => {
      rows.unshift(row)
      return Promise.resolve()
    },
  }
}

async function setUp(store = keyStore()) {
  const clock = { ms: START }
  const tokens = await createTokens({ store, now: () => clock.ms, accessTokenMs: 60_000 })
  return { tokens, clock, store }
}

describe('an access token', () => {
  it('says who, in which session, on which device, and until when', async () => {
    const { tokens } = await setUp()
    const { token, expiresInMs } = await tokens.issueAccess(CLAIMS)
    expect(expiresInMs).toBe(60_000)
    expect(await tokens.verifyAccess(token)).toEqual({ ok: true, value: { ...CLAIMS, expiresAt: START + 60_000 } })
  })

  it('expires by the server’s clock', async () => {
    const { tokens, clock } = await setUp()
    const { token } = await tokens.issueAccess(CLAIMS)
    clock.ms = START + 59_999
    expect(await tokens.verifyAccess(token)).toMatchObject({ ok: true })
    clock.ms = START + 60_000
    expect(await tokens.verifyAccess(token)).toMatchObject({ ok: false, code: 'token-expired' })
  })

  it('is not a device token, nor the other way round', async () => {
    const { tokens } = await setUp()
    const { token } = await tokens.issueAccess(CLAIMS)
    expect(await tokens.verifyDevice(token)).toMatchObject({ code: 'bad-token' })
    expect(await tokens.verifyAccess(await tokens.issueDevice(DEVICE))).toMatchObject({ code: 'bad-token' })
  })

  it.each(['', 'x', 'a.b.c', '....', 'e30.e30.', 'x'.repeat(5000)])('is not %j', async (token) => {
    const { tokens } = await setUp()
    expect(await tokens.verifyAccess(token)).toMatchObject({ code: 'bad-token' })
  })

  it('of a stranger’s key, of no algorithm, or changed in one letter is refused', async () => {
    const { tokens } = await setUp()
    const stranger = await setUp()
    const { token } = await stranger.tokens.issueAccess(CLAIMS)
    expect(await tokens.verifyAccess(token)).toMatchObject({ code: 'bad-token' })
    const own = (await tokens.issueAccess(CLAIMS)).token
    const [, payload = ''] = own.split('.')
    const none = `${Buffer.from(JSON.stringify({ alg: 'none', kid: decodeProtectedHeader(own).kid })).toString('base64url')}.${payload}.`
    expect(await tokens.verifyAccess(none)).toMatchObject({ code: 'bad-token' })
    const changed = own.replace(
      payload,
      `${payload.slice(0, 10)}${payload[10] === 'A' ? 'B' : 'A'}${payload.slice(11)}`,
    )
    expect(await tokens.verifyAccess(changed)).toMatchObject({ code: 'bad-token' })
  })

  it('of our key but without our claims is refused', async () => {
    const { tokens, store } = await setUp()
    const row = store.rows[0]
    if (row === undefined) throw new Error('no key')
    const token = await new SignJWT({ sub: 'kim' })
      .setProtectedHeader({ alg: 'ES256', kid: row.kid })
      .setIssuer('andon')
      .setAudience('andon-access')
      .sign(await importJWK(JSON.parse(row.jwk) as JWK, 'ES256'))
    expect(await tokens.verifyAccess(token)).toMatchObject({ code: 'bad-token' })
  })
})

describe('signing keys', () => {
  it('are made once and kept', async () => {
    const first = await setUp()
    const { token } = await first.tokens.issueAccess(CLAIMS)
    const second = await setUp(first.store)
    expect(first.store.rows).toHaveLength(1)
    expect(await second.tokens.verifyAccess(token)).toMatchObject({ ok: true })
  })

  it('the newest signs, all verify', async () => {
    const old = await setUp()
    const { token } = await old.tokens.issueAccess(CLAIMS)
    const fresh = await setUp()
    const both = await setUp(keyStore([...fresh.store.rows, ...old.store.rows]))
    expect(await both.tokens.verifyAccess(token)).toMatchObject({ ok: true })
    const { kid } = decodeProtectedHeader((await both.tokens.issueAccess(CLAIMS)).token)
    expect(kid).toBe(fresh.store.rows[0]?.kid)
  })

  it('are published without their secret', async () => {
    const { tokens } = await setUp()
    const [key] = tokens.jwks().keys
    expect(Object.keys(key ?? {}).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
  })
})

it('a device token has no end of its own', async () => {
  const { tokens, clock } = await setUp()
  const token = await tokens.issueDevice(DEVICE)
  clock.ms = START + 365 * 24 * 3_600_000
  expect(await tokens.verifyDevice(token)).toEqual({ ok: true, value: DEVICE })
})

it('refresh tokens differ, hash the same, and know their session', async () => {
  const { tokens } = await setUp()
  const [one, two] = [tokens.newRefresh(SESSION), tokens.newRefresh(SESSION)]
  expect(one.token).not.toBe(two.token)
  expect(tokens.hashRefresh(one.token)).toBe(one.hash)
  expect(tokens.isRefreshOf(one.token, SESSION)).toBe(true)
  expect(tokens.isRefreshOf(one.token, OTHER)).toBe(false)
})
