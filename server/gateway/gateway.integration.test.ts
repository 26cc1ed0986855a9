import { randomUUID } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ClientFrame } from '../../relay/protocol/frames.ts'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { CommandId, Epoch, EventId, Incarnation, SessionId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { loadConfig } from '../config.ts'
import { startServer, type RunningServer } from '../main.ts'
import { createDevice, WireClient, type TestDevice } from '../../test/support/wire-client.ts'

const CHAT = 'chat/line-3' as ChannelName
const URGENT = 'alerts/urgent' as ChannelName

let folder = ''
let server: RunningServer
const clients: WireClient[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-gateway-'))
  const loaded = loadConfig({ flags: { data: folder, port: 0, demo: true, logLevel: 'silent' }, env: {} })
  if (!loaded.ok) throw new Error(loaded.message)
  server = await startServer(loaded.config, pino({ level: 'silent' }))
})
afterEach(() => {
  for (const client of clients.splice(0)) client.close()
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

function connect(headers: Readonly<Record<string, string>> = {}): WireClient {
  const client = new WireClient(server.url, { headers })
  clients.push(client)
  return client
}

async function greeted(device?: TestDevice): Promise<{ client: WireClient; device: TestDevice; deviceToken: string }> {
  const own = device ?? (await createDevice())
  const client = connect()
  const { deviceToken } = await client.greet(own)
  return { client, device: own, deviceToken }
}

async function signIn(
  deviceToken: string,
  operator = 'kim',
  pin = '1111',
): Promise<{ session: SessionId; accessToken: string; generation: number }> {
  const response = await fetch(`${server.url}/api/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${deviceToken}`, 'andon-refresh': 'body' },
    body: JSON.stringify({ operator, pin }),
  })
  expect(response.status).toBe(200)
  return (await response.json()) as { session: SessionId; accessToken: string; generation: number }
}

async function signedIn(): Promise<{
  client: WireClient
  device: TestDevice
  session: SessionId
  accessToken: string
  generation: number
}> {
  const { client, device, deviceToken } = await greeted()
  const { session, accessToken, generation } = await signIn(deviceToken)
  client.send({ t: 'auth', token: accessToken, generation })
  expect(await client.next('authed')).toMatchObject({ operator: 'kim', areas: ['line-3'] })
  return { client, device, session, accessToken, generation }
}

let nextId = 1
function post(seq: number, session: SessionId, text = `message ${seq}`): Extract<ClientFrame, { t: 'command' }> {
  const id = `00000000-0000-7000-8000-${(nextId++).toString(16).padStart(12, '0')}` as CommandId
  return { t: 'command', lane: 'normal', seq, id, type: 'chat.post', session, data: { line: 'line-3', text } }
}

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
  ])('[G6] refuses the upgrade of %s', async (_who, path, headers, status, code) => {
    const answer = await upgrade(path, headers)
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.body)).toMatchObject({ status, code })
  })

  it('[G6] takes its own origin', async () => {
    await connect({ origin: server.url }).greet(await createDevice())
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

describe('commands', () => {
  it('[W1] [W2] [W3] takes a lane in order: result, hole, repeat', async () => {
    const { client, session } = await signedIn()
    const first = post(1, session)
    client.send(first)
    expect(await client.next('result')).toMatchObject({
      seq: 1,
      id: first.id,
      outcome: 'applied',
      offsets: { [CHAT]: expect.any(Number) },
    })
    client.send(post(3, session))
    client.send(post(4, session))
    expect(await client.next('expect')).toEqual({ t: 'expect', lane: 'normal', seq: 2 })
    client.send(first)
    expect(await client.next('result')).toMatchObject({ seq: 1, outcome: 'applied' })
    client.send(post(1, session))
    expect(await client.next('outbox-forked')).toMatchObject({ seq: 1 })
    expect(client.received.filter((frame) => frame.t === 'expect')).toEqual([])
  })

  it('[W7] refuses a command in another lane than its own', async () => {
    const { client, session } = await signedIn()
    client.send({ ...post(1, session), lane: 'urgent' })
    expect(await client.next('error')).toMatchObject({ code: 'bad-frame', about: 'command' })
  })

  it.each([
    ['bad-command', 'alert.raise', { priority: 'P9', area: 'line-3', title: 'x' }],
    ['bad-command', 'alert.raise', { priority: 'P0', area: 'line-3' }],
    ['unknown-area', 'alert.raise', { priority: 'P0', area: 'line-9', title: 'x' }],
    ['alert-not-found', 'alert.ack', { id: '00000000-0000-7000-8000-00000000dead' }],
  ])('[W5] rejects with %s and goes on', async (code, type, data) => {
    const { client, session } = await signedIn()
    client.send({ ...post(1, session), lane: 'urgent', type, data })
    expect(await client.next('result')).toMatchObject({
      outcome: 'rejected',
      code,
      message: expect.stringMatching(/\.$/),
    })
    client.send(post(1, session))
    expect(await client.next('result')).toMatchObject({ lane: 'normal', outcome: 'applied' })
  })

  it('[W10] keeps its marks across connections', async () => {
    const { client, device, session } = await signedIn()
    client.send(post(1, session))
    await client.next('result')
    client.close()
    expect(
      await connect().greet(device, {
        outbox: { epoch: device.epoch, incarnation: null, oldest: { urgent: 1, normal: 2 } },
      }),
    ).toMatchObject({ outbox: 'known', marks: { normal: 1 } })
  })

  it('[W10] adopts where an outbox of another incarnation goes on', async () => {
    const incarnation = randomUUID() as Incarnation
    const device = await createDevice()
    expect(
      await connect().greet(device, { outbox: { epoch: device.epoch, incarnation, oldest: { urgent: 1, normal: 9 } } }),
    ).toMatchObject({ outbox: 'adopted', marks: { urgent: 0, normal: 8 } })
  })
})

describe('channels', () => {
  it('[S2] resumes after a cursor without a gap, and goes on live', async () => {
    const { client, session } = await signedIn()
    client.send({ t: 'subscribe', channel: CHAT, credit: 4 })
    const start = await client.next('snapshot')
    for (const seq of [1, 2, 3]) client.send(post(seq, session))
    const events = [await client.next('event'), await client.next('event'), await client.next('event')]
    expect(events.map(({ offset }) => offset - start.offset)).toEqual([1, 2, 3])
    expect(events[0]).toMatchObject({ type: 'chat.posted', by: 'kim', data: { line: 'line-3', text: 'message 1' } })

    client.send({ t: 'unsubscribe', channel: CHAT })
    await client.next('unsubscribed')
    const [first] = events
    client.send({
      t: 'subscribe',
      channel: CHAT,
      cursor: { epoch: start.epoch, offset: first?.offset ?? 0, id: first?.id ?? null },
      credit: 4,
    })
    expect(await client.next('subscribed')).toMatchObject({ offset: start.offset + 1, top: start.offset + 3 })
    expect((await client.next('event')).offset).toBe(start.offset + 2)
    expect((await client.next('event')).offset).toBe(start.offset + 3)
    client.send(post(4, session))
    expect((await client.next('event')).offset).toBe(start.offset + 4)
  })

  it.each([
    ['unknown-epoch', { epoch: '0123456789abcdef' as Epoch }],
    ['ahead', { offset: 1_000_000 }],
    ['unknown-event', { id: randomUUID() as EventId }],
  ])('[S3] answers a cursor with %s by a reset and a snapshot', async (reason, forged) => {
    const { client, session } = await signedIn()
    client.send(post(1, session))
    await client.next('result')
    client.send({ t: 'subscribe', channel: CHAT, credit: 4 })
    const { epoch, offset, id } = await client.next('snapshot')
    client.send({ t: 'unsubscribe', channel: CHAT })
    client.send({ t: 'subscribe', channel: CHAT, cursor: { epoch, offset, id, ...forged }, credit: 4 })
    expect(await client.next('reset')).toMatchObject({ channel: CHAT, reason })
    expect(await client.next('snapshot')).toMatchObject({ epoch, offset, last: true })
  })

  it('[S5] reads a log from its start, and nothing else', async () => {
    const { client, session } = await signedIn()
    client.send(post(1, session))
    await client.next('result')
    client.send({ t: 'subscribe', channel: CHAT, from: 'start', credit: 4 })
    const { offset, top } = await client.next('subscribed')
    expect(offset).toBe(0)
    for (let expected = 1; expected <= top; expected += 1) expect((await client.next('event')).offset).toBe(expected)
    client.send({ t: 'subscribe', channel: 'orders/line-3', from: 'start', credit: 4 })
    expect(await client.next('unsubscribed')).toMatchObject({ channel: 'orders/line-3', code: 'not-a-log' })
  })

  it.each([
    ['unknown-channel', 'chat/line-9'],
    ['unknown-channel', 'weather/line-3'],
    ['unknown-channel', '../../etc/passwd'],
    ['forbidden', 'chat/line-1'],
    ['forbidden', 'prefs/lee'],
  ])('[S8] answers %s for %s', async (code, channel) => {
    const { client } = await signedIn()
    client.send({ t: 'subscribe', channel, credit: 1 })
    expect(await client.next('unsubscribed')).toMatchObject({ channel, code })
  })

  it('[S8] asks for a person where a device alone may not read, and refuses a second subscription', async () => {
    const { client } = await greeted()
    client.send({ t: 'subscribe', channel: CHAT, credit: 1 })
    expect(await client.next('unsubscribed')).toMatchObject({ code: 'sign-in-needed' })
    client.send({ t: 'subscribe', channel: URGENT, credit: 1 })
    client.send({ t: 'subscribe', channel: URGENT, credit: 1 })
    expect(await client.next('error')).toMatchObject({ code: 'already-subscribed', channel: URGENT })
  })

  it('[S6] refuses credit that was not earned', async () => {
    const { client } = await greeted()
    client.send({ t: 'subscribe', channel: URGENT, credit: 4 })
    await client.next('snapshot')
    client.send({ t: 'credit', channel: URGENT, pages: 4 })
    expect(await client.next('error')).toMatchObject({ code: 'bad-credit', channel: URGENT })
  })

  it('an alert raised over HTTP is on every device within the tick, with the same bytes', async () => {
    const [one, two] = [await greeted(), await greeted()]
    for (const { client } of [one, two]) {
      client.send({ t: 'subscribe', channel: URGENT, credit: 4 })
      await client.next('snapshot')
    }
    const response = await fetch(`${server.url}/api/alerts`, {
      method: 'POST',
      headers: { authorization: 'Bearer demo-key', 'content-type': 'application/json' },
      body: JSON.stringify({ priority: 'P0', area: 'line-3', title: '<img src=x onerror=alert(1)>' }),
    })
    expect(response.status).toBe(201)
    const events = [await one.client.next('event'), await two.client.next('event')]
    expect(events[0]).toEqual(events[1])
    expect(events[0]).toMatchObject({
      type: 'alert.raised',
      by: 'demo-key',
      data: { record: { title: '<img src=x onerror=alert(1)>', acknowledged: null } },
    })
  })
})

describe('heartbeat', () => {
  it('[H4] [P4] records per alert and device that it was sent and received, once', async () => {
    const { client, device } = await greeted()
    client.send({ t: 'subscribe', channel: URGENT, credit: 4 })
    const { epoch } = await client.next('snapshot')
    const headers = { authorization: 'Bearer demo-key', 'content-type': 'application/json' }
    const body = JSON.stringify({ priority: 'P1', area: 'line-3', title: 'Followed' })
    const raised = (await (await fetch(`${server.url}/api/alerts`, { method: 'POST', headers, body })).json()) as {
      id: string
    }
    const { offset } = await client.next('event')
    client.send({ t: 'ping', nonce: 'not yet applied', urgent: { epoch, offset: offset - 1 } })
    await client.next('pong')
    client.send({ t: 'ping', nonce: 'now applied', urgent: { epoch, offset } })
    client.send({ t: 'ping', nonce: 'forged beyond', urgent: { epoch, offset: offset + 100 } })
    await client.next('pong')
    await client.next('pong')
    const evidence = async () => {
      const answer = await fetch(`${server.url}/api/alerts/${raised.id}/evidence`, { headers })
      return JSON.stringify(await answer.json())
    }
    await expect.poll(evidence).toContain('"received"')
    expect((await evidence()).match(new RegExp(device.id, 'g'))).toHaveLength(2)
  })

  it('[H1] names per channel what was written to this connection, and the top', async () => {
    const { client, session } = await signedIn()
    client.send({ t: 'subscribe', channel: CHAT, credit: 4 })
    const { epoch, offset } = await client.next('snapshot')
    client.send(post(1, session))
    await client.next('event')
    client.send({ t: 'ping', nonce: 'heartbeat' })
    expect(await client.next('pong')).toMatchObject({
      nonce: 'heartbeat',
      channels: { [CHAT]: { epoch, written: offset + 1, top: offset + 1 } },
    })
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
    const response = await fetch(`${quick.url}/api/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${deviceToken}`, 'andon-refresh': 'body' },
      body: JSON.stringify({ operator: 'kim', pin: '1111' }),
    })
    const { accessToken, generation } = (await response.json()) as { accessToken: string; generation: number }
    client.send({ t: 'auth', token: accessToken, generation })
    await client.next('authed')
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

it('[P4] stores a displayed receipt and answers it', async () => {
  const { client } = await greeted()
  client.send({
    t: 'receipts',
    ref: 7,
    items: [{ alert: '00000000-0000-7000-8000-000000000001' as CommandId, kind: 'displayed', agoMs: 5 }],
  })
  expect(await client.next('receipted')).toEqual({ t: 'receipted', ref: 7 })
})

/** An upgrade by hand: `ws` hides the body of a refusal. */
function upgrade(path: string, headers: Readonly<Record<string, string>>): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${server.url}${path}`, {
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
