import { describe, expect, it } from 'vitest'
import { LIVE_GATHER_MS } from './core/channels/live.ts'
import type { ChannelName } from './protocol/channels.ts'
import { takeLive, NO_LIVE } from './domain/live.ts'
import { rosterOf } from './domain/presence.ts'
import { LIMITS } from './protocol/limits.ts'
import { presenceChannel, ROSTER_KEY } from './protocol/room-names.ts'
import type { SeriesQuery } from './protocol/telemetry.ts'
import type { SeriesPort, SeriesResult } from './ports.ts'
import { Floor, type FakeWindow } from './testing/floor.ts'
import { settle } from './testing/virtual-clock.ts'

const PRESS = 'telemetry/line-3/press-1' as ChannelName
const AT = '2026-11-20T06:00:00.000Z'

/** A floor whose server has one machine, live. */
async function withPress(): Promise<Floor> {
  const floor = new Floor()
  floor.server.channel(PRESS, 'live')
  return floor.live()
}

async function send(floor: Floor, key: string, value: unknown, over: { ageMs?: number; ttlMs?: number } = {}) {
  floor.wire.send({ t: 'live', channel: PRESS, key, value, at: AT, ageMs: 0, ttlMs: 5_000, ...over })
  await floor.serve()
}

const values = (window: FakeWindow) =>
  window.of('live').map(({ channel, values: views }) => [channel, views.map(({ key, value }) => [key, value])])

describe('live values', () => {
  it('[R37] are subscribed only while a window shows them', async () => {
    const floor = await withPress()
    expect(floor.sent('subscribe').map(({ channel }) => channel)).not.toContain(PRESS)
    const window = floor.window(PRESS)
    await floor.serve()
    expect(floor.sent('subscribe').map(({ channel }) => channel)).toContain(PRESS)
    window.say({ t: 'show', channels: [] })
    await floor.serve()
    expect(floor.sent('unsubscribe')).toMatchObject([{ channel: PRESS }])
  })

  it('[R37] go to the ports of the windows that show them, and never on the bus or to disk', async () => {
    const floor = await withPress()
    const [shows, other] = [floor.window(PRESS), floor.window()]
    await floor.serve()
    await send(floor, 'force', 12)
    await floor.clock.advance(LIVE_GATHER_MS)
    expect(values(shows)).toEqual([[PRESS, [['force', 12]]]])
    expect(values(other)).toEqual([])
    expect(JSON.stringify(floor.bus)).not.toContain('force')
    expect(JSON.stringify(Object.values(floor.disk.tables).map((table) => [...table]))).not.toContain('force')
  })

  it('[R37] that come together leave as one message, of each key the last', async () => {
    const floor = await withPress()
    const window = floor.window(PRESS)
    await floor.serve()
    await send(floor, 'force', 1)
    await send(floor, 'temperature', 40)
    await send(floor, 'force', 2)
    expect(values(window)).toEqual([])
    await floor.clock.advance(LIVE_GATHER_MS)
    expect(values(window)).toEqual([
      [
        PRESS,
        [
          ['force', 2],
          ['temperature', 40],
        ],
      ],
    ])
  })

  it('[R37] know their age: a window that opens later is told how old each is, and whether it is still current', async () => {
    const floor = await withPress()
    floor.window(PRESS)
    await floor.serve()
    await send(floor, 'force', 1, { ageMs: 300, ttlMs: 2_000 })
    await floor.clock.advance(1_000)
    const second = floor.window(PRESS)
    expect(second.of('live')).toMatchObject([{ values: [{ key: 'force', ageMs: 1_300, ttlMs: 1_000 }] }])
    await floor.clock.advance(2_000)
    const third = floor.window(PRESS)
    expect(third.of('live')).toMatchObject([{ values: [{ key: 'force', value: 1, ageMs: 3_300, ttlMs: 0 }] }])
  })

  it('[R37] of a channel that may not be read any more are not told, not even those that had gathered', async () => {
    const floor = await withPress()
    floor.server.areas = []
    floor.wire.cut()
    await floor.clock.advance(40_000)
    await floor.connect()
    expect((await floor.relay.signIn('kim', '1111')).ok).toBe(true)
    await floor.serve()
    const window = floor.window(PRESS)
    await floor.serve()
    await send(floor, 'force', 1)
    await floor.relay.signOut()
    await floor.clock.advance(LIVE_GATHER_MS)
    expect(values(window)).toEqual([])
  })

  it('[R37] are confirmed as long as the link is proved', async () => {
    const floor = await withPress()
    const window = floor.window(PRESS)
    await floor.serve()
    window.say({ t: 'view' })
    const channel = () =>
      window
        .of('view')
        .at(-1)
        ?.view.channels.find((each) => each.channel === PRESS)
    const first = channel()
    expect(first).toMatchObject({ current: true, records: null, events: null })
    await floor.clock.advance(10_000)
    await floor.serve()
    window.say({ t: 'view' })
    expect(channel()?.confirmedAt).toBeGreaterThan(first?.confirmedAt ?? Infinity)
    floor.wire.cut()
    window.say({ t: 'view' })
    expect(channel()).toMatchObject({ current: false })
  })

  it('[R37] are observed one by one by a host that follows the channel', async () => {
    const floor = await withPress()
    floor.relay.subscribe(PRESS)
    await floor.serve()
    await send(floor, 'force', 1)
    expect(floor.seen('live')).toEqual([{ kind: 'live', channel: PRESS, key: 'force', value: 1, at: AT }])
  })
})

describe('rooms', () => {
  const LINE = presenceChannel('line-3')
  const TTL_MS = 600_000
  const here = { name: 'Press', operator: 'kim', state: 'here', since: AT }

  /** A floor where somebody reads who is in line-3, and a window that shows it. */
  async function reading(current: Record<string, unknown> = {}) {
    const floor = new Floor()
    floor.server.channel(LINE, 'live')
    floor.server.liveValues.set(LINE, current)
    await floor.live()
    expect((await floor.relay.signIn('kim', '1111')).ok).toBe(true)
    await floor.serve()
    const window = floor.window(LINE)
    await floor.serve()
    return { floor, window }
  }

  /** Who is in the room by what the window was told, and whether that is confirmed. */
  const shown = (floor: Floor, window: FakeWindow) => {
    const told = window.of('live').filter(({ channel }) => channel === LINE)
    const now = floor.clock.monotonic()
    const live = told.reduce((model, message) => takeLive(model, message, now), NO_LIVE)
    const roster = rosterOf(live, LINE, now)
    return [roster?.members.map(({ device }) => device).join(' '), roster?.confirmed]
  }

  async function tell(floor: Floor, told: Record<string, unknown>) {
    for (const [key, value] of Object.entries(told))
      floor.wire.send({ t: 'live', channel: LINE, key, value, at: AT, ageMs: 0, ttlMs: TTL_MS })
    await floor.serve()
  }

  /** Comes back to a server that has these values. */
  async function comesBack(floor: Floor, current: Record<string, unknown>) {
    floor.wire.cut()
    await floor.clock.advance(60_000)
    floor.server.liveValues.set(LINE, current)
    while (floor.status() !== 'connecting') await floor.clock.advance(500)
    await floor.connect()
  }

  it('[R87] [M13] who left while this device was away is not there when it comes back, and nobody else goes for a moment', async () => {
    const { floor, window } = await reading()
    await tell(floor, { [ROSTER_KEY]: { confirmed: true }, a: here, b: here })
    await floor.clock.advance(LIVE_GATHER_MS)
    expect(shown(floor, window)).toEqual(['a b', true])
    const before = window.of('live').length
    await comesBack(floor, { [ROSTER_KEY]: { confirmed: true }, a: here })
    await floor.clock.advance(LIVE_GATHER_MS)
    expect(shown(floor, window)).toEqual(['a', true])
    for (const { values: views } of window.of('live').slice(before))
      expect(views.map(({ key, value }) => [key, value])).toContainEqual(['a', here])
  })

  it('[R87] [P5] nothing is current, and nobody goes, until all that there is has come', async () => {
    const { floor, window } = await reading()
    await tell(floor, { [ROSTER_KEY]: { confirmed: true }, a: here, b: here })
    floor.server.withholds = 1
    await comesBack(floor, { [ROSTER_KEY]: { confirmed: true }, a: here })
    const isCurrent = () => {
      window.say({ t: 'view' })
      return window
        .of('view')
        .at(-1)
        ?.view.channels.find(({ channel }) => channel === LINE)?.current
    }
    await floor.clock.advance(LIVE_GATHER_MS)
    expect([shown(floor, window), isCurrent()]).toEqual([['a b', true], false])
    await tell(floor, { a: here })
    await floor.clock.advance(LIVE_GATHER_MS)
    expect([shown(floor, window), isCurrent()]).toEqual([['a', true], true])
  })

  it('[R87] [M12] after a start of the server who was there may be, until the roster is confirmed', async () => {
    const { floor, window } = await reading()
    await tell(floor, { [ROSTER_KEY]: { confirmed: true }, a: here, b: here, c: here })
    await comesBack(floor, { [ROSTER_KEY]: { confirmed: false } })
    await tell(floor, { a: here })
    await floor.clock.advance(LIVE_GATHER_MS)
    expect(shown(floor, window)).toEqual(['a b c', false])
    await tell(floor, { b: here, [ROSTER_KEY]: { confirmed: true } })
    await floor.clock.advance(LIVE_GATHER_MS)
    expect(shown(floor, window)).toEqual(['a b', true])
  })

  it('[R87] a window that was another relay’s lets go of what that one told it, and a room may be empty', async () => {
    const { floor, window } = await reading()
    await floor.clock.advance(LIVE_GATHER_MS)
    expect(window.of('live')).toEqual([{ t: 'live', channel: LINE, values: [], whole: true }])
    await tell(floor, { a: here })
    await floor.clock.advance(LIVE_GATHER_MS)
    const next = floor.window(LINE)
    expect(next.of('live')).toMatchObject([{ values: [{ key: 'a' }], whole: true }])
  })

  it('[R87] a host that follows the room hears that they have left', async () => {
    const { floor } = await reading()
    floor.relay.subscribe(LINE)
    await floor.serve()
    await tell(floor, { [ROSTER_KEY]: { confirmed: true }, a: here, b: here, c: null })
    const before = floor.seen('live').length
    await comesBack(floor, { [ROSTER_KEY]: { confirmed: true }, a: here })
    const heard = floor.seen('live').slice(before)
    expect(heard.map(({ key, value }) => [key, value])).toEqual([
      [ROSTER_KEY, { confirmed: true }],
      ['a', here],
      ['b', null],
    ])
  })

  it('[R95] [M12] a host hears of moves again once the roster is confirmed, also where nothing was said of it at first', async () => {
    const { floor } = await reading({ [ROSTER_KEY]: { confirmed: true }, a: here })
    const moves = () =>
      floor.observed.flatMap((seen) =>
        seen.kind === 'joined' || seen.kind === 'left' ? [`${seen.kind} ${seen.member.device}`] : [],
      )
    floor.relay.subscribe(LINE)
    await comesBack(floor, {})
    const before = moves().length
    await tell(floor, { [ROSTER_KEY]: { confirmed: false }, a: here, b: here })
    expect(moves().slice(before)).toEqual([])
    await tell(floor, { [ROSTER_KEY]: { confirmed: true } })
    await tell(floor, { c: here, a: null })
    expect(moves().slice(before)).toEqual(['joined c', 'left a'])
  })

  it('[R95] a host that follows the room hears who comes and who leaves, and of nobody who was there before', async () => {
    const confirmed = { [ROSTER_KEY]: { confirmed: true } }
    const before = { ...confirmed, a: here, b: here, c: { ...here, state: 'gone' } }
    const { floor } = await reading(before)
    const moves = () =>
      floor.observed.flatMap((seen) =>
        seen.kind === 'joined' || seen.kind === 'left'
          ? [`${seen.kind} ${seen.member.device} ${seen.member.state}`]
          : [],
      )
    floor.relay.subscribe(LINE)
    await comesBack(floor, before)
    expect(moves()).toEqual([])
    await tell(floor, { a: { ...here, state: 'screen-off' }, b: { ...here, state: 'gone' }, c: here, d: here })
    expect(moves()).toEqual(['left b gone', 'joined c here', 'joined d here'])
    await tell(floor, { b: null, d: null })
    // While this device was away, a left and b came back.
    await comesBack(floor, { ...confirmed, b: here, c: here })
    expect(moves().slice(3)).toEqual(['left d here', 'joined b here', 'left a screen-off'])
    await comesBack(floor, { [ROSTER_KEY]: { confirmed: false }, e: here })
    await tell(floor, { b: here, f: here, ...confirmed })
    expect(moves().slice(6)).toEqual([])
    await tell(floor, { g: here })
    expect(moves().slice(6)).toEqual(['joined g here'])
  })

  it('[R87] values of machines stay as the last that was known', async () => {
    const floor = await withPress()
    const window = floor.window(PRESS)
    await floor.serve()
    await send(floor, 'force', 12, { ttlMs: 900_000 })
    await comesBack(floor, {})
    await floor.clock.advance(LIVE_GATHER_MS)
    window.say({ t: 'view' })
    expect(window.of('live').at(-1)).toMatchObject({ values: [{ key: 'force', value: 12 }] })
    expect(window.of('live').at(-1)).not.toHaveProperty('whole')
  })
})

describe('history', () => {
  const QUERY: SeriesQuery = {
    area: 'line-3',
    machine: 'press-1',
    signal: 'force',
    from: AT,
    to: '2026-11-20T07:00:00.000Z',
    points: 10,
  }
  const PAGE = { points: [[0, 1, 2, 3]] as [number, number, number, number][], unit: 'kN', resolutionMs: 1, next: null }

  /** A server's history that answers when told. */
  class FakeSeries implements SeriesPort {
    readonly asked: { readonly query: SeriesQuery; readonly bearer: string }[] = []
    readonly #waiting: ((result: SeriesResult) => void)[] = []

    read(query: SeriesQuery, bearer: string): Promise<SeriesResult> {
      this.asked.push({ query, bearer })
      return new Promise((resolve) => this.#waiting.push(resolve))
    }

    async answer(result: SeriesResult = { ok: true, value: PAGE }): Promise<void> {
      this.#waiting.shift()?.(result)
      await settle()
    }
  }

  async function asking(): Promise<{ floor: Floor; series: FakeSeries; window: FakeWindow }> {
    const series = new FakeSeries()
    const floor = await new Floor({ series }).live()
    return { floor, series, window: floor.window() }
  }

  it('[R38] is asked for with the device’s token, or the person’s, and answered to the window that asked', async () => {
    const { floor, series, window } = await asking()
    const other = floor.window()
    window.say({ t: 'series', ref: 's1', ...QUERY })
    expect(series.asked).toEqual([{ query: QUERY, bearer: 'device-token' }])
    await series.answer()
    expect(window.of('series')).toEqual([{ t: 'series', ref: 's1', page: PAGE }])
    expect(other.of('series')).toEqual([])
    await floor.relay.signIn('kim', '1111')
    await floor.serve()
    window.say({ t: 'series', ref: 's2', ...QUERY })
    expect(series.asked[1]?.bearer).toMatch(/^token-of-kim/)
    await series.answer({ ok: false, code: 'signal-not-found', message: 'There is none.' })
    expect(window.of('reply').at(-1)).toEqual({
      t: 'reply',
      ref: 's2',
      ok: false,
      code: 'signal-not-found',
      message: 'There is none.',
    })
    expect(JSON.stringify([window.heard, floor.bus, floor.observed])).not.toContain('token-of')
  })

  it('[R38] is refused without a connection, for what may not be read, and beyond a bounded number of questions', async () => {
    const { floor, series, window } = await asking()
    const codes = () => window.of('reply').map((reply) => (reply.ok ? 'ok' : reply.code))
    window.say({ t: 'series', ref: 's0', ...QUERY, area: 'line-9' })
    for (let index = 0; index <= LIMITS.maxSeriesReads; index += 1)
      window.say({ t: 'series', ref: `s${index}`, ...QUERY })
    expect(codes()).toEqual(['sign-in-needed', 'rate-limited'])
    await series.answer()
    window.say({ t: 'series', ref: 'more', ...QUERY })
    expect(series.asked).toHaveLength(LIMITS.maxSeriesReads + 1)
    floor.wire.cut()
    window.say({ t: 'series', ref: 'late', ...QUERY })
    window.say({ t: 'series', ref: 'bad', ...QUERY, points: 0 })
    expect(codes().slice(2)).toEqual(['unreachable', 'bad-frame'])
  })

  it('[R38] is not there for a relay that was composed without it', async () => {
    const floor = await new Floor().live()
    const window = floor.window()
    window.say({ t: 'series', ref: 's1', ...QUERY })
    await settle()
    expect(window.of('reply')).toMatchObject([{ ref: 's1', ok: false, code: 'unavailable' }])
  })
})
