/** Who speaks WebSocket as it was not meant: frames that lie, bombs, floods, and connections that should not be. */
import { deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { createDevice, helloOf } from '../support/wire-client.ts'
import { answersTo, besiegeFloor, command, endsOf } from './besieged-floor.ts'
import { frame, OPCODE, RawWebSocket } from './raw-websocket.ts'

const floor = besiegeFloor()

describe('frames that keep no rule [C2]', () => {
  it.each([
    ['without a mask (RFC 6455 §5.1)', () => [frame(OPCODE.text, '{}', { isMasked: false })], 1002],
    ['with a bit that nobody agreed on', () => [frame(OPCODE.text, '{}', { rsv: 2 })], 1002],
    ['of a kind that does not exist', () => [frame(3, 'x')], 1002],
    ['that go on where nothing began', () => [frame(OPCODE.continuation, 'x')], 1002],
    [
      'that begin in the middle of another',
      () => [frame(OPCODE.text, 'a', { fin: false }), frame(OPCODE.text, 'b')],
      1002,
    ],
    ['of control in pieces', () => [frame(OPCODE.ping, 'x', { fin: false })], 1002],
    ['of control that are too long', () => [frame(OPCODE.ping, 'x'.repeat(126))], 1002],
    ['of close with half a code', () => [frame(OPCODE.close, Buffer.from([3]))], 1002],
    ['that are no UTF-8', () => [frame(OPCODE.text, Buffer.from([0xc0, 0xaf]))], 1007],
    [
      'packed although nothing may be packed (a bomb of 64 MB)',
      () => [frame(OPCODE.text, deflateRawSync(Buffer.alloc(64 * 1024 * 1024)), { rsv: 4 })],
      1002,
    ],
    ['that claim 8 EB', () => [frame(OPCODE.text, '{}', { claims: 2 ** 52 })], 1009],
    [
      'that claim just over twice the limit',
      () => [frame(OPCODE.text, '{}', { claims: 2 * LIMITS.maxFrameBytes + 1 })],
      1009,
    ],
  ])('%s close the connection', async (_what, frames, code) => {
    const raw = await RawWebSocket.open(floor.url())
    raw.write(...frames())
    expect(await raw.closed()).toBe(code)
  })

  it('in pieces that together are too large close it, however small each is', async () => {
    const raw = await RawWebSocket.open(floor.url())
    raw.write(frame(OPCODE.text, 'x'.repeat(4_096), { fin: false }))
    for (let piece = 0; piece < 200; piece += 1)
      raw.write(frame(OPCODE.continuation, 'x'.repeat(4_096), { fin: false }))
    expect(await raw.closed()).toBe(4413)
  })

  it('in 100,000 empty pieces cost the floor nothing', async () => {
    const raw = await RawWebSocket.open(floor.url())
    raw.write(frame(OPCODE.text, '', { fin: false }))
    const piece = frame(OPCODE.continuation, '', { fin: false })
    raw.write(Buffer.concat(Array.from({ length: 100_000 }, () => piece)))
    await floor.raise('In the middle of empty pieces')
    expect(await raw.closed()).toBe(4413)
  })

  it('of ping by the ten thousand cut the connection, whose answers nobody can keep up with, and a P0 goes out meanwhile', async () => {
    const raw = await RawWebSocket.open(floor.url())
    raw.write(Buffer.concat(Array.from({ length: 10_000 }, () => frame(OPCODE.ping, 'x'))))
    await floor.raise('In a flood of pings')
    expect(await raw.closed()).toBe(1006)
  })
})

describe('before the greeting [G1, G4]', () => {
  it('a frame over 8 KB is too large', async () => {
    const client = floor.connect()
    await client.next('challenge')
    client.sendRaw('x'.repeat(LIMITS.maxGreetingBytes + 1))
    expect((await client.next('error')).code).toBe('frame-too-large')
    expect((await client.closed()).code).toBe(4413)
  })

  it.each([
    ['a command', command('chat.post', { line: 'line-3', text: 'x' }, { seq: 1 })],
    ['a subscription', { t: 'subscribe', channel: 'alerts/urgent', credit: 1 }],
    ['a heartbeat', { t: 'ping', nonce: 'x'.repeat(8) }],
    [
      'receipts',
      {
        t: 'receipts',
        ref: 1,
        items: [{ alert: '019e0000-0000-7000-8000-000000000000', kind: 'displayed', agoMs: 0 }],
      },
    ],
  ])('%s is not taken', async (_what, sent) => {
    const client = floor.connect()
    await client.next('challenge')
    client.sendRaw(JSON.stringify(sent))
    expect((await client.next('error')).code).toBe('unexpected-frame')
  })

  it.each([
    ['of version 0', { version: 0 }, 'bad-frame'],
    ['of a version that is none', { version: 1e300 }, 'bad-frame'],
    ['with a field nobody knows', { role: 'admin' }, 'bad-frame'],
    ['with areas of its own', { areas: ['line-3'] }, 'bad-frame'],
    ['with a name that is no text', { name: 7 }, 'bad-frame'],
    ['of a version to come', { version: 999 }, 'unsupported-version'],
  ])('a greeting %s is refused', async (_what, over, code) => {
    const client = floor.connect()
    const { nonce } = await client.next('challenge')
    client.sendRaw(JSON.stringify({ ...(await helloOf(await createDevice(), nonce)), ...over }))
    expect((await client.next('error')).code).toBe(code)
  })

  it('sixteen frames that are none close the connection', async () => {
    const client = floor.connect()
    await client.next('challenge')
    for (let count = 0; count < 16; count += 1) client.sendRaw('nonsense')
    expect((await client.closed()).code).toBe(4400)
  })
})

describe('an upgrade [G6]', () => {
  const upgrade = (lines: readonly string[]): Promise<string> =>
    floor.exchange([...lines, `Host: ${new URL(floor.url()).host}`, '', ''].join('\r\n'))
  const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
  const ASKING = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', KEY]
  const PROTOCOL = 'Sec-WebSocket-Protocol: andon.v1'

  it.each([
    ['of another origin', ['GET /sync HTTP/1.1', ...ASKING, PROTOCOL, 'Origin: http://evil.example'], 403],
    ['of an origin that is hidden', ['GET /sync HTTP/1.1', ...ASKING, PROTOCOL, 'Origin: null'], 403],
    ['at another address', ['GET /sync/../admin HTTP/1.1', ...ASKING, PROTOCOL], 404],
    ['at an address that is none', ['GET // HTTP/1.1', ...ASKING, PROTOCOL], 404],
    ['by POST', ['POST /sync HTTP/1.1', ...ASKING, PROTOCOL], 405],
    [
      'of an old WebSocket',
      ['GET /sync HTTP/1.1', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 7', KEY, PROTOCOL],
      400,
    ],
    [
      'without a key',
      ['GET /sync HTTP/1.1', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', PROTOCOL],
      400,
    ],
  ])('%s is refused', async (_what, lines, status) => {
    expect(await upgrade(lines)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  })
})

describe('a device that asks for more than there is [P8]', () => {
  it('subscribes to no more than it may, and each beyond is told so', async () => {
    const { client } = await floor.signedIn('chief')
    const frames = Array.from({ length: LIMITS.maxSubscriptions + 10 }, (_, at) => ({
      t: 'subscribe' as const,
      channel: `telemetry/line-3/machine-${at}`,
      credit: 1,
    }))
    // Which of them is answered first is nobody's promise.
    const answers = await answersTo(client, ...frames)
    expect(answers.toSorted((a, b) => a.localeCompare(b))).toEqual([
      ...Array.from({ length: LIMITS.maxSubscriptions }, () => 'subscribed'),
      ...Array.from({ length: 10 }, () => 'unsubscribed too-many-subscriptions'),
    ])
  })

  it('confirms what it never had, and forgets nothing of anybody', async () => {
    const { client, grant } = await floor.signedIn('kim')
    client.send({ t: 'confirm', lane: 'normal', upTo: Number.MAX_SAFE_INTEGER })
    const post = command(
      'chat.post',
      { line: 'line-3', text: 'after a false confirm' },
      { seq: 1, session: grant.session },
    )
    expect(await endsOf(client, post)).toEqual(['applied'])
  })

  it('gives evidence of alerts that are not: nothing is kept of it', async () => {
    const { client } = await floor.stranger()
    const items = [{ alert: '019e0000-0000-7000-8000-000000000000' as never, kind: 'displayed' as const, agoMs: 0 }]
    client.send({ t: 'receipts', ref: 7, items })
    expect(await client.next('receipted')).toEqual({ t: 'receipted', ref: 7 })
    const metrics = await (await fetch(`${floor.url()}/metrics`)).text()
    expect(metrics.split('\n')).toContain('andon_receipts_dropped 1')
  })

  it('sends a command of 33 KB: it ends rejected, and the lane goes on', async () => {
    const { client, grant } = await floor.signedIn('kim')
    const session = grant.session
    const large = command('prefs.set', { theme: 'x'.repeat(LIMITS.maxCommandBytes) }, { seq: 1, session })
    const small = command('chat.post', { line: 'line-3', text: 'small' }, { seq: 2, session })
    expect(await endsOf(client, large, small)).toEqual(['rejected bad-command', 'applied'])
  })

  it('sends under a number that was used: the outbox is told it forked, and nothing changes', async () => {
    const { client, grant } = await floor.signedIn('kim')
    const post = (text: string) => command('chat.post', { line: 'line-3', text }, { seq: 1, session: grant.session })
    expect(await endsOf(client, post('first'), post('second'))).toEqual(['applied', 'outbox-forked'])
  })

  it('sends numbers from the future: it is told which is due', async () => {
    const { client, grant } = await floor.signedIn('kim')
    const post = command('chat.post', { line: 'line-3', text: 'x' }, { seq: 2 ** 50, session: grant.session })
    expect(await endsOf(client, post)).toEqual(['expect'])
  })

  it('speaks in bytes: it is told that text is spoken here', async () => {
    const { client } = await floor.stranger()
    expect(await answersTo(client, Buffer.from('{"t":"ping"}'))).toEqual(['error bad-frame'])
  })
})
