import { describe, expect, it } from 'vitest'
import type { ChannelName } from './protocol/channels.ts'
import type { SessionId } from './protocol/ids.ts'
import { LIMITS } from './protocol/limits.ts'
import { presenceChannel } from './protocol/room-names.ts'
import { Floor } from './testing/floor.ts'
import { settle } from './testing/virtual-clock.ts'

const LINE = presenceChannel('line-3')
const ORDER = presenceChannel('line-3', 'order-1')
const ROOM = 'room/line-3/press' as ChannelName

/** What was said of rooms, shortened: the room, and what is looked at, or that it was left. */
function said(floor: Floor): string[] {
  return floor.sent('track').map(({ channel, state }) => {
    if (state === null) return `left ${String(channel)}`
    const { state: is, looks } = state as { state: string; looks?: string }
    return `${is} in ${String(channel)}${looks === undefined ? '' : `: ${looks}`}`
  })
}

/** A device that stands at line-3. */
function atLine3(): Floor {
  const floor = new Floor()
  floor.server.areas = ['line-3']
  return floor
}

async function passes(floor: Floor, ms: number): Promise<void> {
  await floor.clock.advance(ms)
  await floor.serve()
}

describe('in which rooms this device is', () => {
  it('[R82] is said on each connection: its own areas where no window says another', async () => {
    const floor = await atLine3().live()
    expect(said(floor)).toEqual(['here in presence/line-3'])
    floor.wire.cut()
    await passes(floor, LIMITS.maxBackoffMs)
    await floor.connect()
    expect(said(floor)).toEqual(['here in presence/line-3', 'here in presence/line-3'])
    // It was there all the time.
    expect(floor.sent('track').at(-1)).toMatchObject({ state: { agoMs: LIMITS.maxBackoffMs } })
  })

  it('[R82] is on all lines where it has all areas and no window says one', async () => {
    const floor = new Floor()
    floor.server.areas = ['line-3', 'line-4']
    floor.server.deviceAreas = ['*']
    await floor.live()
    expect(said(floor)).toEqual(['here in presence/-'])
    const window = floor.window()
    window.say({ t: 'track', rooms: [{ channel: LINE }] })
    await passes(floor, 500)
    window.detach()
    await passes(floor, 500)
    expect(said(floor).slice(1)).toEqual([
      'left presence/-',
      'here in presence/line-3',
      'left presence/line-3',
      'here in presence/-',
    ])
  })

  it('[R82] is what its windows say together, told when it changes and not more often than twice a second', async () => {
    const floor = await atLine3().live()
    const [one, two] = [floor.window(), floor.window()]
    one.say({ t: 'track', rooms: [{ channel: LINE, looks: 'Alerts' }] })
    await passes(floor, 500)
    two.say({ t: 'track', rooms: [{ channel: LINE, looks: 'Orders' }] })
    one.say({ t: 'track', rooms: [{ channel: LINE, looks: 'Equipment' }] })
    await floor.serve()
    await passes(floor, 500)
    // The window that spoke last says what is looked at.
    expect(said(floor)).toEqual([
      'here in presence/line-3',
      'here in presence/line-3: Alerts',
      'here in presence/line-3: Equipment',
    ])
    one.detach()
    await passes(floor, 500)
    two.say({ t: 'close' })
    await passes(floor, 500)
    expect(said(floor).slice(3)).toEqual(['here in presence/line-3: Orders', 'here in presence/line-3'])
  })

  it('[R82] is of whoever is signed in: rooms below an area end with the person, and nothing is said while that is not known', async () => {
    const floor = await atLine3().live()
    const window = floor.window()
    window.say({ t: 'track', rooms: [{ channel: LINE }, { channel: ORDER }] })
    await passes(floor, 1_000)
    expect(said(floor)).toEqual(['here in presence/line-3'])
    void floor.relay.signIn('kim', '1111')
    await passes(floor, 1_000)
    expect(said(floor).slice(1)).toEqual(['here in presence/line-3', 'here in presence/line-3/order-1'])
    await floor.relay.signOut()
    await passes(floor, 1_000)
    expect(said(floor).slice(3)).toEqual(['left presence/line-3/order-1', 'here in presence/line-3'])
  })

  it('[R82] since when is of the person: said anew with another one, and of the same one who was there all the time as before', async () => {
    const floor = await atLine3().live()
    const minute = async () => {
      for (let second = 0; second < 60; second += 1) await passes(floor, 1_000)
    }
    await minute()
    void floor.relay.signIn('kim', '1111')
    await minute()
    // Their token ran out, and the next one came.
    floor.wire.send({ t: 'deauthed', code: 'token-expired', message: 'Over.' })
    await passes(floor, 1_000)
    await floor.relay.signOut()
    await passes(floor, 1_000)
    const ago = floor.sent('track').map(({ state }) => (state as { agoMs: number }).agoMs)
    expect([ago.length, ...ago.slice(0, 2), ago[3]]).toEqual([4, 0, 0, 0])
    expect(ago[2]).toBeGreaterThanOrEqual(59_000)
  })

  it('[R82] follows the rights of whoever is signed in, also where these change within the session', async () => {
    const floor = new Floor()
    floor.server.areas = ['line-3', 'line-4']
    await floor.live()
    const elsewhere = presenceChannel('line-4', 'order-1')
    floor.window().say({ t: 'track', rooms: [{ channel: elsewhere }] })
    const signing = floor.relay.signIn('kim', '1111')
    await passes(floor, 1_000)
    const signed = await signing
    const session = (signed.ok ? signed.session.id : '') as SessionId
    const authed = { t: 'authed', generation: 2, session, operator: 'kim', role: 'operator' } as const
    for (const areas of [['line-3', 'line-4'], ['line-3'], ['line-3', 'line-4']]) {
      floor.wire.send({ ...authed, areas, expiresInMs: 300_000 })
      await floor.serve()
      await passes(floor, 1_000)
    }
    expect(said(floor).filter((line) => line.endsWith(elsewhere))).toEqual([
      `here in ${elsewhere}`,
      `left ${elsewhere}`,
      `here in ${elsewhere}`,
    ])
  })

  it('[R82] says that nobody can look while nobody does', async () => {
    const floor = await atLine3().live()
    floor.hint('unwatched')
    await passes(floor, 500)
    floor.hint('watched')
    await passes(floor, 500)
    expect(said(floor).slice(1)).toEqual(['screen-off in presence/line-3', 'here in presence/line-3'])
  })

  it('[R82] says that the machine goes to sleep, and is there anew when it woke', async () => {
    const floor = await atLine3().live()
    floor.hint('sleeps')
    await floor.serve()
    expect(floor.sent('bye')).toEqual([{ t: 'bye', reason: 'suspending' }])
    floor.hint('woke')
    await passes(floor, LIMITS.probeMs)
    await floor.connect()
    expect(said(floor)).toHaveLength(2)
  })

  it('[R82] says nothing behind it that would call it back, and all of it where the machine did not sleep', async () => {
    const floor = await atLine3().live()
    floor.hint('sleeps')
    floor.hint('unwatched')
    await passes(floor, 14_000)
    expect(said(floor)).toHaveLength(1)
    await passes(floor, 1_000)
    expect(said(floor).slice(1)).toEqual(['screen-off in presence/line-3'])
    floor.hint('sleeps')
    floor.hint('watched')
    await passes(floor, 500)
    expect(said(floor).slice(2)).toEqual(['here in presence/line-3'])
  })

  it('[R82] of a full room is asked again after a while, and of another server never', async () => {
    const floor = await atLine3().live()
    floor.wire.send({ t: 'error', code: 'room-full', message: 'Full.', about: 'track', channel: LINE })
    await floor.serve()
    expect(floor.seen('refused').at(-1)).toMatchObject({ channel: LINE, code: 'room-full' })
    await passes(floor, 10_000)
    expect(said(floor)).toHaveLength(2)
    const older = atLine3()
    older.server.takes = ['newest']
    await older.live()
    expect([said(older), await older.relay.signal(ROOM, 1)]).toMatchObject([[], { ok: false, code: 'unavailable' }])
  })

  it('[R82] a full room holds up no other: who goes from one line to the next has left the first', async () => {
    const floor = await atLine3().live()
    void floor.relay.signIn('kim', '1111')
    await passes(floor, 1_000)
    const order = 'presence/line-3/order-1' as ChannelName
    floor.relay.track(order, { state: 'here' })
    await passes(floor, 1_000)
    floor.wire.send({ t: 'error', code: 'room-full', message: 'Full.', about: 'track', channel: order })
    await floor.serve()
    const before = said(floor).length
    floor.hint('unwatched')
    await passes(floor, 1_000)
    expect(said(floor).slice(before)).toEqual(['screen-off in presence/line-3'])
    await passes(floor, 8_000)
    expect(said(floor)).toHaveLength(before + 1)
    await passes(floor, 1_000)
    expect(said(floor).slice(before + 1)).toEqual([`here in ${order}`])
  })

  it('[R82] the host is in rooms of its own beside those of windows, at most sixteen in all', async () => {
    const floor = await atLine3().live()
    void floor.relay.signIn('kim', '1111')
    await passes(floor, 1_000)
    for (let room = 0; room < 20; room += 1) {
      expect(floor.relay.track(presenceChannel('line-3', `order-${room}`), { state: 'here' })).toBeNull()
    }
    await passes(floor, 1_000)
    const refused = floor.seen('refused').map(({ channel, code }) => `${channel} ${code}`)
    expect(refused).toEqual([16, 17, 18, 19].map((room) => `presence/line-3/order-${room} too-many-rooms`))
    for (let room = 0; room < 10_000; room += 1)
      floor.relay.track(presenceChannel('line-3', `more-${room}`), { state: 'here' })
    await passes(floor, 1_000)
    // Its own area had to leave first.
    expect(said(floor).filter((line) => line.includes('/order-'))).toHaveLength(LIMITS.maxRooms)
    expect(said(floor)).toContain('left presence/line-3')
    expect(floor.relay.track(ROOM, { state: 'here' })?.code).toBe('not-a-room')
    expect(floor.relay.track(LINE, { state: 'here', looks: '‮gnp' })?.code).toBe('bad-request')
    expect(floor.relay.track(LINE, { state: 'here', own: { a: 'x'.repeat(2_000) } })?.code).toBe('bad-request')
    floor.relay.track(presenceChannel('line-3', 'order-0'), null)
    await passes(floor, 1_000)
    expect(said(floor)).toContain('left presence/line-3/order-0')
  })
})

describe('what is said in a room', () => {
  it('[R83] goes while the link is live, at the pace of the server, of each key the latest, and never to disk', async () => {
    const floor = await atLine3().live()
    const before = JSON.stringify(Object.values(floor.disk.tables).map((table) => [...table]))
    const answers = [0, 1, 2, 3].map((value) => floor.relay.signal(ROOM, { value }, 'cursor'))
    expect((await Promise.all(answers)).every(({ ok }) => ok)).toBe(true)
    const window = floor.window()
    window.say({ t: 'signal', channel: 'typing/line-3', data: {} })
    await passes(floor, 200)
    expect(floor.sent('signal').map(({ channel, data }) => [channel, data])).toEqual([
      [ROOM, { value: 0 }],
      [ROOM, { value: 3 }],
      ['typing/line-3', {}],
    ])
    expect(JSON.stringify(Object.values(floor.disk.tables).map((table) => [...table]))).toBe(before)
  })

  it('[R83] [P9] is said as nobody else: what waits for its turn goes with the person who said it', async () => {
    const floor = await atLine3().live()
    expect((await floor.relay.signIn('kim', '1111')).ok).toBe(true)
    await floor.serve()
    for (const key of ['k0', 'k1', 'k2']) await floor.relay.signal(ROOM, 'of kim', key)
    await floor.serve()
    await floor.relay.signOut()
    expect((await floor.relay.signIn('lee', '1111')).ok).toBe(true)
    await floor.serve()
    await floor.relay.signal(ROOM, 'of lee')
    await passes(floor, 1_000)
    expect(floor.sent('signal').map(({ data }) => data)).toEqual(['of kim', 'of lee'])
  })

  it('[R83] is refused when it is nested so deep that nobody could write it', async () => {
    const floor = await atLine3().live()
    const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))
    expect(await floor.relay.signal(ROOM, deep)).toMatchObject({ ok: false, code: 'signal-too-large' })
    floor.window().say({ t: 'signal', channel: ROOM, data: deep })
    expect(await floor.relay.signal(ROOM, 1)).toMatchObject({ ok: true })
    await passes(floor, 200)
    expect(floor.sent('signal').map(({ data }) => data)).toEqual([1])
  })

  it('[R83] is refused when it is too much, too large or nowhere, and dropped with the link', async () => {
    const floor = await atLine3().live()
    const refusal = async (channel: string, data: unknown, key?: string) => {
      const checked = await floor.relay.signal(channel, data, key)
      return checked.ok ? null : checked.code
    }
    expect(await refusal(LINE, 1)).toBe('not-a-room')
    expect(await refusal(ROOM, 'x'.repeat(3_000))).toBe('signal-too-large')
    expect(await refusal(ROOM, 1, 'Bad Key')).toBe('bad-request')
    const codes = await Promise.all(Array.from({ length: 30 }, (_, index) => refusal(ROOM, 1, `k${index}`)))
    expect([codes.filter((code) => code === null).length, codes.at(-1)]).toEqual([21, 'rate-limited'])
    await floor.serve()
    floor.wire.cut()
    await settle()
    expect(await refusal(ROOM, 1)).toBe('unavailable')
    await passes(floor, LIMITS.maxBackoffMs)
    await floor.connect()
    await passes(floor, 1_000)
    expect(floor.sent('signal')).toHaveLength(1)
  })
})

describe('the pace of live values', () => {
  const PRESS = 'telemetry/line-3/press-1' as ChannelName

  it('[R84] is that of whoever wants them most often, asked for anew when it changes', async () => {
    const floor = new Floor()
    floor.server.channel(PRESS, 'live')
    await floor.live()
    const [wall, trend] = [floor.window(), floor.window()]
    wall.say({ t: 'show', channels: [PRESS], maxHz: 1 })
    await floor.serve()
    trend.say({ t: 'show', channels: [PRESS] })
    await floor.serve()
    expect(floor.relay.subscribe(PRESS, { maxHz: 60 })).toBeNull()
    await floor.serve()
    floor.relay.unsubscribe(PRESS)
    trend.detach()
    await floor.serve()
    const asked = floor.sent('subscribe').filter(({ channel }) => channel === PRESS)
    expect(asked.map(({ maxHz }) => maxHz)).toEqual([1, undefined, 60, 1])
    for (const maxHz of [0, 1_000_000, NaN, Infinity, 0.5]) {
      expect(floor.relay.subscribe(PRESS, { maxHz })?.code).toBe('bad-request')
      wall.say({ t: 'show', channels: [PRESS], maxHz })
    }
    await floor.serve()
    expect(floor.sent('subscribe').filter(({ channel }) => channel === PRESS)).toHaveLength(asked.length)
  })
})
