import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { ClientFrame, ServerFrame, ServerFrameOf } from '../../relay/protocol/frames.ts'
import type { Cursor, SessionId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { startServer, type Program } from '../support/processes.ts'
import { createDevice, WireClient, type TestDevice } from '../support/wire-client.ts'

const URGENT = 'alerts/urgent' as ChannelName
const CHAT = 'chat/line-3' as ChannelName
const HUGE = Number.MAX_SAFE_INTEGER
const KEY = { authorization: 'Bearer demo-key', 'content-type': 'application/json' }
/** What no number of the wire may be. */
const NO_NUMBERS = ['-1', '1.5', '1e300', '"1"', 'null', '[]']
/** A site with more channels than one connection may read. */
const AREAS = Array.from({ length: 100 }, (_, index) => `area-${index}`)

let folder = ''
let server: Program
let url = ''
const clients: WireClient[] = []
/** Stands beside every case: it must go on reading, and nothing may be lost or doubled for it. */
let witness: WireClient
let seen = 0
const complaints: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-bad-input-'))
  const first = await startServer(folder, 0)
  expect(await first.program.stop()).toBe(0)
  const db = new Database(join(folder, 'andon.sqlite'))
  for (const area of AREAS) db.prepare('INSERT INTO areas (name) VALUES (?)').run(area)
  db.close()
  const onStderr = (line: string): void => void complaints.push(line)
  const started = await startServer(folder, 0, { extra: ['--log-level', 'error', '--heartbeat-ms', '30000'], onStderr })
  server = started.program
  url = started.url
  witness = new WireClient(url)
  await witness.greet(await createDevice())
  witness.send({ t: 'subscribe', channel: URGENT, credit: 4 })
  seen = (await witness.next('snapshot')).offset
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  await settled(witness)
  await raise('All is well')
  expect(await witness.next('event')).toMatchObject({ channel: URGENT, offset: (seen += 1) })
  expect(server.exit, 'the server runs').toBeNull()
  expect(complaints.splice(0), 'the server has nothing to complain about').toEqual([])
})
afterAll(async () => {
  await server.kill()
  await rm(folder, { recursive: true, force: true })
})

async function raise(title: string): Promise<void> {
  const body = JSON.stringify({ priority: 'P0', area: 'line-3', title })
  expect((await fetch(`${url}/api/alerts`, { method: 'POST', headers: KEY, body })).status).toBe(201)
}

async function greeted(device?: TestDevice): Promise<{ client: WireClient; deviceToken: string }> {
  const client = new WireClient(url)
  clients.push(client)
  const { deviceToken } = await client.greet(device ?? (await createDevice()))
  return { client, deviceToken }
}

async function signedIn(operator: string, pin: string): Promise<{ client: WireClient; session: SessionId }> {
  const { client, deviceToken } = await greeted()
  const response = await fetch(`${url}/api/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${deviceToken}`, 'andon-refresh': 'body' },
    body: JSON.stringify({ operator, pin }),
  })
  const grant = (await response.json()) as { session: SessionId; accessToken: string; generation: number }
  client.send({ t: 'auth', token: grant.accessToken, generation: grant.generation })
  await client.next('authed')
  return { client, session: grant.session }
}

function post(seq: number, session: SessionId, text: string): Extract<ClientFrame, { t: 'command' }> {
  const data = { line: 'line-3', text }
  return { t: 'command', lane: 'normal', seq, id: uuidv7() as never, type: 'chat.post', session, data }
}

/** Waits until everything that was sent before is answered. */
async function settled(client: WireClient): Promise<readonly ServerFrame[]> {
  const nonce = uuidv7()
  client.send({ t: 'ping', nonce })
  await client.next('pong', (pong) => pong.nonce === nonce)
  return client.received
}

/** Every sentence is one: a person may have to read it. */
function expectRefused(frame: ServerFrameOf<'error'> | ServerFrameOf<'unsubscribed'>, code: string): void {
  expect(frame).toMatchObject({ code, message: expect.stringMatching(/\.$/) })
}

/** What the chat holds, read by somebody who was never there. */
async function chat(): Promise<readonly string[]> {
  const { client } = await signedIn('lee', '2222')
  client.send({ t: 'subscribe', channel: CHAT, from: 'start', credit: 4 })
  const { offset, top } = await client.next('subscribed')
  const texts: string[] = []
  while (texts.length < top - offset) {
    const frame = await client.nextOf(['page', 'event'])
    const events = frame.t === 'page' ? frame.events : [frame]
    texts.push(...events.map(({ data }) => (data as { text: string }).text))
  }
  return texts
}

describe('sequences', () => {
  it('[W2] from the future are answered by the one that is due, and change nothing', async () => {
    const { client, session } = await signedIn('kim', '1111')
    for (const seq of [2, 1_000_000, HUGE]) {
      client.send(post(seq, session, 'future'))
      // A burst behind one hole is answered once; what was due is asked for again by the next good command.
      await settled(client)
    }
    expect(await client.next('expect')).toEqual({ t: 'expect', lane: 'normal', seq: 1 })
    client.send(post(1, session, 'due'))
    expect(await client.next('result')).toMatchObject({ seq: 1, outcome: 'applied' })
    const texts = await chat()
    expect(texts).not.toContain('future')
    expect(texts.filter((text) => text === 'due')).toHaveLength(1)
  })

  it('[W3] from the past under another id fork the outbox, and change nothing', async () => {
    const { client, session } = await signedIn('kim', '1111')
    client.send(post(1, session, 'first'))
    await client.next('result')
    client.send(post(1, session, 'usurper'))
    expect(await client.next('outbox-forked')).toMatchObject({ seq: 1, message: expect.stringMatching(/\.$/) })
    const again = await signedIn('kim', '1111')
    again.client.send(post(1, again.session, 'second'))
    expect(await again.client.next('result')).toMatchObject({ seq: 1, outcome: 'applied' })
    const texts = await chat()
    expect(texts).not.toContain('usurper')
    expect(texts.slice(-2)).toEqual(['first', 'second'])
  })

  it.each(['0', ...NO_NUMBERS])('[C1] that are no numbers of a lane are bad-frame: %s', async (seq) => {
    const { client, session } = await signedIn('kim', '1111')
    const frame = JSON.stringify(post(1, session, 'no number'))
    client.sendRaw(frame.replace('"seq":1', `"seq":${seq}`))
    client.sendRaw(`{"t":"confirm","lane":"normal","upTo":${seq}}`)
    expectRefused(await client.next('error'), 'bad-frame')
    expectRefused(await client.next('error'), 'bad-frame')
    client.send(post(1, session, `after ${seq}`))
    expect(await client.next('result')).toMatchObject({ seq: 1, outcome: 'applied' })
  })

  it('[W4] confirmed that were never reached forget nothing of anybody else', async () => {
    const [kim, lee] = [await signedIn('kim', '1111'), await signedIn('lee', '2222')]
    const said = post(1, lee.session, 'kept')
    lee.client.send(said)
    const result = await lee.client.next('result')
    kim.client.send({ t: 'confirm', lane: 'normal', upTo: HUGE })
    await settled(kim.client)
    lee.client.send(said)
    expect(await lee.client.next('result')).toEqual(result)
  })
})

describe('cursors', () => {
  async function atTop(client: WireClient): Promise<Cursor> {
    client.send({ t: 'subscribe', channel: CHAT, credit: 1 })
    const { epoch, offset, id } = await client.next('snapshot')
    client.send({ t: 'unsubscribe', channel: CHAT })
    await client.next('unsubscribed')
    return { epoch, offset, id }
  }

  it.each([
    ['of another epoch', 'unknown-epoch', { epoch: 'ffffffffffffffff' as Cursor['epoch'] }],
    ['above the top', 'ahead', { offset: HUGE }],
    ['with somebody else’s event', 'unknown-event', { id: uuidv7() as Cursor['id'] }],
  ])('[S3] %s are answered by reset and a snapshot, and hurt nobody else', async (_what, reason, forged) => {
    const writer = await signedIn('lee', '2222')
    const { client } = await signedIn('kim', '1111')
    writer.client.send(post(1, writer.session, 'one'))
    await writer.client.next('result')
    const cursor = await atTop(client)
    writer.client.send({ t: 'subscribe', channel: CHAT, cursor, credit: 4 })
    await writer.client.next('subscribed')
    client.send({ t: 'subscribe', channel: CHAT, cursor: { ...cursor, ...forged }, credit: 4 })
    expect(await client.next('reset')).toMatchObject({ channel: CHAT, reason })
    expect(await client.next('snapshot')).toMatchObject({ epoch: cursor.epoch, offset: cursor.offset })
    writer.client.send(post(2, writer.session, 'two'))
    for (const reader of [client, writer.client])
      expect(await reader.next('event')).toMatchObject({ epoch: cursor.epoch, offset: cursor.offset + 1 })
    expect(writer.client.received.filter(({ t }) => t === 'reset')).toEqual([])
  })

  it.each(NO_NUMBERS)('[C1] with an offset that is none are bad-frame: %s', async (offset) => {
    const { client } = await greeted()
    const cursor = `{"epoch":"0123456789abcdef","offset":${offset},"id":null}`
    client.sendRaw(`{"t":"subscribe","channel":"alerts/urgent","cursor":${cursor},"credit":1}`)
    expectRefused(await client.next('error'), 'bad-frame')
    client.sendRaw(`{"t":"ping","nonce":"12345678","urgent":{"epoch":"0123456789abcdef","offset":${offset}}}`)
    expectRefused(await client.next('error'), 'bad-frame')
    expect(await settled(client)).toEqual([])
  })

  it('[H4] a heartbeat that claims offsets nobody wrote is evidence of nothing', async () => {
    const { client } = await greeted()
    client.send({ t: 'subscribe', channel: URGENT, credit: 4 })
    const { epoch } = await client.next('snapshot')
    client.send({ t: 'ping', nonce: 'claims all', urgent: { epoch, offset: HUGE } })
    client.send({ t: 'ping', nonce: 'claims else', urgent: { epoch: 'ffffffffffffffff' as never, offset: HUGE } })
    expect((await settled(client)).map(({ t }) => t)).toEqual(['pong', 'pong'])
  })
})

describe('asking for too much', () => {
  it.each(['1000000000', '0', ...NO_NUMBERS])('[S6] %s pages are bad-frame', async (pages) => {
    const { client } = await greeted()
    client.sendRaw(`{"t":"subscribe","channel":"alerts/urgent","credit":${pages}}`)
    expectRefused(await client.next('error'), 'bad-frame')
    client.send({ t: 'subscribe', channel: URGENT, credit: 1 })
    await client.next('snapshot')
    client.sendRaw(`{"t":"credit","channel":"alerts/urgent","pages":${pages}}`)
    expectRefused(await client.next('error'), 'bad-frame')
    expect(await settled(client)).toEqual([])
  })

  it('[S6] credit that was not earned is bad-credit, however often, and the subscription lives on', async () => {
    const { client } = await greeted()
    client.send({ t: 'subscribe', channel: URGENT, credit: 4 })
    await client.next('snapshot')
    for (let count = 0; count < 100; count += 1) client.send({ t: 'credit', channel: URGENT, pages: 4 })
    const answers = await settled(client)
    expect(answers).toHaveLength(100)
    for (const answer of answers) expectRefused(answer as ServerFrameOf<'error'>, 'bad-credit')
    await raise('Still read')
    expect(await client.next('event')).toMatchObject({ channel: URGENT })
    await witness.next('event')
    seen += 1
  })

  it('[S8] [P8] 10,000 subscriptions are 256, and a sentence for each of the others', async () => {
    const { client } = await signedIn('park', '3333')
    const channels = AREAS.flatMap((area) => [`alerts/${area}`, `orders/${area}`, `chat/${area}`])
    const asked = Array.from({ length: 10_000 }, (_, index) => channels[index] ?? `chat/nowhere-${index}`)
    for (const channel of asked) client.send({ t: 'subscribe', channel, credit: 1 })
    const counted = new Map<string, number>()
    for (let answered = 0; answered < asked.length; answered += 1) {
      const frame = await client.nextOf(['snapshot', 'unsubscribed'])
      const what = frame.t === 'snapshot' ? 'snapshot' : String(frame.code)
      if (frame.t === 'unsubscribed') expectRefused(frame, what)
      counted.set(what, (counted.get(what) ?? 0) + 1)
    }
    const tooMany = channels.length - LIMITS.maxSubscriptions
    expect(Object.fromEntries(counted)).toEqual({
      snapshot: LIMITS.maxSubscriptions,
      'too-many-subscriptions': tooMany,
      'unknown-channel': asked.length - channels.length,
    })
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toMatch(new RegExp(`^andon_subscriptions ${LIMITS.maxSubscriptions + 1}$`, 'm'))
  })
})

describe('a command nobody can carry out', () => {
  it.each([
    ['as deep as a frame can hold', LIMITS.maxFrameBytes / 2 - 1_000],
    ['as deep as a command can hold', LIMITS.maxCommandBytes / 2 - 1_000],
  ])('[W5] [T2] nested %s is rejected, and the lane goes on', async (_how, depth) => {
    const { client, session } = await signedIn('kim', '1111')
    const frame = JSON.stringify({ ...post(1, session, ''), data: 'DEEP' })
    client.sendRaw(frame.replace('"DEEP"', '['.repeat(depth) + ']'.repeat(depth)))
    expect(await client.next('result')).toMatchObject({
      seq: 1,
      outcome: 'rejected',
      message: expect.stringMatching(/\.$/),
    })
    client.send(post(2, session, 'behind the deep one'))
    expect(await client.next('result')).toMatchObject({ seq: 2, outcome: 'applied' })
  })

  it.each([
    ['a key that is not one', '{"__proto__":{"line":"line-3","text":"x"},"line":"line-3","text":"x"}'],
    ['half a character', '{"line":"line-3","text":"\\ud800"}'],
    ['a zero character', '{"line":"line-3","text":"a\\u0000b"}'],
    ['a number no machine has', '{"line":"line-3","text":1e999}'],
  ])('[W5] with %s ends, and the lane goes on', async (_what, data) => {
    const { client, session } = await signedIn('kim', '1111')
    const frame = JSON.stringify({ ...post(1, session, ''), data: 'DATA' })
    client.sendRaw(frame.replace('"DATA"', data))
    expect(await client.next('result')).toMatchObject({ seq: 1 })
    client.send(post(2, session, 'behind the odd one'))
    expect(await client.next('result')).toMatchObject({ seq: 2, outcome: 'applied' })
  })
})

describe('a request that is too deep', () => {
  it.each([{}, { 'idempotency-key': 'deep' }])('[X1] is refused with a problem and a sentence: %o', async (more) => {
    const depth = 30_000
    const body = `{"priority":"P0","area":"line-3","title":${'['.repeat(depth)}${']'.repeat(depth)}}`
    const response = await fetch(`${url}/api/alerts`, { method: 'POST', headers: { ...KEY, ...more }, body })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'bad-request', detail: expect.stringMatching(/\.$/) })
  })
})
