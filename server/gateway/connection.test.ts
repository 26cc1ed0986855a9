/** One connection on a simulated network: what no real one does when a test wants it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CLOSE } from '../../relay/protocol/close-codes.ts'
import { encodeFrame } from '../../relay/protocol/codec.ts'
import type { ClientFrame, ClientFrameOf, ServerFrame } from '../../relay/protocol/frames.ts'
import type { CommandId, OutboxEpoch } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { seededRandom } from '../../relay/testing/seeded-random.ts'
import { Link } from '../../test/model/simulated-network.ts'
import { SimulatedServer } from '../../test/model/simulated-server.ts'
import { SimulatedTime } from '../../test/model/simulated-time.ts'
import { useTimersOf } from '../../test/model/world.ts'

const HEARTBEAT_MS = 10_000
const DEVICE = 'd'.repeat(43)
const NEW_DEVICE = 'n'.repeat(43)

let time: SimulatedTime
let server: SimulatedServer
let release: () => void
beforeEach(() => {
  time = new SimulatedTime()
  release = useTimersOf(time)
  const random = seededRandom(1)
  const ignored = (): void => undefined
  const settings = { accessTokenMs: 60_000, sessionMs: 60_000, ringSize: 2 }
  const uuid = (): string => random.uuid()
  server = new SimulatedServer({ time, uuid, latency: () => 1, decided: ignored, failed: ignored, ...settings })
  server.start()
})
afterEach(() => release())

function hello(device: string, over: Partial<ClientFrameOf<'hello'>> = {}): ClientFrameOf<'hello'> {
  return {
    t: 'hello',
    version: 1,
    proof: device,
    name: 'Terminal',
    client: { kind: 'headless', build: 'test' },
    outbox: {
      epoch: '00000000-0000-4000-8000-000000000001' as OutboxEpoch,
      incarnation: null,
      oldest: { urgent: 1, normal: 1 },
    },
    ...over,
  }
}

async function dial() {
  const closed: number[] = []
  const heard: ServerFrame[] = []
  const events = { opened: () => {}, received: () => {}, closed: (code: number) => void closed.push(code) }
  const hear = (text: string): void => void heard.push(JSON.parse(text) as ServerFrame)
  const link = new Link({ time, latency: () => 1, events, sent: () => {}, heard: hear })
  server.accept(link)
  const relay = link.handle()
  await time.advance(5)
  return {
    link,
    closed,
    heard,
    send: (frame: ClientFrame) => relay.send(encodeFrame(frame)),
    kinds: () => heard.map(({ t }) => t),
  }
}

async function greeted(device = DEVICE) {
  const wire = await dial()
  wire.send(hello(device))
  await time.advance(20)
  expect(wire.kinds()).toContain('welcome')
  return wire
}

describe('greeting', () => {
  it('[G5] who yields is not welcomed when the other was welcomed while it was being greeted', async () => {
    const [first, retry] = [await dial(), await dial()]
    first.send(hello(DEVICE))
    retry.send(hello(DEVICE, { yields: true }))
    await time.advance(20)
    expect([first.kinds().includes('welcome'), first.closed]).toEqual([true, []])
    expect([retry.kinds().includes('welcome'), retry.closed]).toEqual([false, [CLOSE.replaced.code]])
  })

  it('[C6] a device whose greeting the disk does not take is told so, and asked to come back', async () => {
    server.isDiskFailing = true
    const { send, heard, closed } = await dial()
    send(hello(NEW_DEVICE))
    await time.advance(20)
    expect(heard.at(-1)).toMatchObject({ t: 'error', code: 'unavailable', about: 'hello' })
    expect(closed).toEqual([CLOSE.overloaded.code])
  })
})

describe('evidence', () => {
  it('[E1] [C6] that the disk does not take closes nothing, and is durable when there is room again', async () => {
    const { send, heard, closed } = await greeted()
    const alert = '00000000-0000-7000-8000-000000000001' as CommandId
    server.publish('alert.raise', { priority: 'P0', area: 'line-3', title: 'Fire' }, alert)
    await time.advance(20)
    server.isDiskFailing = true
    const shownAt = time.now
    send({ t: 'receipts', ref: 7, items: [{ alert, kind: 'displayed', agoMs: 0 }] })
    await time.advance(7_000)
    send({ t: 'ping', nonce: 'still-here' })
    await time.advance(20)
    expect(heard.at(-1)).toMatchObject({ t: 'pong', nonce: 'still-here' })
    server.isDiskFailing = false
    await time.advance(3_000)
    expect(heard.at(-1)).toEqual({ t: 'receipted', ref: 7 })
    expect(closed).toEqual([])
    const [receipt] = [...server.database.tables.receipts.values()].filter(({ kind }) => kind === 'displayed')
    const lateMs = Date.parse(String(receipt?.at)) - (Date.UTC(2026, 10, 20, 6) + shownAt)
    // What the network took, and not what the disk did.
    expect(lateMs).toBeLessThan(100)
  })
})

describe('a connection that is slow, or says little', () => {
  it('[V2] is closed with a code when more than the hard limit waits for it, and nothing follows', async () => {
    const { link, send, heard, closed } = await greeted()
    link.stallDown()
    const nonce = 'x'.repeat(128)
    const size = JSON.stringify({ t: 'pong', nonce, serverTime: '2026-11-20T06:00:00.000Z', channels: {} }).length
    for (let bytes = 0; bytes < 1.1 * LIMITS.hardBufferBytes; bytes += size) send({ t: 'ping', nonce })
    await time.advance(100)
    expect(server.buffers()).toEqual([])
    send({ t: 'ping', nonce: 'too late' })
    link.flowDown()
    await time.advance(100)
    expect(closed).toEqual([CLOSE.tooSlow.code])
    expect(heard.some((frame) => frame.t === 'pong' && frame.nonce === 'too late')).toBe(false)
  })

  it('[V2] is cut off when it does not even take the close', async () => {
    const { link, send, closed } = await greeted()
    link.stallDown()
    const nonce = 'x'.repeat(128)
    for (let bytes = 0; bytes < 1.1 * LIMITS.hardBufferBytes; bytes += nonce.length) send({ t: 'ping', nonce })
    await time.advance(LIMITS.probeMs + 200)
    expect(closed).toEqual([1006])
  })

  it('[H2] whatever a device sends is a sign of life; silence is none', async () => {
    const { send, closed } = await greeted()
    for (let count = 0; count < 5; count += 1) {
      await time.advance(LIMITS.missedHeartbeats * HEARTBEAT_MS)
      send({ t: 'deauth' })
    }
    await time.advance(LIMITS.missedHeartbeats * HEARTBEAT_MS)
    expect(closed).toEqual([])
    await time.advance(2 * HEARTBEAT_MS)
    expect(closed).toEqual([CLOSE.silent.code])
  })
})
