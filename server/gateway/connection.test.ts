/** One connection on a simulated network: what no real one does when a test wants it. */
import { describe, expect, it } from 'vitest'
import { CLOSE } from '../../relay/protocol/close-codes.ts'
import type { ClientFrame, ClientFrameOf, ServerFrame } from '../../relay/protocol/frames.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { hello, useSimulatedFloor } from '../../test/model/simulated-floor.ts'
import { CLOSE_MS } from './frame-end.ts'

const HEARTBEAT_MS = 10_000
const DEVICE = 'd'.repeat(43)
const NEW_DEVICE = 'n'.repeat(43)

const floor = useSimulatedFloor()
const { dial } = floor

async function greeted(device = DEVICE) {
  const wire = await dial()
  wire.send(hello(device))
  await floor.time().advance(20)
  expect(wire.kinds()).toContain('welcome')
  return wire
}

describe('greeting', () => {
  it('[G5] who yields is not welcomed when the other was welcomed while it was being greeted', async () => {
    const [first, retry] = [await dial(), await dial()]
    first.send(hello(DEVICE))
    retry.send(hello(DEVICE, { yields: true }))
    await floor.time().advance(20)
    expect([first.kinds().includes('welcome'), first.closed]).toEqual([true, []])
    expect([retry.kinds().includes('welcome'), retry.closed]).toEqual([false, [CLOSE.replaced.code]])
  })

  it('[G9] who is not known is turned away where there is no room; who is known is not', async () => {
    await greeted()
    floor.server().database.room = 1
    const stranger = await dial()
    stranger.send(hello(NEW_DEVICE))
    await floor.time().advance(20)
    expect(stranger.heard.at(-1)).toMatchObject({ t: 'error', code: 'too-many-devices', about: 'hello' })
    expect(stranger.closed).toEqual([CLOSE.siteFull.code])
    expect([...floor.server().database.tables.devices.keys()]).toEqual([DEVICE])
    await greeted()
  })

  it('[C6] a device whose greeting the disk does not take is told so, and asked to come back', async () => {
    floor.server().isDiskFailing = true
    const { send, heard, closed } = await dial()
    send(hello(NEW_DEVICE))
    await floor.time().advance(20)
    expect(heard.at(-1)).toMatchObject({ t: 'error', code: 'unavailable', about: 'hello' })
    expect(closed).toEqual([CLOSE.overloaded.code])
  })
})

describe('a session that runs out', () => {
  it('[A1] [W11] ends reading then, and authors what its device had, once that has greeted again, and nothing after it', async () => {
    const { send, heard, closed } = await greeted()
    const signing = floor.server().signIn('kim', DEVICE)
    await floor.time().advance(20)
    const grant = await signing
    if (grant?.ok !== true) throw new Error('kim cannot sign in')
    const { session } = grant
    send({ t: 'auth', token: grant.accessToken, generation: session.generation })
    for (let ms = 0; ms < 70_000; ms += HEARTBEAT_MS) {
      await floor.time().advance(HEARTBEAT_MS)
      send({ t: 'ping', nonce: 'still-here' })
    }
    expect(heard.filter(({ t }) => t === 'deauthed')).toMatchObject([{ code: 'session-ended' }])
    const post = (seq: number): ClientFrame => {
      const id = `00000000-0000-7000-8000-00000000000${seq}` as CommandId
      const data = { line: 'line-3', text: `queued ${seq}` }
      return { t: 'command', lane: 'normal', seq, id, type: 'chat.post', session: session.id, data }
    }
    send(post(1))
    await floor.time().advance(20)
    expect(closed).toEqual([CLOSE.greetAgain.code])

    const back = await dial()
    const { outbox } = hello(DEVICE)
    back.send(hello(DEVICE, { session: session.id, outbox: { ...outbox, newest: { urgent: 0, normal: 1 } } }))
    await floor.time().advance(20)
    expect(back.heard.at(-1)).toMatchObject({ t: 'welcome', session: 'ended' })
    for (const seq of [1, 2]) back.send(post(seq))
    await floor.time().advance(20)
    expect(back.heard.filter(({ t }) => t === 'result')).toMatchObject([
      { seq: 1, outcome: 'applied' },
      { seq: 2, outcome: 'rejected', code: 'session-ended' },
    ])
  })
})

describe('evidence', () => {
  it('[E1] [C6] that the disk does not take closes nothing, and is durable when there is room again', async () => {
    const { send, heard, closed } = await greeted()
    const alert = '00000000-0000-7000-8000-000000000001' as CommandId
    floor.server().publish('alert.raise', { priority: 'P0', area: 'line-3', title: 'Fire' }, alert)
    await floor.time().advance(20)
    floor.server().isDiskFailing = true
    const shownAt = floor.time().now
    send({ t: 'receipts', ref: 7, items: [{ alert, kind: 'displayed', agoMs: 0 }] })
    await floor.time().advance(7_000)
    send({ t: 'ping', nonce: 'still-here' })
    await floor.time().advance(20)
    expect(heard.at(-1)).toMatchObject({ t: 'pong', nonce: 'still-here' })
    floor.server().isDiskFailing = false
    await floor.time().advance(3_000)
    expect(heard.at(-1)).toEqual({ t: 'receipted', ref: 7 })
    expect(closed).toEqual([])
    const [receipt] = [...floor.server().database.tables.receipts.values()].filter(({ kind }) => kind === 'displayed')
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
    await floor.time().advance(100)
    expect(floor.server().buffers()).toEqual([])
    send({ t: 'ping', nonce: 'too late' })
    link.flowDown()
    await floor.time().advance(1_000)
    expect(closed).toEqual([CLOSE.tooSlow.code])
    expect(heard.some((frame) => frame.t === 'pong' && frame.nonce === 'too late')).toBe(false)
  })

  it('[V2] is cut off when it does not even take the close', async () => {
    const { link, send, closed } = await greeted()
    link.stallDown()
    const nonce = 'x'.repeat(128)
    for (let bytes = 0; bytes < 1.1 * LIMITS.hardBufferBytes; bytes += nonce.length) send({ t: 'ping', nonce })
    await floor.time().advance(CLOSE_MS + 200)
    expect(closed).toEqual([1006])
  })

  it('[H2] whatever a device sends is a sign of life; silence is none', async () => {
    const { send, closed } = await greeted()
    for (let count = 0; count < 5; count += 1) {
      await floor.time().advance(LIMITS.missedHeartbeats * HEARTBEAT_MS)
      send({ t: 'deauth' })
    }
    await floor.time().advance(LIMITS.missedHeartbeats * HEARTBEAT_MS)
    expect(closed).toEqual([])
    await floor.time().advance(2 * HEARTBEAT_MS)
    expect(closed).toEqual([CLOSE.silent.code])
  })
})

describe('a device that pings less often', () => {
  it('[H5] is waited for three of the intervals that it says, until it says none', async () => {
    const { send, closed } = await greeted()
    send({ t: 'ping', nonce: 'resting-1', everyMs: 30_000 })
    for (let count = 0; count < 3; count += 1) {
      await floor.time().advance(85_000)
      send(count === 1 ? { t: 'deauth' } : { t: 'ping', nonce: 'resting-2', everyMs: 30_000 })
    }
    await floor.time().advance(85_000)
    expect(closed).toEqual([])
    send({ t: 'ping', nonce: 'looked-at' })
    await floor.time().advance(25_000)
    expect(closed).toEqual([])
    await floor.time().advance(10_000)
    expect(closed).toEqual([CLOSE.silent.code])
  })

  it('[H5] is closed when it is silent for longer, and is never held to less than the site’s heartbeat', async () => {
    const [slow, quick] = [await greeted(), await greeted(NEW_DEVICE)]
    slow.send({ t: 'ping', nonce: 'resting', everyMs: 30_000 })
    quick.send({ t: 'ping', nonce: 'eager-one', everyMs: 0 })
    await floor.time().advance(25_000)
    expect([slow.closed, quick.closed]).toEqual([[], []])
    await floor.time().advance(70_000)
    expect([slow.closed, quick.closed]).toEqual([[CLOSE.silent.code], [CLOSE.silent.code]])
  })

  it('[H5] [C1] is refused an interval of more than 30 s', async () => {
    const { send, heard, closed } = await greeted()
    send({ t: 'ping', nonce: 'for-ever', everyMs: LIMITS.maxHeartbeatMs + 1 })
    await floor.time().advance(20)
    expect(heard.at(-1)).toMatchObject({ t: 'error', code: 'bad-frame' })
    await floor.time().advance(35_000)
    expect(closed).toEqual([CLOSE.silent.code])
  })
})

describe('what a connection waits for', () => {
  const raise = (seq: number): ClientFrameOf<'command'> => ({
    t: 'command',
    lane: 'urgent',
    seq,
    id: `00000000-0000-7000-8000-${seq.toString(16).padStart(12, '0')}` as CommandId,
    type: 'alert.raise',
    data: { priority: 'P0', area: 'line-3', title: 'Fire' },
  })
  const receipts = (ref: number): ClientFrameOf<'receipts'> => ({
    t: 'receipts',
    ref,
    items: [{ alert: raise(1).id, kind: 'displayed', agoMs: 0 }],
  })

  it('[W7] [T15] an alert behind confirmations and receipts is handed to the store beside them', async () => {
    const { send, heard } = await greeted()
    send(raise(1))
    await floor.time().advance(50)
    const calls: string[] = []
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    floor.server().intercept((method) => {
      calls.push(method)
      return method === 'submit' ? Promise.resolve() : gate
    })
    send({ t: 'confirm', lane: 'urgent', upTo: 1 })
    send(receipts(1))
    send(raise(2))
    await floor.time().advance(50)
    expect(calls).toEqual(['confirm', 'recordReceipts', 'submit'])
    expect(heard.at(-1)).toMatchObject({ t: 'result', seq: 2, outcome: 'applied' })
    open()
    await floor.time().advance(50)
    expect(heard.at(-1)).toEqual({ t: 'receipted', ref: 1 })
  })

  it('[W7] an alert behind an auth is decided while the session is still being looked up', async () => {
    const { send, heard } = await greeted()
    const signing = floor.server().signIn('kim', DEVICE)
    await floor.time().advance(20)
    const grant = await signing
    if (grant?.ok !== true) throw new Error('kim cannot sign in')
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    floor.server().intercept((method) => (method === 'session' ? gate : Promise.resolve()))
    const { session } = grant
    send({ t: 'auth', token: grant.accessToken, generation: session.generation })
    send({ t: 'subscribe', channel: 'chat/line-3', credit: 1 })
    send({ ...raise(1), session: session.id })
    await floor.time().advance(50)
    expect(heard.at(-1)).toMatchObject({ t: 'result', seq: 1, outcome: 'applied' })
    open()
    await floor.time().advance(50)
    expect(heard.map(({ t }) => t).slice(-3)).toEqual(['result', 'authed', 'snapshot'])
  })

  it('[V8] a stranger that subscribes without end waits for its pace, and neither its alert nor its heartbeat does', async () => {
    const { send, heard } = await greeted()
    let room = 32
    floor.server().frameWaitMs = () => (room-- > 0 ? 0 : 1_000)
    for (let count = 0; count < 100; count += 1) {
      send({ t: 'subscribe', channel: 'alerts/urgent', credit: 1 })
      send({ t: 'unsubscribe', channel: 'alerts/urgent' })
    }
    send(raise(1))
    send({ t: 'ping', nonce: 'still-here' })
    await floor.time().advance(50)
    const answered = (kind: ServerFrame['t']): number => heard.filter(({ t }) => t === kind).length
    expect(answered('unsubscribed')).toBe(32)
    expect([answered('result'), answered('pong')]).toEqual([1, 1])
    room = 200
    await floor.time().advance(1_100)
    expect(answered('unsubscribed')).toBe(100)
  })
})

describe('what is committed and does not reach the hub', () => {
  const CHAT = 'alerts/urgent'
  const publish = (number: number): void =>
    floor
      .server()
      .publish(
        'alert.raise',
        { priority: 'P0', area: 'line-3', title: `Fire ${number}` },
        `00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}` as CommandId,
      )

  async function subscribed() {
    const wire = await greeted()
    wire.send({ t: 'subscribe', channel: CHAT, credit: 4 })
    await floor.time().advance(50)
    const offsets = (): readonly number[] =>
      wire.heard.flatMap((frame) => {
        if (frame.t === 'event') return [frame.offset]
        return frame.t === 'page' ? frame.events.map(({ offset }) => offset) : []
      })
    const pong = async (): Promise<{ readonly written: number; readonly top: number } | undefined> => {
      wire.send({ t: 'ping', nonce: 'still-here' })
      await floor.time().advance(50)
      const last = wire.heard.findLast(({ t }) => t === 'pong')
      return last?.t === 'pong' ? last.channels[CHAT] : undefined
    }
    return { ...wire, offsets, pong }
  }

  it('[U1] reaches every reader with the next event, in order and once', async () => {
    const { offsets, closed } = await subscribed()
    publish(1)
    await floor.time().advance(50)
    floor.server().losing = 'now'
    publish(2)
    publish(3)
    await floor.time().advance(50)
    floor.server().losing = 'before'
    publish(4)
    publish(5)
    await floor.time().advance(50)
    expect(offsets()).toEqual([1, 2, 3, 4, 5])
    expect([floor.server().behind, closed]).toEqual([[CHAT], []])
  })

  it('[U1] [H1] reaches them without one, and no heartbeat calls them current for longer', async () => {
    const { offsets, pong } = await subscribed()
    floor.server().losing = 'now'
    publish(1)
    await floor.time().advance(50)
    floor.server().losing = 'before'
    expect(offsets()).toEqual([])
    await Promise.all([floor.server().look(), floor.time().advance(50)])
    expect(offsets()).toEqual([1])
    expect(await pong()).toMatchObject({ written: 1, top: 1 })
  })

  it('[U6] [P5] a node that does not see the store confirms nothing, and does again when it sees it', async () => {
    const { pong } = await subscribed()
    expect(await pong()).toMatchObject({ written: 0, top: 0 })
    floor.server().isCurrent = false
    expect(await pong()).toBeUndefined()
    floor.server().isCurrent = true
    expect(await pong()).toMatchObject({ written: 0, top: 0 })
  })
})
