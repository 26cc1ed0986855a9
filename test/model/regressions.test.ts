/**
 * What random schedules found, each reduced to the parts it needs: a schedule is repeated by its moves only until the model
 * draws its chances in another order, a reduced one for good.
 */
import { expect, it } from 'vitest'
import { answered, newLane, waitLater } from '../../relay/core/outbox/lane.ts'
import type { Observation } from '../../relay/ports.ts'
import { CLOSE } from '../../relay/protocol/close-codes.ts'
import type { Message } from '../../relay/protocol/binary.ts'
import { encodeFrame } from '../../relay/protocol/codec.ts'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { ClientFrame, ClientFrameOf, ServerFrame } from '../../relay/protocol/frames.ts'
import type { CommandId, OutboxEpoch } from '../../relay/protocol/ids.ts'
import { seededRandom } from '../../relay/testing/seeded-random.ts'
import { Floor } from '../../relay/testing/floor.ts'
import { settle } from '../../relay/testing/virtual-clock.ts'
import type { Move } from './schedule.ts'
import { Link } from './simulated-network.ts'
import { SimulatedServer } from './simulated-server.ts'
import { SimulatedTime } from './simulated-time.ts'
import { play, useTimersOf } from './world.ts'

const CHAT = 'chat/line-3'
/** Half a second on a machine that is idle. */
const MANY_SEEDS_MS = 60_000

/** A person reads the line; what comes now is being written and not yet durable. */
async function beingWritten(): Promise<Floor> {
  const floor = new Floor()
  floor.server.channel(CHAT, 'log')
  await floor.live()
  await floor.relay.signIn('kim', '1111')
  floor.relay.subscribe(CHAT)
  await floor.serve()
  floor.store.hold()
  floor.server.publish(floor.wire, CHAT, 'chat.posted', { line: 'line-3', text: 'hello' })
  await floor.serve()
  floor.observed.length = 0
  return floor
}

/** What the host was told of the line, as `kind offset`. */
function told(observed: readonly Observation[]): readonly string[] {
  return observed.flatMap((each) => {
    if (each.kind === 'snapshot' && each.view.channel === CHAT) return [`snapshot ${each.view.offset}`]
    return each.kind === 'event' && each.channel === CHAT ? [`event ${each.event.offset}`] : []
  })
}

it('[R20 R22] what was being written when its reader signed out is not told; the next reader begins with a snapshot', async () => {
  const floor = await beingWritten()
  void floor.relay.signOut()
  await settle()
  floor.store.release()
  await floor.serve()
  expect(told(floor.observed)).toEqual([])
  await floor.relay.signIn('lee', '1111')
  await floor.serve()
  expect(told(floor.observed)).toEqual(['snapshot 1'])
})

it('[R12 R17] a channel that is followed anew begins with a snapshot, not before what it shows is durable, and nothing of it is told again', async () => {
  const floor = await beingWritten()
  floor.relay.unsubscribe(CHAT)
  floor.relay.subscribe(CHAT)
  await settle()
  expect(told(floor.observed)).toEqual([])
  floor.store.release()
  await floor.serve()
  expect(told(floor.observed)).toEqual(['snapshot 1'])
})

it('[R12] a channel that a window still shows is not told to a host that has left it', async () => {
  const floor = await beingWritten()
  floor.window(CHAT)
  floor.relay.unsubscribe(CHAT)
  floor.store.release()
  await floor.serve()
  expect(told(floor.observed)).toEqual([])
})

it('[R12] a log that is read from its start again begins there, not with what the reading before was still to tell', async () => {
  const floor = await beingWritten()
  floor.relay.subscribe(CHAT, { from: 'start' })
  await settle()
  floor.store.release()
  await floor.serve()
  floor.server.publish(floor.wire, CHAT, 'chat.posted', { line: 'line-3', text: 'again' })
  await floor.serve()
  expect(told(floor.observed)).toEqual(['event 1', 'event 2'])
})

it('[R25] a channel that ended with the old token is asked for again, although the new one is bound by then', async () => {
  const floor = await beingWritten()
  floor.store.release()
  const { wire } = floor
  // `deauthed` travels ahead of `unsubscribed`, which is of the channel's lane; the refreshed `auth` goes out in between.
  wire.send({ t: 'deauthed', code: 'token-expired', message: 'The access token has expired.' })
  wire.flushDown()
  await settle()
  floor.server.serve(wire)
  const before = floor.sent('subscribe').filter(({ channel }) => channel === CHAT).length
  wire.send({ t: 'unsubscribed', channel: CHAT, code: 'sign-in-needed', message: 'Sign in to do this.' })
  await floor.serve()
  // Not at once: a server that never comes to know the person would be asked without end.
  expect(floor.sent('subscribe').filter(({ channel }) => channel === CHAT)).toHaveLength(before)
  await floor.clock.advance(6_000)
  await floor.serve()
  expect(floor.sent('subscribe').filter(({ channel }) => channel === CHAT)).toHaveLength(before + 1)
  expect(floor.seen('refused')).toEqual([])
})

it('[R8] a lane whose tried command was answered after all does not wait for it any longer', () => {
  const lane = newLane('urgent', 1)
  waitLater(lane, 1, { now: 0, afterMs: 2_000, code: 'unavailable' })
  answered(lane, 1, 10)
  expect([lane.trying, lane.waitUntil]).toEqual([null, null])
})

it('[A1] a connection on which an answer was lost inside the server is closed, so that nobody waits for it', async () => {
  await greeted(async ({ time, server, uuid, send, closed }) => {
    send({ t: 'auth', token: accessToken(uuid()), generation: 1 })
    // One group of the store: the session is read with a write in it that the disk refuses.
    server.isDiskFailing = true
    time.after(1, () => server.publish('chat.post', { line: 'line-3', text: 'x' }, uuid() as CommandId))
    await time.advance(50)
    expect(closed).toEqual([CLOSE.overloaded.code])
  })
})

it('[H1 H3] a pong follows what it calls written: ahead of it, it would look like a gap', async () => {
  await greeted(async ({ time, server, uuid, send, heard }) => {
    const alert = { priority: 'P2', area: 'line-3', title: 'Oil is low' }
    server.publish('alert.raise', alert, uuid() as CommandId)
    await time.advance(20)
    const { epoch } = server.database.open('alerts/line-3' as ChannelName)
    send({ t: 'subscribe', channel: 'alerts/line-3', cursor: { epoch, offset: 0, id: null }, credit: 2 })
    for (let ms = 0; ms < 10; ms += 1) {
      send({ t: 'ping', nonce: `ping-${ms}-${ms}` })
      await time.advance(1)
    }
    let received = 0
    for (const frame of heard) {
      if (frame.t === 'event') received = frame.offset
      if (frame.t === 'page') received = frame.events.at(-1)?.offset ?? 0
      if (frame.t === 'pong') expect(frame.channels['alerts/line-3']?.written ?? 0).toBeLessThanOrEqual(received)
    }
    expect(received).toBe(1)
  })
})

interface Greeted {
  readonly time: SimulatedTime
  readonly server: SimulatedServer
  readonly uuid: () => string
  readonly send: (frame: ClientFrame) => void
  readonly heard: ServerFrame[]
  readonly closed: number[]
}

/** A device that a server has welcomed, without a relay: everything takes a millisecond. */
async function greeted(test: (world: Greeted) => Promise<void>): Promise<void> {
  const time = new SimulatedTime()
  const release = useTimersOf(time)
  try {
    const random = seededRandom(1)
    const uuid = (): string => random.uuid()
    const ignored = (): void => undefined
    const settings = { accessTokenMs: 60_000, sessionMs: 60_000, ringSize: 2 }
    const server = new SimulatedServer({ time, uuid, latency: () => 1, decided: ignored, failed: ignored, ...settings })
    server.start()
    const closed: number[] = []
    const heard: ServerFrame[] = []
    const events = { opened: ignored, received: ignored, closed: (code: number) => void closed.push(code) }
    const hear = (message: Message): void => void heard.push(JSON.parse(String(message)) as ServerFrame)
    const link = new Link({ time, latency: () => 1, events, sent: ignored, heard: hear })
    server.accept(link)
    const relay = link.handle()
    const send = (frame: ClientFrame): void => relay.send(encodeFrame(frame))
    await time.advance(5)
    send(hello(uuid()))
    await time.advance(20)
    await test({ time, server, uuid, send, heard, closed })
  } finally {
    release()
  }
}

const DEVICE = 'd'.repeat(43)

function hello(epoch: string): ClientFrameOf<'hello'> {
  return {
    t: 'hello',
    version: 1,
    proof: DEVICE,
    name: 'Terminal',
    client: { kind: 'kiosk', build: 'model' },
    outbox: { epoch: epoch as OutboxEpoch, incarnation: null, oldest: { urgent: 1, normal: 1 } },
  }
}

function accessToken(session: string): string {
  const expiresAt = Number.MAX_SAFE_INTEGER
  return JSON.stringify({ session, operator: 'kim', device: DEVICE, generation: 1, expiresAt })
}

it(
  '[R5 W10] what was answered before a restore, and is not durable, is sent again and not called applied',
  async () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const moves: Move[] = [
        { kind: 'backup' },
        { kind: 'submitMany', device: 0, count: 2 },
        { kind: 'wait', ms: 15 },
        { kind: 'disk-fails', device: 0 },
        { kind: 'wait', ms: 3_000 },
        { kind: 'restore' },
        { kind: 'server-start' },
        { kind: 'wait', ms: 10_000 },
      ]
      await play({ seed, moves })
    }
  },
  MANY_SEEDS_MS,
)

it(
  '[R4 W3] a disk that was copied while a sign-out waited for its number does not end the session under two numbers',
  async () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const moves: Move[] = [
        { kind: 'submit', device: 0, what: 'chat' },
        { kind: 'sign-out', device: 0 },
        { kind: 'clone', device: 0 },
        { kind: 'wait', ms: 9 },
        { kind: 'swap', device: 0 },
        { kind: 'submit', device: 0, what: 'chat' },
        { kind: 'slow', device: 0 },
        { kind: 'retry', device: 0 },
      ]
      await play({ seed, moves })
    }
  },
  MANY_SEEDS_MS,
)

it('[R9] what ended in the middle of a lane while its connection was cut holds up nothing urgent behind it', async () => {
  const moves: Move[] = [
    { kind: 'submitMany', device: 1, count: 3 },
    { kind: 'wait', ms: 17 },
    { kind: 'woke', device: 1 },
    { kind: 'lose-command', device: 1 },
    { kind: 'submit', device: 1, what: 'raise-p0' },
    { kind: 'wait', ms: 2000 },
    { kind: 'submit', device: 1, what: 'ack' },
    { kind: 'server-crash' },
    { kind: 'restore' },
    { kind: 'server-disk-fails' },
    { kind: 'network', device: 0, state: 'on' },
    { kind: 'submit', device: 1, what: 'chat' },
  ]
  await play({ seed: 1, moves })
})

it(
  '[R2 R7 R8] an answer that comes by a socket the relay has replaced is none: what was told "later" is tried alone, beside normal commands',
  async () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const moves: Move[] = [
        { kind: 'stutter', device: 1, gapMs: 6, what: 'raise-p0' },
        { kind: 'wait', ms: 2_075 },
        { kind: 'woke', device: 1 },
        { kind: 'submit', device: 1, what: 'chat' },
      ]
      await play({ seed, moves })
    }
  },
  MANY_SEEDS_MS,
)

it(
  '[R81 W10] what ended behind a command without an answer, and a restore took back, is written down for people',
  async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const moves: Move[] = [
        { kind: 'backup' },
        { kind: 'submit', device: 0, what: 'chat' },
        { kind: 'wait', ms: 15 },
        { kind: 'retry', device: 0 },
        { kind: 'lose-command', device: 0 },
        { kind: 'stutter', device: 0, gapMs: 10, what: 'chat' },
        { kind: 'wait', ms: 1_262 },
        { kind: 'restore' },
        { kind: 'wait', ms: 100 },
      ]
      await play({ seed, moves })
    }
  },
  MANY_SEEDS_MS,
)
