import { describe, expect, it } from 'vitest'
import type { ChannelName } from './protocol/channels.ts'
import { LIMITS } from './protocol/limits.ts'
import type { BusMessage } from './protocol/local.ts'
import { Floor, type FakeWindow } from './testing/floor.ts'
import { ModelServer } from './testing/model-server.ts'
import { seededRandom } from './testing/seeded-random.ts'
import { settle } from './testing/virtual-clock.ts'

const ALERT = { type: 'alert.raise', data: { priority: 'P0', area: 'line-3', title: 'Fire' } } as const
const CHAT = 'chat/line-3' as ChannelName
const uuid = (number: number) => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`
const bodies = (messages: readonly BusMessage[], t: string) =>
  messages.map((each) => each.body).filter((body) => body.t === t)
const copies = (window: FakeWindow) => window.of('copy').map((each) => each.message)

describe('a window', () => {
  it('[R27] gets everything it shows when it opens, and the bus position that is in it', async () => {
    const floor = await new Floor().live()
    const window = floor.window('alerts/line-3')
    const view = window.of('view')[0]?.view
    expect(view).toMatchObject({
      deviceName: 'Terminal 12',
      session: null,
      areas: ['line-1', 'line-2', 'line-3'],
      pending: [],
    })
    expect(view?.channels.map((each) => each.channel)).toEqual(['alerts/urgent', 'alerts/line-3'])
    expect(view?.bus).toEqual({ epoch: floor.bus[0]?.bus.epoch, seq: floor.bus.at(-1)?.bus.seq })
  })

  it('[R27] hears gapless numbers on the bus and the top of it every second', async () => {
    const floor = await new Floor().live()
    const window = floor.window()
    await floor.relay.submit({ ref: 'r', ...ALERT })
    await floor.serve()
    expect(floor.bus.map((message) => message.bus.seq)).toEqual(floor.bus.map((_, index) => index + 1))
    await floor.clock.advance(3_000)
    expect(window.of('top').length).toBeGreaterThanOrEqual(3)
    expect(window.of('top').at(-1)?.bus.seq).toBe(floor.bus.length)
  })

  it('[R27] hears everything by its port where there is no bus', async () => {
    const floor = await new Floor({ bus: 'none' }).live()
    const window = floor.window()
    await floor.relay.submit({ ref: 'r', ...ALERT })
    await floor.serve()
    const seqs = copies(window).map((message) => message.bus.seq)
    const first = window.of('view')[0]?.view.bus.seq ?? 0
    expect(seqs).toEqual(seqs.map((_, index) => first + 1 + index))
    floor.wire.cut()
    expect(bodies(copies(window), 'status').at(-1)).toMatchObject({ status: { state: 'waiting' } })
  })

  it('[R27] that came before the relay had started is served when it has', async () => {
    const floor = new Floor()
    const window = floor.window()
    expect(window.heard).toEqual([])
    await floor.relay.start()
    expect(window.of('view')).toHaveLength(1)
  })

  it('[R85] hears what time it is at the server, whatever this device thinks', async () => {
    const floor = new Floor()
    await floor.relay.start()
    await settle()
    const window = floor.window()
    expect(window.of('view')[0]).not.toHaveProperty('serverTime')
    for (const hours of [0, 5, -9]) {
      floor.clock.jump(hours * 3_600_000)
      await floor.clock.advance(1_000)
      // A clock that was set has the relay connect anew.
      await floor.connect()
      await floor.clock.advance(3_000)
      const told = window.of('top').at(-1)?.serverTime
      expect(told?.at).toBe(floor.server.time)
      expect(told?.ageMs).toBeGreaterThanOrEqual(2_000)
      expect(told?.ageMs).toBeLessThanOrEqual(3_000)
      window.say({ t: 'view' })
      expect(window.of('view').at(-1)?.serverTime).toEqual({ at: floor.server.time, ageMs: 3_000 })
    }
  })

  it('[R85] follows a server whose clock was wrong and is set back', async () => {
    const server = new ModelServer(seededRandom(7))
    server.time = '2031-01-01T00:00:00.000Z'
    const floor = await new Floor({ server }).live()
    const window = floor.window()
    expect(window.of('view').at(-1)?.serverTime?.at).toBe(server.time)
    server.time = '2026-11-20T06:00:00.000Z'
    await floor.clock.advance(LIMITS.heartbeatMs + 1_000)
    await floor.serve()
    window.say({ t: 'view' })
    expect(window.of('view').at(-1)?.serverTime?.at).toBe(server.time)
    // What a disk remembers of another life says nothing about how long ago that was.
    const next = floor.again()
    await next.relay.start()
    expect(next.window().of('view').at(-1)).not.toHaveProperty('serverTime')
  })

  it('[R28] sees an alert of this device at once, not yet saved, then saved, then ended; by bus and by port', async () => {
    const floor = await new Floor().live()
    const window = floor.window()
    const other = floor.window()
    floor.store.hold()
    window.say({ t: 'command', ref: 'w1', id: uuid(1), ...ALERT })
    expect(bodies(floor.bus, 'pending')).toMatchObject([{ command: { id: uuid(1), saved: false, by: null } }])
    expect(bodies(copies(other), 'pending')).toHaveLength(1)
    expect(window.of('reply')).toEqual([])
    floor.store.release()
    await floor.serve()
    expect(window.of('reply')).toEqual([{ t: 'reply', ref: 'w1', ok: true }])
    expect(bodies(copies(other), 'pending').map((body) => body.t === 'pending' && body.command.saved)).toEqual([
      false,
      true,
    ])
    expect(bodies(copies(other), 'settled')).toMatchObject([
      { settled: { outcome: 'applied', command: { id: uuid(1) } } },
    ])
  })

  it('[R28] that repeats a command after a crash of the relay does not make a second one', async () => {
    const first = await new Floor().live()
    const one = first.window()
    one.say({ t: 'command', ref: 'w1', id: uuid(1), ...ALERT })
    await first.serve()
    const floor = await first.again().live()
    const window = floor.window()
    window.say({ t: 'command', ref: 'w2', id: uuid(1), ...ALERT })
    await floor.serve()
    expect(window.of('reply')).toEqual([{ t: 'reply', ref: 'w2', ok: true }])
    expect(floor.server.effects).toHaveLength(1)
  })

  it('[R28] that still shows somebody who has gone gives nothing in the name of whoever came', async () => {
    const first = await new Floor().live()
    first.server.channel('alerts/line-3', 'state')
    const window = first.window()
    expect(window.of('view')[0]).toMatchObject({ takes: ['as'] })
    await first.relay.signIn('kim', '1111')
    await first.serve()
    window.say({ t: 'view' })
    const kim = window.of('view').at(-1)?.view.session
    if (kim === undefined || kim === null) throw new Error('nobody is signed in')
    const as = { session: kim.id, operator: kim.operator }
    await first.relay.signIn('lee', '1111')
    await first.serve()
    const said = { type: 'chat.post', data: { line: 'line-3', text: 'mine' } }
    window.say({ t: 'command', ref: 'w1', id: uuid(1), ...said, as })
    window.say({ t: 'command', ref: 'w2', id: uuid(2), ...ALERT, as })
    await first.serve()
    expect(window.of('reply')).toMatchObject([
      { ref: 'w1', ok: false, code: 'session-ended' },
      { ref: 'w2', ok: true },
    ])
    // A call for help goes all the same, as that of the device.
    expect(first.sent('command').filter(({ type }) => type !== 'session.end')).toMatchObject([
      { id: uuid(2), type: 'alert.raise' },
    ])
    expect(first.sent('command').at(-1)).not.toHaveProperty('session')
    window.say({ t: 'view' })
    expect(window.of('view').at(-1)?.view.rejected).toEqual([])
    // Kim finds it again, also after a restart; asked for once more, it is still the same one.
    const floor = await first.again().live()
    await floor.relay.signIn('kim', '1111')
    await floor.serve()
    const later = floor.window()
    expect(later.of('view')[0]?.view.rejected).toMatchObject([
      { code: 'session-ended', command: { id: uuid(1), by: 'kim', data: said.data } },
    ])
    later.say({ t: 'command', ref: 'w3', id: uuid(1), ...said, as })
    await floor.serve()
    expect(floor.sent('command').filter(({ type }) => type === 'chat.post')).toEqual([])
  })

  it('[R28] names whom it shows; the same person signed in again, and nobody, are who is there', async () => {
    const floor = await new Floor().live()
    const window = floor.window()
    const as = { session: uuid(900), operator: 'kim' }
    await floor.relay.signIn('kim', '1111')
    await floor.serve()
    const said = { type: 'chat.post', data: { line: 'line-3', text: 'mine' } }
    window.say({ t: 'command', ref: 'w1', id: uuid(1), ...said, as })
    window.say({ t: 'command', ref: 'w2', id: uuid(2), ...said })
    await floor.serve()
    expect(window.of('reply')).toMatchObject([{ ok: true }, { ok: true }])
    expect(floor.sent('command').map(({ id }) => id)).toEqual([uuid(1), uuid(2)])
  })

  it('[R28] keeps a rejection until a person has dismissed it, also over a restart', async () => {
    const first = await new Floor().live()
    first.server.decide = () => ({ outcome: 'rejected', code: 'unknown-area' })
    first.window().say({ t: 'command', ref: 'w1', id: uuid(1), ...ALERT })
    await first.serve()
    const floor = await first.again().live()
    const window = floor.window()
    expect(window.of('view')[0]?.view.rejected).toMatchObject([
      { code: 'unknown-area', command: { id: uuid(1), data: ALERT.data } },
    ])
    window.say({ t: 'dismiss', id: uuid(1) })
    window.say({ t: 'view' })
    expect(window.of('view').at(-1)?.view.rejected).toEqual([])
    expect(bodies(floor.bus, 'dismissed')).toEqual([{ t: 'dismissed', id: uuid(1) }])
    await settle()
    const last = floor.again()
    await last.relay.start()
    expect(last.window().of('view')[0]?.view.rejected).toEqual([])
  })

  it('[R29] hears urgent events by its port too, and others by the bus only', async () => {
    const floor = new Floor()
    floor.server.channel('alerts/line-3', 'state')
    await floor.live()
    const window = floor.window('alerts/line-3')
    await floor.serve()
    const record = { key: 'a', record: { id: 'a' } }
    floor.server.publish(floor.wire, 'alerts/urgent', 'alert.raised', record)
    floor.server.publish(floor.wire, 'alerts/line-3', 'alert.raised', record)
    await floor.serve()
    expect(bodies(floor.bus, 'event')).toHaveLength(2)
    expect(bodies(copies(window), 'event')).toMatchObject([{ channel: 'alerts/urgent' }])
  })

  it('[R29] is refused what is malformed, and the relay lives on', async () => {
    const floor = await new Floor().live()
    const window = floor.window()
    for (const message of [null, 7, 'open', {}, { t: 'fly' }, { t: 'open', shows: 'all' }, { t: 'view', more: 1 }])
      window.say(message)
    window.say({ t: 'command', ref: 'w1', id: 7 })
    expect(window.of('reply')).toMatchObject([{ ref: 'w1', ok: false, code: 'bad-frame' }])
    expect(floor.logged.filter((line) => line.event === 'window-message-refused')).toHaveLength(8)
    expect(floor.status()).toBe('live')
  })

  it('[R29] that throws does not stop the others', async () => {
    const floor = await new Floor().live()
    floor.relay.attach({
      post: () => {
        throw new Error('this port is closed')
      },
    })
    const window = floor.window()
    await floor.relay.submit({ ref: 'r', ...ALERT })
    expect(bodies(copies(window), 'pending')).toHaveLength(2)
  })

  it('[R20] sees nothing of a channel that the person of this moment may not read', async () => {
    const floor = new Floor()
    floor.server.channel(CHAT, 'log')
    floor.server.publish(null, CHAT, 'chat.posted', { line: 'line-3', text: 'secret' })
    await floor.live()
    const window = floor.window(CHAT)
    await floor.serve()
    await floor.relay.signIn('kim', '1111')
    await floor.serve()
    window.say({ t: 'view' })
    expect(JSON.stringify(window.of('view').at(-1))).toContain('secret')
    await floor.relay.signOut()
    window.heard.length = 0
    window.say({ t: 'view' })
    expect(JSON.stringify(window.heard)).not.toContain('secret')
  })

  it('[R12] that closes ends the subscriptions nobody else needs', async () => {
    const floor = new Floor()
    floor.server.channel('alerts/line-3', 'state')
    await floor.live()
    const window = floor.window('alerts/line-3')
    await floor.serve()
    window.say({ t: 'close' })
    await floor.serve()
    expect(floor.sent('unsubscribe')).toEqual([{ t: 'unsubscribe', channel: 'alerts/line-3' }])
    await floor.clock.advance(1_000)
    const heard = window.heard.length
    await floor.clock.advance(5_000)
    expect(window.heard.length).toBe(heard)
  })

  it('[R21] signs a person in and out', async () => {
    const floor = await new Floor().live()
    const window = floor.window()
    window.say({ t: 'sign-in', ref: 'in', operator: 'kim', pin: '0000' })
    window.say({ t: 'sign-in', ref: 'twice', operator: 'kim', pin: '1111' })
    await settle()
    window.say({ t: 'sign-in', ref: 'again', operator: 'kim', pin: '1111' })
    await settle()
    window.say({ t: 'sign-out', ref: 'out' })
    await settle()
    expect(window.of('reply').map((each) => [each.ref, each.ok])).toEqual([
      ['twice', false],
      ['in', false],
      ['again', true],
      ['out', true],
    ])
    expect(bodies(floor.bus, 'session').map((body) => body.t === 'session' && body.session?.operator)).toContain('kim')
  })
})

describe('evidence', () => {
  it('[R30] of what was displayed is durable, sent once it is, and forgotten when the server has it', async () => {
    const first = await new Floor().live()
    first.wire.cut()
    const window = first.window()
    window.say({ t: 'displayed', alert: uuid(1) })
    window.say({ t: 'displayed', alert: uuid(1) })
    window.say({ t: 'displayed', alert: uuid(2) })
    window.say({ t: 'displayed', alert: 'not an id' })
    await settle()
    await first.clock.advance(60_000)
    const floor = await first.again().live()
    expect(floor.server.receipts).toEqual([`${uuid(1)} displayed`, `${uuid(2)} displayed`])
    expect(floor.sent('receipts')).toHaveLength(1)
    const [item] = (floor.sent('receipts')[0]?.['items'] ?? []) as { agoMs: number }[]
    expect(item?.agoMs).toBeGreaterThanOrEqual(60_000)
    await settle()
    expect(floor.disk.rows('receipts')).toEqual([])
  })

  it('[E2] says which alerts this device notified of, and which it could not', async () => {
    const floor = await new Floor().live()
    const window = floor.window()
    window.say({ t: 'notified', alert: uuid(1), outcome: 'shown' })
    window.say({ t: 'notified', alert: uuid(2), outcome: 'failed' })
    window.say({ t: 'notified', alert: uuid(3), outcome: 'suppressed' })
    await settle()
    await floor.serve()
    expect(floor.server.receipts).toEqual([`${uuid(1)} notified`, `${uuid(2)} not-notified`, `${uuid(3)} not-notified`])
  })
})
