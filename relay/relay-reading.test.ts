import { describe, expect, it } from 'vitest'
import type { ChannelName } from './protocol/channels.ts'
import type { Epoch, EventId } from './protocol/ids.ts'
import { LIMITS } from './protocol/limits.ts'
import type { ServerFrame } from './protocol/frames.ts'
import type { ChannelView } from './protocol/local.ts'
import type { Observation } from './ports.ts'
import { Floor, type FakeWindow } from './testing/floor.ts'
import { settle } from './testing/virtual-clock.ts'

const ALERTS = 'alerts/line-3' as ChannelName
const CHAT = 'chat/line-3' as ChannelName
const URGENT = 'alerts/urgent' as ChannelName
const alert = (key: string, gone = false) => ({ key, record: gone ? null : { id: key } })
const post = (text: string) => ({ line: 'line-3', text })

/** Observations of channels in short: `snapshot 3`, `event 4`, `reset ahead`. */
function story(floor: Floor, channel: string = CHAT): string[] {
  return floor.observed.flatMap((each) => {
    if (each.kind === 'snapshot' && each.view.channel === channel) return [`snapshot ${each.view.offset}`]
    if (each.kind === 'event' && each.channel === channel) return [`event ${each.event.offset}`]
    if (each.kind === 'reset' && each.channel === channel) return [`reset ${each.reason}`]
    if (each.kind === 'refused' && each.channel === channel) return [`refused ${each.code}`]
    return []
  })
}

async function floorWithChat(messages: number): Promise<Floor> {
  const floor = new Floor()
  floor.server.channel(CHAT, 'log')
  floor.server.channel(ALERTS, 'state')
  for (let index = 1; index <= messages; index += 1) floor.server.publish(null, CHAT, 'chat.posted', post(`m${index}`))
  await floor.live()
  await floor.relay.signIn('kim', '1111')
  await floor.serve()
  return floor
}

const say = async (floor: Floor, text: string) => {
  floor.server.publish(floor.wire, CHAT, 'chat.posted', post(text))
  await floor.serve()
}

async function reconnect(floor: Floor): Promise<void> {
  await floor.clock.advance(1_000)
  await floor.connect()
}

describe('a channel', () => {
  it('[R12] comes as a snapshot first and as events after it', async () => {
    const floor = await floorWithChat(2)
    expect(floor.relay.subscribe(CHAT)).toBeNull()
    await floor.serve()
    await say(floor, 'm3')
    expect(story(floor)).toEqual(['snapshot 2', 'event 3'])
    expect(floor.seen('snapshot')[0]?.view).toMatchObject({ events: [{ offset: 1 }, { offset: 2 }], records: null })
  })

  it('[R12] comes from this disk at the next start, before there is any connection, and goes on by its cursor', async () => {
    const first = await floorWithChat(2)
    first.relay.subscribe(CHAT)
    await first.serve()
    await say(first, 'm3')
    const floor = first.again()
    await floor.relay.start()
    floor.relay.subscribe(CHAT)
    await settle()
    expect(story(floor)).toEqual(['snapshot 3'])
    expect(floor.seen('snapshot')[0]?.view.events?.map((event) => event.data)).toEqual([
      post('m1'),
      post('m2'),
      post('m3'),
    ])
    floor.server.publish(null, CHAT, 'chat.posted', post('m4'))
    await floor.connect()
    expect(story(floor)).toEqual(['snapshot 3', 'event 4'])
  })

  it('[R12] read from its start comes as events, at every start, and by its cursor after a reconnect', async () => {
    const first = await floorWithChat(3)
    first.relay.subscribe(CHAT, { from: 'start' })
    await first.serve()
    expect(story(first)).toEqual(['event 1', 'event 2', 'event 3'])
    first.wire.cut()
    first.server.publish(null, CHAT, 'chat.posted', post('m4'))
    await reconnect(first)
    expect(story(first)).toEqual(['event 1', 'event 2', 'event 3', 'event 4'])
    const floor = first.again()
    await floor.relay.start()
    floor.relay.subscribe(CHAT, { from: 'start' })
    await floor.connect()
    expect(story(floor)).toEqual(['event 1', 'event 2', 'event 3', 'event 4'])
  })

  it('[R12] that is subscribed again starts with a snapshot again', async () => {
    const floor = await floorWithChat(1)
    floor.relay.subscribe(CHAT)
    await floor.serve()
    floor.relay.unsubscribe(CHAT)
    await floor.serve()
    await say(floor, 'm2')
    floor.relay.subscribe(CHAT)
    await floor.serve()
    expect(story(floor)).toEqual(['snapshot 1', 'snapshot 1', 'event 2'])
  })

  it('[R52] [P8] is not read while the host is behind, and goes on by its cursor without a gap when it has caught up', async () => {
    const floor = await floorWithChat(1)
    for (const channel of [CHAT, URGENT]) floor.relay.subscribe(channel)
    await floor.serve()
    floor.relay.hostLags(true)
    floor.relay.hostLags(true)
    await floor.serve()
    expect(floor.sent('unsubscribe')).toEqual([{ t: 'unsubscribe', channel: CHAT }])
    for (let index = 2; index <= 40; index += 1) await say(floor, `m${index}`)
    floor.server.publish(floor.wire, URGENT, 'alert.raised', alert('fire'))
    await floor.serve()
    expect(story(floor)).toEqual(['snapshot 1'])
    expect(floor.observed.some((each) => each.kind === 'event' && each.channel === URGENT)).toBe(true)
    floor.wire.cut()
    await reconnect(floor)
    expect(story(floor)).toEqual(['snapshot 1'])
    floor.relay.hostLags(false)
    await floor.serve()
    expect(story(floor)).toEqual(['snapshot 1', ...Array.from({ length: 39 }, (_, index) => `event ${index + 2}`)])
  })

  it('[R12] that does not exist, is malformed, or is no log is refused', async () => {
    const floor = await floorWithChat(0)
    expect(floor.relay.subscribe('Chat/Line')).toMatchObject({ code: 'unknown-channel' })
    expect(floor.relay.subscribe('weather/line-3')).toMatchObject({ code: 'unknown-channel' })
    expect(floor.relay.subscribe(ALERTS, { from: 'start' })).toMatchObject({ code: 'not-a-log' })
    expect(floor.relay.subscribe('orders/line-3')).toBeNull()
    await floor.serve()
    floor.wire.cut()
    await reconnect(floor)
    expect(story(floor, 'orders/line-3')).toEqual(['refused unknown-channel'])
  })

  it('[R20] that nobody here may read is refused when that is certain, and read once somebody may', async () => {
    const floor = new Floor()
    floor.server.channel(CHAT, 'log')
    await floor.relay.start()
    floor.relay.subscribe(CHAT)
    await floor.serve()
    expect(story(floor)).toEqual([])
    await floor.connect()
    expect(story(floor)).toEqual(['refused sign-in-needed'])
    await floor.relay.signIn('kim', '1111')
    await floor.serve()
    expect(story(floor)).toEqual(['refused sign-in-needed', 'snapshot 0'])
  })
})

describe('what the wire may do', () => {
  it('[R13] fills a gap from its cursor, and drops a repeat', async () => {
    const floor = await floorWithChat(1)
    floor.relay.subscribe(CHAT)
    await floor.serve()
    floor.server.publish(floor.wire, CHAT, 'chat.posted', post('lost'))
    floor.wire.disturb('lose')
    floor.server.publish(floor.wire, CHAT, 'chat.posted', post('m3'))
    await floor.serve()
    floor.server.publish(floor.wire, CHAT, 'chat.posted', post('m4'))
    floor.wire.disturb('repeat')
    await floor.serve()
    expect(story(floor)).toEqual(['snapshot 1', 'event 2', 'event 3', 'event 4'])
    expect(floor.sent('subscribe').at(-1)).toMatchObject({ cursor: { offset: 1 } })
  })

  it('[R14] [H3] finds a gap at the tail with the next heartbeat', async () => {
    const floor = await floorWithChat(1)
    floor.relay.subscribe(CHAT)
    await floor.serve()
    floor.server.publish(floor.wire, CHAT, 'chat.posted', post('lost'))
    floor.wire.disturb('lose')
    await floor.serve()
    expect(story(floor)).toEqual(['snapshot 1'])
    await floor.clock.advance(10_000)
    await floor.serve()
    expect(story(floor)).toEqual(['snapshot 1', 'event 2'])
  })

  it('[R14] subscribes again when the heartbeat does not name a channel twice', async () => {
    const floor = await floorWithChat(1)
    floor.relay.subscribe(CHAT)
    await floor.serve()
    for (let beat = 0; beat < 2; beat += 1) {
      await floor.clock.advance(10_000)
      const ping = floor.wire.flushUp().findLast((frame) => frame.t === 'ping')
      const pong = floor.server.pong(ping?.t === 'ping' ? ping.nonce : '')
      if (pong.t === 'pong') floor.wire.send({ ...pong, channels: {} })
      floor.wire.flushDown()
    }
    await floor.serve()
    expect(floor.sent('subscribe').filter((frame) => frame['channel'] === CHAT)).toHaveLength(2)
  })

  it('[R15] says reset, with what is lost, and then the new state', async () => {
    const floor = await floorWithChat(3)
    floor.relay.subscribe(CHAT)
    await floor.serve()
    floor.wire.cut()
    const chat = floor.server.channels.get(CHAT)
    if (chat === undefined) throw new Error('no chat')
    chat.epoch = 'f'.repeat(16) as Epoch
    chat.events.splice(1)
    await reconnect(floor)
    expect(story(floor)).toEqual(['snapshot 3', 'reset unknown-epoch', 'snapshot 1'])
    expect(floor.disk.rows('events', { from: `${CHAT} `, to: `${CHAT}!` })).toHaveLength(1)
  })

  it('[R15] swaps a snapshot in at its last page, in one write, and lets no key go back', async () => {
    const floor = new Floor()
    await floor.relay.start()
    const window = floor.window(ALERTS)
    floor.relay.subscribe(ALERTS)
    await floor.connect()
    expect(story(floor, ALERTS)).toEqual(['refused unknown-channel'])
    // By hand: the model server has one page only.
    floor.server.channel(ALERTS, 'state')
    floor.wire.cut()
    await floor.clock.advance(1_000)
    floor.server.accept(floor.wire)
    await settle()
    floor.server.serve(floor.wire, 1)
    floor.wire.flushDown()
    await settle()
    floor.wire.flushUp()
    const epoch = 'a'.repeat(16) as Epoch
    const base = { t: 'snapshot', channel: ALERTS, epoch, offset: 5, id: uuid(5) } as const
    const page = (number: number, last: boolean, key: string, offset: number): ServerFrame => ({
      ...base,
      page: number,
      last,
      records: [{ key, offset, record: { id: key, at: offset } }],
    })
    floor.wire.send(page(0, false, 'a', 3))
    floor.wire.flushDown()
    await settle()
    expect(lastView(window)).toMatchObject({ records: null })
    expect(floor.wire.flushUp()).toContainEqual({ t: 'credit', channel: ALERTS, pages: 1 })
    // Page 1 was read when event 6 had happened: the key is newer than the cursor.
    floor.wire.send(page(1, true, 'b', 6))
    const event = {
      t: 'event',
      channel: ALERTS,
      epoch,
      type: 'alert.acknowledged',
      at: '2026-11-20T06:00:00.000Z',
    } as const
    floor.wire.send({ ...event, offset: 6, id: uuid(6), data: { key: 'b', record: { id: 'old' } } })
    floor.wire.send({ ...event, offset: 7, id: uuid(7), data: alert('a', true) })
    floor.wire.flushDown()
    await settle()
    window.say({ t: 'view' })
    expect(lastView(window)).toMatchObject({ offset: 7, records: { b: { offset: 6, record: { at: 6 } } } })
    expect(story(floor, ALERTS).slice(1)).toEqual(['snapshot 5', 'event 6', 'event 7'])
  })

  it('[R17] gives credit back when a page is on disk, not before', async () => {
    const floor = await floorWithChat(2)
    floor.store.hold()
    floor.relay.subscribe(CHAT)
    await floor.serve()
    expect(floor.sent('credit').filter((frame) => frame['channel'] === CHAT)).toEqual([])
    expect(story(floor)).toEqual([])
    floor.store.release()
    await floor.serve()
    expect(floor.sent('credit').filter((frame) => frame['channel'] === CHAT)).toEqual([
      { t: 'credit', channel: CHAT, pages: 1 },
    ])
    expect(story(floor)).toEqual(['snapshot 2'])
  })

  it('[R17] reports the urgent channel as received only as far as it is on disk', async () => {
    const floor = await new Floor().live()
    floor.store.hold()
    floor.server.publish(floor.wire, 'alerts/urgent', 'alert.raised', alert('fire'))
    await floor.serve()
    await floor.clock.advance(10_000)
    await floor.serve()
    const received = () => floor.sent('ping').at(-1)?.['urgent'] as { offset: number } | undefined
    expect(received()?.offset).toBe(0)
    floor.store.release()
    await floor.clock.advance(10_000)
    await floor.serve()
    expect(received()?.offset).toBe(1)
  })
})

describe('freshness', () => {
  it('[R18] is confirmed by the heartbeat and lost with the link', async () => {
    const floor = await floorWithChat(1)
    const window = floor.window(CHAT)
    await floor.serve()
    const shown = () => {
      window.say({ t: 'view' })
      return lastView(window, CHAT)
    }
    expect(shown()).toMatchObject({ current: true, confirmedAt: floor.clock.wall() })
    await floor.clock.advance(10_000)
    await floor.serve()
    const confirmed = floor.clock.wall()
    expect(shown()).toMatchObject({ current: true, confirmedAt: confirmed })
    floor.wire.cut()
    await floor.clock.advance(500)
    expect(shown()).toMatchObject({ current: false, confirmedAt: confirmed })
    const told = floor.bus.findLast((message) => message.body.t === 'freshness')?.body
    expect(told?.t === 'freshness' && told.channels[CHAT]).toEqual({ confirmedAt: confirmed, current: false })
  })

  it('[R18] survives a restart, as old as it is', async () => {
    const first = await floorWithChat(1)
    first.window(CHAT)
    await first.serve()
    const confirmed = first.clock.wall()
    await first.clock.advance(3_600_000)
    const floor = first.again()
    await floor.relay.start()
    const window = floor.window(CHAT)
    await settle()
    window.say({ t: 'view' })
    const view = lastView(window, CHAT)
    expect(view?.confirmedAt).toBeGreaterThanOrEqual(confirmed)
    expect(view?.current).toBe(false)
  })
})

describe('bounds', () => {
  it('[R19] keep the last events of a log in memory and the newest thousand on disk', async () => {
    const floor = await floorWithChat(0)
    const window = floor.window(CHAT)
    await floor.serve()
    for (let index = 1; index <= 1_250; index += 1)
      floor.server.publish(floor.wire, CHAT, 'chat.posted', post(`m${index}`))
    await floor.serve()
    window.say({ t: 'view' })
    const events = lastView(window, CHAT)?.events ?? []
    expect([events.length, events[0]?.offset, events.at(-1)?.offset]).toEqual([LIMITS.logSnapshotEvents, 1_051, 1_250])
    const rows = floor.disk.rows('events', { from: `${CHAT} `, to: `${CHAT}!` })
    expect(rows.length).toBeGreaterThanOrEqual(1_000)
    expect(rows.length).toBeLessThanOrEqual(1_100)
  })

  it('[R19] ask for at most as many channels as a connection may have', async () => {
    const floor = await new Floor().live()
    for (let line = 1; line <= LIMITS.maxSubscriptions + 5; line += 1) floor.relay.subscribe(`alerts/line-${line}`)
    await floor.serve()
    expect(floor.sent('subscribe').length).toBeLessThanOrEqual(LIMITS.maxSubscriptions)
    const refused = floor.observed.filter(
      (each): each is Extract<Observation, { kind: 'refused' }> => each.kind === 'refused',
    )
    expect(refused.filter((each) => each.code === 'too-many-subscriptions')).toHaveLength(6)
  })
})

function lastView(window: FakeWindow, channel: string = ALERTS): ChannelView | undefined {
  return window
    .of('view')
    .at(-1)
    ?.view.channels.find((each) => each.channel === channel)
}

function uuid(number: number): EventId {
  return `00000000-0000-7000-8000-${String(number).padStart(12, '0')}` as EventId
}
