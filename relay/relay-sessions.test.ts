import { describe, expect, it } from 'vitest'
import type { ChannelName } from './protocol/channels.ts'
import { Floor } from './testing/floor.ts'
import { settle } from './testing/virtual-clock.ts'

const CHAT = 'chat/line-3' as ChannelName
const ALERT = { type: 'alert.raise', data: { priority: 'P0', area: 'line-3', title: 'Fire' } } as const
const POST = { type: 'chat.post', data: { line: 'line-3', text: 'Hello' } } as const

async function signedIn(...channels: readonly string[]): Promise<Floor> {
  const floor = new Floor()
  floor.server.channel(CHAT, 'log')
  floor.server.channel('prefs/kim', 'state')
  await floor.live()
  await floor.relay.signIn('kim', '1111')
  if (channels.length > 0) floor.window(...channels)
  await floor.serve()
  return floor
}

async function reconnect(floor: Floor): Promise<void> {
  await floor.clock.advance(1_000)
  await floor.connect()
}

const kinds = (floor: Floor) => floor.wire.received.map((frame) => frame.t)

describe('signing in', () => {
  it('[R21] binds the person to the connection there is', async () => {
    const floor = await signedIn()
    expect(floor.sockets.wires).toHaveLength(1)
    expect(floor.sent('auth')).toEqual([{ t: 'auth', token: 'token-of-kim-2', generation: 2 }])
    expect(floor.seen('session').at(-1)?.session).toMatchObject({ operator: 'kim', confirmed: true })
  })

  it('[R21] says no in the server’s words, and leaves who is signed in', async () => {
    const floor = await signedIn()
    expect(await floor.relay.signIn('lee', '9999')).toMatchObject({ ok: false, code: 'bad-pin' })
    expect(floor.seen('session').at(-1)?.session).toMatchObject({ operator: 'kim' })
  })

  it('[R21] waits for the first connection, and says unreachable after ten seconds without one', async () => {
    const floor = new Floor()
    await floor.relay.start()
    const early = floor.relay.signIn('kim', '1111')
    await floor.connect()
    expect(await early).toMatchObject({ ok: true })
    const lost = new Floor()
    await lost.relay.start()
    const late = lost.relay.signIn('kim', '1111')
    await lost.clock.advance(10_000)
    expect(await late).toMatchObject({ ok: false, code: 'unreachable' })
  })

  it('[R21] [A8] with a device token that a reconnect ended waits for the next one, not for the person', async () => {
    const floor = new Floor()
    await floor.live()
    const asked: string[] = []
    floor.sessions.refuseSignIn = (deviceToken) => {
      asked.push(deviceToken)
      return deviceToken === 'device-token-2' ? null : { ok: false, code: 'bad-token', message: 'This one ended.' }
    }
    // The server started again, and this device has not greeted it yet.
    floor.wire.cut()
    const signing = floor.relay.signIn('kim', '1111')
    await settle()
    expect(asked).toEqual(['device-token'])
    floor.server.deviceToken = 'device-token-2'
    await reconnect(floor)
    expect(await signing).toMatchObject({ ok: true })
    expect(asked).toEqual(['device-token', 'device-token-2'])
  })

  it('[R21] [A8] that was on its way while the link changed is tried again at once, and not for ever', async () => {
    const floor = new Floor()
    await floor.live()
    const first = Promise.withResolvers<null>()
    const ended = { ok: false, code: 'bad-token', message: 'This one ended.' } as const
    const asked: string[] = []
    floor.sessions.refuseSignIn = async (deviceToken) => {
      asked.push(deviceToken)
      if (asked.length === 1) await first.promise
      return ended
    }
    const signing = floor.relay.signIn('kim', '1111')
    await settle()
    floor.server.deviceToken = 'device-token-2'
    floor.wire.cut()
    await reconnect(floor)
    first.resolve(null)
    await settle()
    expect(asked).toEqual(['device-token', 'device-token-2'])
    await floor.clock.advance(10_000)
    expect(await signing).toMatchObject({ ok: false, code: 'unreachable' })
  })

  it('[R21] goes before every subscribe on a new connection', async () => {
    const floor = await signedIn(CHAT)
    floor.wire.cut()
    await reconnect(floor)
    const sent = kinds(floor)
    expect(sent.indexOf('auth')).toBeGreaterThan(0)
    expect(sent.indexOf('auth')).toBeLessThan(sent.indexOf('subscribe'))
  })

  it('[R22] on top of another person ends that session behind what it had queued, without a reconnect', async () => {
    const floor = await signedIn()
    floor.wire.cut()
    await floor.relay.submit({ ref: 'of-kim', ...POST })
    await reconnect(floor)
    const kim = floor.seen('session').at(-1)?.session?.id
    await floor.relay.signIn('lee', '1111')
    await floor.relay.submit({ ref: 'of-lee', ...POST })
    await floor.serve()
    const lee = floor.seen('session').at(-1)?.session?.id
    expect(floor.server.effects.map((effect) => [effect.type, effect.session])).toEqual([
      ['chat.post', kim],
      ['session.end', kim],
      ['chat.post', lee],
    ])
    expect(floor.sockets.wires).toHaveLength(2)
    expect(floor.sent('deauth')).toEqual([])
  })
})

describe('signing out', () => {
  it('[R22] offline ends reading and authorship at once, and what was queued still goes under its author', async () => {
    const floor = await signedIn(CHAT)
    const window = floor.window(CHAT)
    floor.wire.cut()
    await floor.relay.submit({ ref: 'queued', ...POST })
    const kim = floor.seen('session').at(-1)?.session?.id
    await floor.relay.signOut()
    expect(floor.seen('session').at(-1)?.session).toBeNull()
    expect(await floor.relay.submit({ ref: 'late', ...POST })).toMatchObject({ ok: false, code: 'sign-in-needed' })
    window.say({ t: 'view' })
    const view = window.of('view').at(-1)?.view
    expect(view?.channels.find((each) => each.channel === CHAT)).toMatchObject({
      refused: 'sign-in-needed',
      events: null,
    })
    expect(view?.pending).toEqual([])
    expect(floor.sessions.calls.at(-1)).toBe('forget')
    expect(floor.disk.rows('meta').map((row) => row.key)).not.toContain('session')
    await reconnect(floor)
    expect(floor.server.effects.map((effect) => [effect.type, effect.session])).toEqual([
      ['chat.post', kim],
      ['session.end', kim],
    ])
    expect(kinds(floor)).not.toContain('auth')
  })

  it('[R22] [W11] says how far the urgent lane had come, whatever is made after it', async () => {
    const floor = await signedIn()
    floor.wire.cut()
    await floor.relay.submit({ ref: 'kims', ...ALERT })
    await floor.relay.signOut()
    await floor.relay.submit({ ref: 'nobodys', ...ALERT })
    await reconnect(floor)
    expect(floor.sent('command').filter(({ type }) => type === 'session.end')).toMatchObject([
      { seq: 1, urgentUpTo: 1 },
    ])
    expect(floor.server.effects.map(({ type, session }) => [type, session === null])).toEqual([
      ['alert.raise', false],
      ['alert.raise', true],
      ['session.end', false],
    ])
  })

  it('[R22] [W11] goes on in the new outbox when the old one was forked, and once', async () => {
    const floor = await signedIn()
    floor.wire.cut()
    await floor.relay.signOut()
    await floor.clock.advance(1_000)
    floor.server.accept(floor.wire)
    await settle()
    floor.server.serve(floor.wire, 1)
    floor.wire.send({ t: 'outbox-forked', lane: 'normal', seq: 1, message: 'Copied.' })
    floor.wire.flushDown()
    await settle()
    for (let round = 0; round < 3; round += 1) {
      await floor.clock.advance(2_000)
      if (floor.status() === 'connecting') await floor.connect()
      await floor.serve()
    }
    expect(floor.server.effects.map(({ type }) => type)).toEqual(['session.end'])
    expect(floor.disk.rows('outbox')).toEqual([])
  })

  it('[R22] ends its subscriptions before the person, so no late answer is mistaken', async () => {
    const floor = await signedIn(CHAT)
    await floor.relay.signOut()
    await floor.serve()
    const sent = kinds(floor)
    expect(sent.indexOf('unsubscribe')).toBeGreaterThan(0)
    expect(sent.indexOf('unsubscribe')).toBeLessThan(sent.indexOf('deauth'))
    await floor.relay.signIn('lee', '1111')
    await floor.serve()
    expect(floor.sent('subscribe').filter((frame) => frame['channel'] === CHAT)).toHaveLength(2)
  })

  it('[R22] is not undone by a disk that fails, nor lost', async () => {
    const floor = await signedIn()
    floor.store.failing = true
    void floor.relay.signOut()
    const refused = floor.relay.submit({
      ref: 'x',
      type: 'alert.raise',
      data: { priority: 'P3', area: 'line-3', title: 'X' },
    })
    expect(await refused).toMatchObject({ code: 'storage-failed' })
    expect(floor.seen('session').at(-1)?.session).toBeNull()
    floor.store.failing = false
    await floor.clock.advance(1_000)
    await floor.serve()
    expect(floor.server.effects.map((effect) => effect.type)).toEqual(['session.end'])
    expect(floor.disk.rows('meta').map((row) => row.key)).not.toContain('session')
  })

  it('[R23] leaves nothing of private channels on this disk', async () => {
    const floor = await signedIn('prefs/kim')
    floor.server.publish(floor.wire, 'prefs/kim', 'theme.changed', { key: 'theme', record: 'dark' })
    await floor.serve()
    expect(floor.disk.rows('records')).toHaveLength(1)
    await floor.relay.signOut()
    expect(floor.disk.rows('records')).toEqual([])
    expect(floor.disk.rows('channels').map((row) => row.key)).not.toContain('prefs/kim')
  })
})

describe('signing out everywhere', () => {
  it('[R34] holds here at once, offline too, and is queued behind what the person had queued', async () => {
    const floor = await signedIn(CHAT)
    const window = floor.window(CHAT)
    floor.wire.cut()
    await floor.relay.submit({ ref: 'queued', ...POST })
    const kim = floor.seen('session').at(-1)?.session?.id
    window.say({ t: 'sign-out', ref: 'out', everywhere: true })
    await settle()
    expect(window.of('reply').at(-1)).toMatchObject({ ref: 'out', ok: true })
    expect(floor.seen('session').at(-1)?.session).toBeNull()
    await reconnect(floor)
    expect(floor.server.effects.map(({ type, data, session }) => [type, data, session])).toEqual([
      ['chat.post', POST.data, kim],
      ['session.revoke', { operator: 'kim' }, kim],
    ])
  })

  it('[R34] survives a crash before it had a number', async () => {
    const first = await signedIn()
    first.wire.cut()
    void first.relay.submit({ ref: 'queued', ...POST })
    const out = first.relay.signOut({ everywhere: true })
    await out
    const floor = first.again()
    await floor.live()
    expect(floor.server.effects.map(({ type }) => type)).toEqual(['chat.post', 'session.revoke'])
  })

  it('[A6][R34] that happened elsewhere is learnt from welcome, before anything is bound, subscribed or shown', async () => {
    const floor = await signedIn('prefs/kim', CHAT)
    floor.server.publish(floor.wire, 'prefs/kim', 'theme.changed', { key: 'theme', record: 'dark' })
    await floor.serve()
    const kim = floor.seen('session').at(-1)?.session?.id ?? ''
    floor.wire.cut()
    await floor.relay.submit({ ref: 'queued', ...POST })
    floor.server.revoked.add(kim)
    floor.server.publish(null, CHAT, 'chat.posted', { line: 'line-3', text: 'After the end' })
    floor.server.decide = ({ session }) =>
      session === kim ? { outcome: 'rejected', code: 'session-revoked' } : { outcome: 'applied' }
    const told = floor.bus.length
    await reconnect(floor)
    const sent = kinds(floor)
    expect(floor.sent('hello').at(-1)).toMatchObject({ session: kim })
    expect(sent.filter((kind) => kind === 'auth' || kind === 'subscribe')).toEqual(['subscribe'])
    expect(floor.disk.rows('records')).toEqual([])
    expect(floor.disk.rows('meta').map((row) => row.key)).not.toContain('session')
    const bodies = floor.bus.slice(told).map(({ body }) => body)
    const dropped = bodies.findIndex((body) => body.t === 'session' && body.session === null)
    const live = bodies.findIndex((body) => body.t === 'status' && body.status.state === 'live')
    expect(dropped).toBeGreaterThan(-1)
    expect(dropped).toBeLessThan(live)
    expect(JSON.stringify(bodies)).not.toContain('After the end')
    expect(floor.seen('result')).toMatchObject([{ ref: 'queued', outcome: 'rejected', code: 'session-revoked' }])
  })

  it('[A6] says nothing about the person who signed in after hello', async () => {
    const floor = await signedIn()
    const kim = floor.seen('session').at(-1)?.session?.id ?? ''
    floor.wire.cut()
    floor.server.revoked.add(kim)
    await floor.clock.advance(1_000)
    floor.server.accept(floor.wire)
    await settle()
    const signing = floor.relay.signIn('lee', '1111')
    await settle()
    await floor.serve()
    await signing
    expect(floor.seen('session').at(-1)?.session).toMatchObject({ operator: 'lee' })
  })
})

describe('a greeting', () => {
  it('[W11] says how far each lane has come, to a server that takes it and to no other', async () => {
    const floor = await signedIn()
    floor.wire.cut()
    await floor.relay.submit({ ref: 'alert', ...ALERT })
    for (const ref of ['one', 'two']) await floor.relay.submit({ ref, ...POST })
    await reconnect(floor)
    expect(floor.sent('hello').at(-1)).toMatchObject({ outbox: { newest: { urgent: 1, normal: 2 } } })
    floor.wire.cut()
    floor.server.takes = []
    await reconnect(floor)
    expect(Object.keys(floor.sent('hello').at(-1)?.['outbox'] as object)).toEqual(['epoch', 'incarnation', 'oldest'])
  })
})

describe('a session', () => {
  it('[R24] is there again after a restart, unconfirmed, and may author offline', async () => {
    const first = await signedIn()
    const floor = first.again()
    await floor.relay.start()
    expect(floor.seen('session')).toMatchObject([{ session: { operator: 'kim', confirmed: false } }])
    expect(await floor.relay.submit({ ref: 'a', ...POST })).toMatchObject({ ok: true })
    await floor.connect()
    expect(floor.sessions.calls).toEqual(['refresh'])
    expect(floor.sent('auth')).toHaveLength(1)
    expect(floor.seen('session').at(-1)?.session).toMatchObject({ confirmed: true })
  })

  it('[R24] that the server refuses to renew is dropped, and everybody told', async () => {
    const first = await signedIn()
    const floor = first.again()
    floor.sessions.refuseRefresh = { ok: false, code: 'session-revoked', message: 'Ended everywhere.' }
    await floor.live()
    expect(floor.seen('session').at(-1)?.session).toBeNull()
    expect(floor.bus.findLast((message) => message.body.t === 'session')?.body).toMatchObject({ session: null })
    expect(floor.sessions.calls).toEqual(['refresh', 'forget'])
  })

  it('[R24] that cannot be renewed for a while is kept, and renewed with back-off', async () => {
    const first = await signedIn()
    const floor = first.again()
    floor.sessions.refuseRefresh = { ok: false, code: 'unreachable', message: 'Nobody answers.' }
    await floor.live()
    await floor.clock.advance(8_000)
    expect(floor.sessions.calls.length).toBeGreaterThan(2)
    expect(floor.sessions.calls.length).toBeLessThan(30)
    floor.sessions.refuseRefresh = null
    await floor.clock.advance(20_000)
    await floor.serve()
    expect(floor.sent('auth')).toHaveLength(1)
  })

  it('[R24] is given up for bad tokens of one connection only, never for those of several', async () => {
    const first = await signedIn()
    const floor = first.again()
    floor.sessions.refuseRefresh = { ok: false, code: 'bad-token', message: 'Not a token of this server.' }
    await floor.live()
    for (let cuts = 0; cuts < 8; cuts += 1) {
      floor.wire.cut()
      await reconnect(floor)
    }
    expect(floor.seen('session').at(-1)?.session).toMatchObject({ operator: 'kim' })
    for (let s = 0; s < 120; s += 5) {
      await floor.clock.advance(5_000)
      await floor.serve()
    }
    expect(floor.seen('session').at(-1)?.session).toBeNull()
  })

  it('[R24] is not given up for a bad token while no connection is up: the next greeting brings another', async () => {
    const first = await signedIn()
    const floor = first.again()
    floor.sessions.refuseRefresh = { ok: false, code: 'unreachable', message: 'Nobody answers.' }
    await floor.live()
    floor.wire.cut()
    await floor.clock.advance(60_000)
    // The server is there again; this device has not greeted it yet.
    floor.sessions.refuseRefresh = { ok: false, code: 'bad-token', message: 'This one ended.' }
    await floor.clock.advance(600_000)
    expect(floor.seen('session').at(-1)?.session).toMatchObject({ operator: 'kim' })
    floor.sessions.refuseRefresh = null
    await floor.connect()
    expect(floor.sent('auth')).toHaveLength(1)
  })

  it('[R24] is not given up for one bad token behind others that nobody answered', async () => {
    const first = await signedIn()
    const floor = first.again()
    floor.sessions.refuseRefresh = { ok: false, code: 'unreachable', message: 'Nobody answers.' }
    await floor.live()
    for (let s = 0; s < 120; s += 5) {
      await floor.clock.advance(5_000)
      await floor.serve()
    }
    floor.sessions.refuseRefresh = { ok: false, code: 'bad-token', message: 'This one ended.' }
    const asked = floor.sessions.calls.length
    while (floor.sessions.calls.length === asked) {
      await floor.clock.advance(5_000)
      await floor.serve()
    }
    floor.sessions.refuseRefresh = null
    expect(floor.seen('session').at(-1)?.session).toMatchObject({ operator: 'kim' })
  })

  it('[R25] is renewed at two thirds of its token’s life, once', async () => {
    const floor = await signedIn()
    const life = floor.sessions.expiresInMs
    for (let spent = 0; spent < (life * 2) / 3 + 10_000; spent += 10_000) {
      await floor.clock.advance(10_000)
      await floor.serve()
    }
    expect(floor.sessions.calls.filter((call) => call === 'refresh')).toHaveLength(1)
    expect(floor.sent('auth').map((frame) => frame['generation'])).toEqual([2, 3])
    const told = floor.bus.filter((message) => message.body.t === 'token-refreshed')
    expect(told.map((message) => message.body)).toEqual([{ t: 'token-refreshed', generation: 3, lifetimeMs: life }])
  })

  it('[R25] is renewed at once when its token ran out, and no channel is called refused meanwhile', async () => {
    const floor = await signedIn()
    floor.relay.subscribe(CHAT)
    await floor.serve()
    floor.wire.send(
      { t: 'deauthed', code: 'token-expired', message: 'The access token has expired.' },
      { t: 'unsubscribed', channel: CHAT, code: 'sign-in-needed', message: 'Sign in.' },
    )
    await floor.serve()
    expect(floor.sent('auth').map((frame) => frame['generation'])).toEqual([2, 3])
    expect(floor.sent('subscribe').filter((frame) => frame['channel'] === CHAT)).toHaveLength(2)
    expect(floor.seen('refused')).toEqual([])
  })

  it('[R24] ended elsewhere is dropped at once', async () => {
    const floor = await signedIn()
    floor.wire.send({ t: 'deauthed', code: 'session-ended', message: 'Ended.' })
    await floor.serve()
    expect(floor.seen('session').at(-1)?.session).toBeNull()
  })

  it('[R25] ignores the late answer to a refresh that a sign-in has overtaken', async () => {
    const floor = await signedIn()
    let late: (() => void) | null = null
    const refresh = floor.sessions.refresh.bind(floor.sessions)
    floor.sessions.refresh = async (request) => {
      await new Promise<void>((resolve) => (late = resolve))
      return refresh(request)
    }
    floor.wire.send({ t: 'deauthed', code: 'token-expired', message: 'The access token has expired.' })
    await floor.serve()
    await floor.relay.signIn('lee', '1111')
    ;(late as (() => void) | null)?.()
    await floor.serve()
    expect(floor.sent('auth').map((frame) => frame['token'])).toEqual(['token-of-kim-2', 'token-of-lee-3'])
  })

  it('[R26] leaves no token on the disk, in windows, in observations or in the log', async () => {
    const floor = await signedIn(CHAT)
    const window = floor.window(CHAT)
    await floor.relay.signIn('lee', '1111')
    await floor.serve()
    await floor.relay.signOut()
    await settle()
    const { tables } = floor.disk
    const disk = Object.values(tables).flatMap((table) => [...table.values()])
    const everything = JSON.stringify([disk, floor.bus, window.heard, floor.observed, floor.logged])
    expect(everything).not.toContain('token-of-')
    expect(everything).not.toContain('device-token')
    expect(everything).not.toContain('"1111"')
  })
})
