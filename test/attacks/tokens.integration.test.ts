/** Who tries to be somebody else: proofs, tokens and sessions that are forged, borrowed, copied or replayed. */
import { createHmac, generateKeyPairSync } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose'
import { describe, expect, it } from 'vitest'
import type { SessionId } from '../../relay/protocol/ids.ts'
import { createDevice, helloOf } from '../support/wire-client.ts'
import { answersTo, besiegeFloor, command, endsOf, SITE_KEY } from './besieged-floor.ts'

const floor = besiegeFloor()

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const payloadOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>
const headerOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>

describe('a proof of a key [G2]', () => {
  async function greetWith(proofOf: (nonce: string) => Promise<string> | string) {
    const client = floor.connect()
    const { nonce } = await client.next('challenge')
    client.send({ ...(await helloOf(await createDevice(), nonce)), proof: await proofOf(nonce) })
    expect((await client.next('error')).code).toBe('bad-proof')
    return client.closed()
  }

  it('made for another connection is worth nothing', async () => {
    const device = await createDevice()
    const other = floor.connect()
    const { nonce } = await other.next('challenge')
    expect((await greetWith(() => device.prove(nonce))).code).toBe(4401)
  })

  it('is used up: the same greeting again on a new connection is refused', async () => {
    const device = await createDevice()
    const first = floor.connect()
    const { nonce } = await first.next('challenge')
    const proof = await device.prove(nonce)
    first.send({ ...(await helloOf(device, nonce)), proof })
    await first.next('welcome')
    expect((await greetWith(() => proof)).code).toBe(4401)
  })

  it('without a signature (alg none) is refused', async () => {
    const { publicKey } = await generateKeyPair('ES256')
    const jwk = await exportJWK(publicKey)
    const closed = await greetWith(
      (nonce) => `${base64url({ alg: 'none', jwk })}.${base64url({ nonce, aud: 'andon.v1' })}.`,
    )
    expect(closed.code).toBe(4401)
  })

  it('signed with a shared secret (HS256 over the public key) is refused', async () => {
    const { publicKey } = await generateKeyPair('ES256')
    const jwk = await exportJWK(publicKey)
    const closed = await greetWith((nonce) => {
      const signed = `${base64url({ alg: 'HS256', jwk })}.${base64url({ nonce, aud: 'andon.v1' })}`
      return `${signed}.${createHmac('sha256', JSON.stringify(jwk)).update(signed).digest('base64url')}`
    })
    expect(closed.code).toBe(4401)
  })

  it.each([
    ['P-384', 'ES384'],
    ['Ed25519', 'EdDSA'],
    ['RSA', 'RS256'],
  ])('by a key of another kind is refused: %s', async (_kind, alg) => {
    const { publicKey, privateKey } = await generateKeyPair(alg)
    const jwk = await exportJWK(publicKey)
    const closed = await greetWith((nonce) =>
      new SignJWT({ nonce }).setProtectedHeader({ alg, jwk }).setAudience('andon.v1').sign(privateKey),
    )
    expect(closed.code).toBe(4401)
  })

  it('for another audience is refused', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const jwk = await exportJWK(publicKey)
    const closed = await greetWith((nonce) =>
      new SignJWT({ nonce }).setProtectedHeader({ alg: 'ES256', jwk }).setAudience('andon.v2').sign(privateKey),
    )
    expect(closed.code).toBe(4401)
  })

  it('with the private key in its header is refused', async () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = pair.privateKey.export({ format: 'jwk' }) as JWK
    const closed = await greetWith((nonce) =>
      new SignJWT({ nonce }).setProtectedHeader({ alg: 'ES256', jwk }).setAudience('andon.v1').sign(pair.privateKey),
    )
    expect(closed.code).toBe(4401)
  })

  it('does not open a second greeting: one connection is one device', async () => {
    const { client, device } = await floor.stranger()
    const hello = await helloOf(device, 'a nonce of an attacker')
    expect(await answersTo(client, hello)).toEqual(['error unexpected-frame'])
  })
})

describe('one token in the place of another [A1, A5]', () => {
  it('a device token is no person', async () => {
    const { client, deviceToken } = await floor.stranger()
    expect(await answersTo(client, { t: 'auth', token: deviceToken, generation: 1 })).toEqual(['deauthed bad-token'])
  })

  it('an API key is no person', async () => {
    const { client } = await floor.stranger()
    expect(await answersTo(client, { t: 'auth', token: SITE_KEY, generation: 1 })).toEqual(['deauthed bad-token'])
  })

  it('an API key is no device', async () => {
    const body = { operator: 'kim', pin: '1111' }
    expect(await floor.call('/api/sessions', { bearer: SITE_KEY, body })).toMatchObject({
      status: 401,
      code: 'bad-token',
    })
  })

  it('an access token is no device', async () => {
    const { grant } = await floor.signedIn()
    const body = { operator: 'kim', pin: '1111' }
    expect(await floor.call('/api/sessions', { bearer: grant.accessToken, body })).toMatchObject({
      status: 401,
      code: 'bad-token',
    })
  })

  it.each(['accessToken', 'refreshToken'] as const)('an %s is no API key', async (kind) => {
    const { grant } = await floor.signedIn('chief')
    const body = { priority: 'P0', area: 'line-3', title: 'Forged' }
    expect(await floor.call('/api/alerts', { bearer: grant[kind], body })).toMatchObject({
      status: 401,
      code: 'bad-key',
    })
  })

  it('a device token is no API key', async () => {
    const { deviceToken } = await floor.stranger()
    const body = { priority: 'P0', area: 'line-3', title: 'Forged' }
    expect(await floor.call('/api/alerts', { bearer: deviceToken, body })).toMatchObject({
      status: 401,
      code: 'bad-key',
    })
  })

  it('a refresh token is no access token', async () => {
    const { client, grant } = await floor.signedIn()
    const { client: other } = await floor.stranger()
    const auth = { t: 'auth', token: grant.refreshToken, generation: grant.generation } as const
    expect(await answersTo(other, auth)).toEqual(['deauthed bad-token'])
    expect(await answersTo(client)).toEqual([])
  })

  it('an access token of one device is worth nothing on another', async () => {
    const { grant } = await floor.signedIn('chief')
    const { client } = await floor.stranger()
    const auth = { t: 'auth', token: grant.accessToken, generation: grant.generation } as const
    expect(await answersTo(client, auth)).toEqual(['deauthed bad-token'])
  })

  it('a token in the address is not looked at', async () => {
    const { deviceToken } = await floor.stranger()
    const path = `/api/telemetry/line-3/press-1/oil?access_token=${deviceToken}&token=${SITE_KEY}`
    expect(await floor.call(path, { method: 'GET' })).toMatchObject({ status: 401, code: 'bad-key' })
  })
})

describe('a forged access token [A1]', () => {
  async function tryWith(forge: (real: string) => string | Promise<string>) {
    const victim = await floor.signedIn('chief')
    const { client } = await floor.stranger()
    const token = await forge(victim.grant.accessToken)
    const answers = await answersTo(client, { t: 'auth', token, generation: victim.grant.generation + 1 })
    expect(await answersTo(victim.client)).toEqual([])
    return answers
  }

  it('without a signature is refused', async () => {
    const forged = await tryWith((real) => `${base64url({ ...headerOf(real), alg: 'none' })}.${real.split('.')[1]}.`)
    expect(forged).toEqual(['deauthed bad-token'])
  })

  it('signed with the server’s public key as a secret is refused', async () => {
    const { body } = await floor.call('/.well-known/jwks.json', { method: 'GET' })
    const [jwk] = (body as { readonly keys: readonly JWK[] }).keys
    const forged = await tryWith((real) => {
      const signed = `${base64url({ ...headerOf(real), alg: 'HS256' })}.${real.split('.')[1]}`
      return `${signed}.${createHmac('sha256', JSON.stringify(jwk)).update(signed).digest('base64url')}`
    })
    expect(forged).toEqual(['deauthed bad-token'])
  })

  it('signed by a key of the attacker under the server’s key id is refused', async () => {
    const { privateKey } = await generateKeyPair('ES256')
    const forged = await tryWith((real) =>
      new SignJWT(payloadOf(real)).setProtectedHeader({ alg: 'ES256', ...headerOf(real) }).sign(privateKey),
    )
    expect(forged).toEqual(['deauthed bad-token'])
  })

  it('that brings its own key along (jwk, jku) is refused', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const jwk = await exportJWK(publicKey)
    const forged = await tryWith((real) =>
      new SignJWT(payloadOf(real))
        .setProtectedHeader({ ...headerOf(real), alg: 'ES256', jwk, jku: 'http://127.0.0.1:9/keys' })
        .sign(privateKey),
    )
    expect(forged).toEqual(['deauthed bad-token'])
  })

  it('whose rights were edited is refused', async () => {
    const { grant, client } = await floor.signedIn('kim')
    const [header, , signature] = grant.accessToken.split('.')
    const edited = base64url({ ...payloadOf(grant.accessToken), role: 'admin', areas: ['*'], exp: 9_999_999_999 })
    const auth = { t: 'auth', token: `${header}.${edited}.${signature}`, generation: 99 } as const
    expect(await answersTo(client, auth)).toEqual(['deauthed bad-token'])
  })

  it('of a newer generation than it was made for is refused: the word of the frame is not believed', async () => {
    const { client, grant } = await floor.signedIn('kim')
    const auth = { t: 'auth', token: grant.accessToken, generation: grant.generation + 1 } as const
    expect(await answersTo(client, auth)).toEqual(['deauthed bad-token'])
  })
})

describe('a session [A6, X3]', () => {
  const refresh = (deviceToken: string, session: SessionId, refreshToken: string) =>
    floor.call('/api/sessions/refresh', {
      bearer: deviceToken,
      headers: { 'andon-refresh': 'body' },
      body: { session, refreshToken },
    })

  it('cannot be carried to another device: refresh token and session of one are nothing to another', async () => {
    const victim = await floor.signedIn('chief')
    const { deviceToken } = await floor.stranger()
    expect(await refresh(deviceToken, victim.grant.session, victim.grant.refreshToken)).toMatchObject({
      status: 403,
      code: 'session-unknown',
    })
    const still = await refresh(victim.deviceToken, victim.grant.session, victim.grant.refreshToken)
    expect(still.status).toBe(200)
  })

  it('cannot be planted: an attacker’s session in the greeting of a victim binds nobody', async () => {
    const attacker = await floor.signedIn('kim')
    const device = await createDevice()
    const client = floor.connect()
    const { session } = await client.greet(device, { session: attacker.grant.session })
    expect(session).toBe('unknown')
    const written = command('chat.post', { line: 'line-3', text: 'fixed' }, { seq: 1, session: attacker.grant.session })
    expect(await endsOf(client, written)).toEqual(['rejected session-unknown'])
  })

  it('whose token was copied ends everywhere when the copy is used after it was replaced twice', async () => {
    const { client, deviceToken, grant } = await floor.signedIn('kim')
    const second = (await refresh(deviceToken, grant.session, grant.refreshToken)).body as typeof grant
    await refresh(deviceToken, grant.session, second.refreshToken)
    expect(await refresh(deviceToken, grant.session, grant.refreshToken)).toMatchObject({ code: 'session-revoked' })
    expect(await client.next('deauthed')).toMatchObject({ code: 'session-revoked' })
  })

  it('whose token before the newest was copied is nothing to a thief without the word of its device', async () => {
    const { client, deviceToken, grant } = await floor.signedIn('kim')
    const newest = (await refresh(deviceToken, grant.session, grant.refreshToken)).body as typeof grant
    const thief = await floor.stranger()
    for (const bearer of ['made-up', SITE_KEY, grant.accessToken])
      expect(await refresh(bearer, grant.session, grant.refreshToken)).toMatchObject({ status: 401, code: 'bad-token' })
    for (let time = 0; time < 3; time += 1)
      expect(await refresh(thief.deviceToken, grant.session, grant.refreshToken)).toMatchObject({
        status: 403,
        code: 'session-unknown',
      })
    expect(await refresh(deviceToken, grant.session, newest.refreshToken)).toMatchObject({ status: 200 })
    expect(await answersTo(client, { t: 'ping', nonce: 'still mine' })).toEqual(['pong'])
  })

  it('whose token before the newest was copied with the word of its device ends once the owner has gone on', async () => {
    const { client, deviceToken, grant } = await floor.signedIn('kim')
    const newest = (await refresh(deviceToken, grant.session, grant.refreshToken)).body as typeof grant
    // The thief is told what the owner holds, however often, and nothing of its own.
    for (let time = 0; time < 3; time += 1)
      expect((await refresh(deviceToken, grant.session, grant.refreshToken)).body).toMatchObject({
        refreshToken: newest.refreshToken,
        generation: newest.generation,
      })
    await refresh(deviceToken, grant.session, newest.refreshToken)
    expect(await refresh(deviceToken, grant.session, grant.refreshToken)).toMatchObject({ code: 'session-revoked' })
    expect(await client.next('deauthed')).toMatchObject({ code: 'session-revoked' })
  })

  it('whose newest tokens and the word of its device were copied is lost to the thief with the device’s next greeting', async () => {
    const { device, deviceToken, grant } = await floor.signedIn('kim')
    const newest = (await refresh(deviceToken, grant.session, grant.refreshToken)).body as typeof grant
    const again = await floor.connect().greet(device)
    for (const { refreshToken } of [grant, newest])
      expect(await refresh(deviceToken, grant.session, refreshToken)).toMatchObject({ status: 401, code: 'bad-token' })
    expect(await refresh(again.deviceToken, grant.session, newest.refreshToken)).toMatchObject({ status: 200 })
  })

  it('of nobody is refused with the words of somebody else’s: names of sessions cannot be told apart', async () => {
    const { deviceToken } = await floor.stranger()
    const nobody = '019e0000-0000-7000-8000-000000000000' as SessionId
    expect(await refresh(deviceToken, nobody, 'made-up')).toMatchObject({ status: 403, code: 'session-unknown' })
  })
})

describe('a name [X4]', () => {
  it('that exists and one that does not are refused alike', async () => {
    const { deviceToken } = await floor.stranger()
    const guess = (operator: string) =>
      floor.call('/api/sessions', { bearer: deviceToken, body: { operator, pin: '0000' } })
    const [real, made] = [await guess('chief'), await guess('nobody')]
    expect(real.body).toEqual(made.body)
    expect([real.status, real.code]).toEqual([401, 'bad-pin'])
  })
})
