import { decodeProtectedHeader, SignJWT, importJWK, type JWK } from 'jose'
import { describe, expect, it } from 'vitest'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import type { SigningKeyRow } from '../ports/site.ts'
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
    offerSigningKey: (row: SigningKeyRow) => {
      if (rows.length === 0) rows.push(row)
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
    expect(tokens.verifyDevice(token)).toMatchObject({ code: 'bad-token' })
    expect(await tokens.verifyAccess(tokens.issueDevice(DEVICE, 'one'))).toMatchObject({ code: 'bad-token' })
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

describe('a device token [A8]', () => {
  it('has no time of its own, and names the greeting it is of', async () => {
    const { tokens, clock } = await setUp()
    const token = tokens.issueDevice(DEVICE, 'one')
    clock.ms = START + 365 * 24 * 3_600_000
    expect(tokens.verifyDevice(token)).toEqual({ ok: true, value: { device: DEVICE, link: 'one' } })
  })

  it('of an older key is taken, too, and another server’s is not', async () => {
    const old = await setUp()
    const fresh = await setUp()
    const both = await setUp(keyStore([...fresh.store.rows, ...old.store.rows]))
    const token = old.tokens.issueDevice(DEVICE, 'one')
    expect(both.tokens.verifyDevice(token)).toMatchObject({ ok: true })
    expect(fresh.tokens.verifyDevice(token)).toMatchObject({ code: 'bad-token' })
  })

  it('that nobody issued, or a refresh token, is none', async () => {
    const { tokens } = await setUp()
    const token = tokens.issueDevice(DEVICE, 'one')
    const [, , mac = ''] = token.split('.')
    const made = [
      '',
      'x',
      DEVICE,
      `${DEVICE}.one`,
      `${DEVICE}.two.${mac}`,
      `${token}x`,
      `${token}.`,
      token.slice(0, -1),
    ]
    for (const guess of [...made, tokens.refreshToken(SESSION, 1).token, 'x'.repeat(5_000)])
      expect(tokens.verifyDevice(guess), guess).toMatchObject({ code: 'bad-token' })
  })
})

describe('a refresh token [X3]', () => {
  it('is one per generation, told again alike, and knows its session', async () => {
    const { tokens, store } = await setUp()
    const [one, two] = [tokens.refreshToken(SESSION, 1), tokens.refreshToken(SESSION, 2)]
    expect(one.token).not.toBe(two.token)
    expect(one.token).not.toBe(tokens.refreshToken(OTHER, 1).token)
    expect(tokens.hashRefresh(one.token)).toBe(one.hash)
    expect(tokens.isRefreshOf(one.token, SESSION)).toBe(true)
    expect(tokens.isRefreshOf(one.token, OTHER)).toBe(false)
    const later = await setUp(store)
    expect(later.tokens.refreshTokenAgain(SESSION, 1, one.hash)).toBe(one.token)
    expect(later.tokens.refreshTokenAgain(SESSION, 2, one.hash)).toBeNull()
  })

  it('of an older key is told again, too, and another server’s is not', async () => {
    const old = await setUp()
    const fresh = await setUp()
    const both = await setUp(keyStore([...fresh.store.rows, ...old.store.rows]))
    const { token, hash } = old.tokens.refreshToken(SESSION, 7)
    expect(both.tokens.refreshTokenAgain(SESSION, 7, hash)).toBe(token)
    expect(both.tokens.refreshGeneration(token, SESSION)).toBe(7)
    expect(fresh.tokens.refreshTokenAgain(SESSION, 7, hash)).toBeNull()
    expect(fresh.tokens.refreshGeneration(token, SESSION)).toBeNull()
  })

  it('that nobody issued has no generation', async () => {
    const { tokens } = await setUp()
    const { token } = tokens.refreshToken(SESSION, 3)
    expect(tokens.refreshGeneration(token, SESSION)).toBe(3)
    const [, , mac = ''] = token.split('.')
    const made = ['', 'x', SESSION, `${SESSION}.3`, `${SESSION}.4.${mac}`, `${SESSION}.03.${mac}`, `${token}x`]
    for (const guess of [...made, `${SESSION}.3.${mac.toLowerCase()}`, `${OTHER}.3.${mac}`, token.slice(0, -1)])
      expect(tokens.refreshGeneration(guess, SESSION), guess).toBeNull()
    expect(tokens.refreshGeneration(token, OTHER)).toBeNull()
  })
})
