import { request as httpRequest } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { createDevice, WireClient } from '../../test/support/wire-client.ts'
import { loadConfig } from '../config.ts'
import { startServer, type RunningServer } from '../main.ts'
import { useGateway } from '../../test/support/gateway-floor.ts'

const CHAT = 'chat/line-3' as ChannelName
const URGENT = 'alerts/urgent' as ChannelName
const { url, clients, connect, greeted, signIn, signedIn, post } = useGateway()

describe('greeting', () => {
  it('[G1] [C3] challenges first and refuses everything but hello', async () => {
    const client = connect()
    await client.next('challenge')
    client.send({ t: 'ping', nonce: '12345678' })
    expect(await client.next('error')).toMatchObject({ code: 'unexpected-frame', about: 'ping' })
  })

  it('[G2] closes with 4401 on a proof over another nonce', async () => {
    const device = await createDevice()
    const client = connect()
    await expect(client.greet({ ...device, prove: () => device.prove('another nonce') })).rejects.toThrow(
      'closed with 4401',
    )
    expect(await client.next('error')).toMatchObject({ code: 'bad-proof' })
  })

  it('[G2] names the device by its key and gives the marks of its outbox', async () => {
    const device = await createDevice()
    const welcome = await connect().greet(device)
    expect(welcome).toMatchObject({
      device: device.id,
      outbox: 'new',
      marks: { urgent: 0, normal: 0 },
      areas: ['line-1', 'line-2', 'line-3'],
    })
  })

  it('[G3] closes with 4426 on a version it does not speak', async () => {
    await expect(connect().greet(await createDevice(), { version: 99 })).rejects.toThrow('closed with 4426')
  })

  it('[G4] closes with 4413 when a stranger sends more than a greeting', async () => {
    const client = connect()
    await client.next('challenge')
    client.sendRaw('x'.repeat(LIMITS.maxGreetingBytes + 1))
    expect((await client.closed()).code).toBe(4413)
  })

  it('[G5] closes the older connection of the same device with 4409', async () => {
    const { client, device } = await greeted()
    await greeted(device)
    expect((await client.closed()).code).toBe(4409)
  })

  it('[G5] [P6] a slow retry never displaces a living connection', async () => {
    const { client, device } = await greeted()
    const retry = connect()
    await expect(retry.greet(device, { yields: true })).rejects.toThrow('closed with 4409')
    client.send({ t: 'ping', nonce: 'still-here' })
    expect(await client.next('pong')).toMatchObject({ nonce: 'still-here' })
    client.close()
    await client.closed()
    await expect
      .poll(() =>
        connect()
          .greet(device, { yields: true })
          .then(
            () => 'welcome',
            () => 'refused',
          ),
      )
      .toBe('welcome')
  })

  it.each([
    ['a foreign origin', '/sync', { origin: 'https://evil.example' }, 403, 'bad-origin'],
    ['a proxied stranger on a demo floor', '/sync', { 'x-forwarded-for': '203.0.113.9' }, 403, 'demo-loopback-only'],
    ['another path', '/elsewhere', {}, 404, 'not-found'],
    ['a target that is no address', '//', {}, 404, 'not-found'],
  ])('[G6] refuses the upgrade of %s', async (_who, path, headers, status, code) => {
    const answer = await upgrade(path, headers)
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.body)).toMatchObject({ status, code })
  })

  it('[G6] takes its own origin', async () => {
    await connect({ origin: url() }).greet(await createDevice())
  })
})

describe('frames', () => {
  it.each([
    ['bad-json', '{"t":'],
    ['unknown-frame', '{"t":"dance"}'],
    ['bad-frame', '{"t":"ping"}'],
    ['bad-frame', Buffer.from([1, 2, 3])],
  ])('[C1] answers %s and lives on', async (code, data) => {
    const { client } = await greeted()
    client.sendRaw(data)
    expect(await client.next('error')).toMatchObject({ code, message: expect.stringMatching(/\.$/) })
    client.send({ t: 'ping', nonce: 'still-here' })
    expect(await client.next('pong')).toMatchObject({ nonce: 'still-here' })
  })

  it('[C1] closes with 4400 after sixteen of them', async () => {
    const { client } = await greeted()
    for (let count = 0; count < 16; count += 1) client.sendRaw('{')
    expect((await client.closed()).code).toBe(4400)
  })

  it('[C2] closes with 4413 on a frame over the limit', async () => {
    const { client } = await greeted()
    client.sendRaw(JSON.stringify({ t: 'ping', nonce: 'x'.repeat(LIMITS.maxFrameBytes) }))
    expect((await client.closed()).code).toBe(4413)
  })
})

describe('identity', () => {
  it('[A1] [V3] binds a session of this device, and refuses a forged token and one of another device', async () => {
    const { client } = await signedIn()
    client.send({ t: 'auth', token: 'forged', generation: 1 })
    expect(await client.next('deauthed')).toMatchObject({ code: 'bad-token' })
    const other = await greeted()
    const { accessToken, generation } = await signIn((await greeted()).deviceToken)
    other.client.send({ t: 'auth', token: accessToken, generation })
    expect(await other.client.next('deauthed')).toMatchObject({ code: 'bad-token' })
  })

  it('[A2] [A3] another person takes over without a reconnect; what they may not read ends with a reason', async () => {
    const { client, deviceToken } = await greeted()
    const park = await signIn(deviceToken, 'park', '3333')
    client.send({ t: 'auth', token: park.accessToken, generation: park.generation })
    await client.next('authed')
    for (const channel of ['orders/line-1', 'orders/line-3', URGENT])
      client.send({ t: 'subscribe', channel, credit: 4 })
    for (let count = 0; count < 3; count += 1) await client.next('snapshot')
    const kim = await signIn(deviceToken)
    client.send({ t: 'auth', token: kim.accessToken, generation: kim.generation })
    expect(await client.next('authed')).toMatchObject({ operator: 'kim' })
    expect(await client.next('unsubscribed')).toMatchObject({ channel: 'orders/line-1', code: 'forbidden' })
    client.send({ t: 'ping', nonce: 'positions' })
    expect(Object.keys((await client.next('pong')).channels).toSorted()).toEqual([URGENT, 'orders/line-3'])
  })

  it('[A3] deauth ends reading as a person at once, and leaves the urgent channel alone', async () => {
    const { client } = await signedIn()
    for (const channel of [CHAT, URGENT]) client.send({ t: 'subscribe', channel, credit: 4 })
    await client.next('snapshot')
    await client.next('snapshot')
    client.send({ t: 'deauth' })
    expect(await client.next('unsubscribed')).toMatchObject({ channel: CHAT, code: 'sign-in-needed' })
    client.send({ t: 'ping', nonce: 'positions' })
    expect(Object.keys((await client.next('pong')).channels)).toEqual([URGENT])
  })

  it('[A1] a session that ended cannot be bound again', async () => {
    const { client, session, accessToken, generation } = await signedIn()
    client.send({ ...post(1, session), type: 'session.end', data: { session } })
    expect(await client.next('deauthed')).toMatchObject({ code: 'session-ended' })
    client.send({ t: 'auth', token: accessToken, generation })
    expect(await client.next('deauthed')).toMatchObject({ code: 'session-ended' })
  })
})

describe('a site with short patience', () => {
  let quick: RunningServer
  let site = ''
  beforeAll(async () => {
    site = await mkdtemp(join(tmpdir(), 'andon-gateway-'))
    const flags = { data: site, port: 0, demo: true, logLevel: 'silent', accessTokenMs: 1000, heartbeatMs: 300 }
    const loaded = loadConfig({ flags, env: {} })
    if (!loaded.ok) throw new Error(loaded.message)
    quick = await startServer(loaded.config, pino({ level: 'silent' }))
  })
  afterAll(async () => {
    await quick.close()
    await rm(site, { recursive: true, force: true })
  })

  it('[A4] a token that runs out ends reading as a person, and leaves the urgent channel alone', async () => {
    const client = new WireClient(quick.url)
    clients.push(client)
    const { deviceToken } = await client.greet(await createDevice())
    const bind = async () => {
      const response = await fetch(`${quick.url}/api/sessions`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${deviceToken}`,
          'andon-refresh': 'body',
        },
        body: JSON.stringify({ operator: 'kim', pin: '1111' }),
      })
      const { accessToken, generation } = (await response.json()) as { accessToken: string; generation: number }
      client.send({ t: 'auth', token: accessToken, generation })
      return client.nextOf(['authed', 'deauthed'])
    }
    // On a busy machine a token may be over before it arrives.
    let bound = await bind()
    while (bound.t === 'deauthed' && bound.code === 'token-expired') bound = await bind()
    expect(bound).toMatchObject({ t: 'authed' })
    for (const channel of [CHAT, URGENT]) client.send({ t: 'subscribe', channel, credit: 4 })
    const beat = setInterval(() => client.send({ t: 'ping', nonce: 'heartbeat' }), 100)
    expect(await client.next('deauthed')).toMatchObject({ code: 'token-expired' })
    expect(await client.next('unsubscribed')).toMatchObject({ channel: CHAT, code: 'sign-in-needed' })
    clearInterval(beat)
    client.send({ t: 'ping', nonce: 'positions' })
    for (;;) {
      const pong = await client.next('pong')
      if (pong.nonce !== 'positions') continue
      expect(Object.keys(pong.channels)).toEqual([URGENT])
      break
    }
  })

  it('[H2] closes a connection that was silent for three heartbeats with 4408', async () => {
    const client = new WireClient(quick.url)
    await client.greet(await createDevice())
    expect((await client.closed()).code).toBe(4408)
  })

  it('[L2] a relay may say why it goes', async () => {
    const client = new WireClient(quick.url)
    clients.push(client)
    await client.greet(await createDevice())
    client.send({ t: 'bye', reason: 'suspending' })
    client.send({ t: 'ping', nonce: 'still-here' })
    expect(await client.next('pong')).toMatchObject({ nonce: 'still-here' })
  })
})

it('[G7] sends a revoked device away with 4403', async () => {
  const site = await mkdtemp(join(tmpdir(), 'andon-gateway-'))
  const loaded = loadConfig({ flags: { data: site, port: 0, demo: true, logLevel: 'silent' }, env: {} })
  if (!loaded.ok) throw new Error(loaded.message)
  const device = await createDevice()
  const first = await startServer(loaded.config, pino({ level: 'silent' }))
  await new WireClient(first.url).greet(device)
  await first.close()
  const db = new Database(join(site, 'andon.sqlite'))
  db.prepare(`UPDATE devices SET status = 'revoked' WHERE id = ?`).run(device.id)
  db.close()
  const second = await startServer(loaded.config, pino({ level: 'silent' }))
  const client = new WireClient(second.url)
  await expect(client.greet(device)).rejects.toThrow('closed with 4403')
  expect(await client.next('error')).toMatchObject({ code: 'device-revoked' })
  await second.close()
  await rm(site, { recursive: true, force: true })
})

/** An upgrade by hand: `ws` hides the body of a refusal. */
function upgrade(path: string, headers: Readonly<Record<string, string>>): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${url()}${path}`, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        ...headers,
      },
    })
    request.on('response', (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    request.on('upgrade', () => reject(new Error('upgraded')))
    request.on('error', reject)
    request.end()
  })
}
