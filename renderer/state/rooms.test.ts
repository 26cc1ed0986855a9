import { signal } from '@preact/signals'
import { describe, expect, it } from 'vitest'
import { NO_LIVE, takeLive, type LiveModel } from '../../relay/domain/live.ts'
import { channelName, type ChannelName } from '../../relay/protocol/channels.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { presenceChannel } from '../../relay/protocol/room-names.ts'
import { liveRooms, roomChannels, roomsOf, Typing, type Look } from './rooms.ts'
import { openRooms } from './rosters.ts'

const ORDER = '019a0000-0000-7000-8000-000000000009' as CommandId
const CHAT: Look = { area: 'line-3', place: { view: 'chat', area: 'line-3' }, sheet: null, orderNumber: null }
const OPEN: Look = {
  area: 'line-3',
  place: { view: 'orders', area: 'line-3' },
  sheet: { kind: 'order', id: ORDER, draft: {} },
  orderNumber: '4711',
}

function put(live: LiveModel, channel: ChannelName, values: Record<string, unknown>): LiveModel {
  const views = Object.entries(values).map(([key, value]) => ({ key, value, at: '2026', ageMs: 0, ttlMs: 5_000 }))
  return takeLive(live, { t: 'live', channel, values: views }, 0)
}

/** A relay at which a test stands. */
function relayOf() {
  const heard: ((live: LiveModel) => void)[] = []
  const said: string[] = []
  const state = { live: NO_LIVE, now: 0 }
  return {
    state,
    said,
    tell: (live: LiveModel): void => {
      state.live = live
      for (const one of heard) one(live)
    },
    relay: {
      get live() {
        return state.live
      },
      listenLive: (changed: (live: LiveModel) => void) => {
        heard.push(changed)
        return () => void heard.splice(heard.indexOf(changed), 1)
      },
      track: () => undefined,
      signal: (channel: ChannelName, data: unknown) => void said.push(`${channel} ${JSON.stringify(data)}`),
      now: () => state.now,
    },
  }
}

describe('the rooms of a window', () => {
  it('are its area, and what is open over it', () => {
    expect(roomsOf(CHAT)).toEqual([{ channel: 'presence/line-3', own: { view: 'chat' } }])
    expect(roomsOf(OPEN)).toEqual([
      { channel: 'presence/line-3', own: { view: 'orders' }, looks: '4711' },
      { channel: `presence/line-3/${ORDER}` },
    ])
  })

  it.each(['site', 'wall'] as const)('are none of a line before a board of all of them: %s', (view) => {
    expect(roomsOf({ ...CHAT, place: { view, area: null } })).toEqual([])
    expect(roomsOf({ ...OPEN, place: { view, area: null } })).toEqual([{ channel: `presence/line-3/${ORDER}` }])
  })

  it('are shown to people; a terminal alone has the numbers', () => {
    expect(roomChannels(CHAT, false)).toEqual(['headcount/line-3'])
    expect(roomChannels(CHAT, true)).toEqual(['headcount/line-3', 'presence/line-3', 'presence/-', 'typing/line-3'])
    expect(roomChannels(OPEN, true)).toEqual([
      'headcount/line-3',
      'presence/line-3',
      'presence/-',
      `presence/line-3/${ORDER}`,
    ])
  })

  it('change only when something that is no value of a machine does', () => {
    const { relay, tell } = relayOf()
    const [rooms, release] = liveRooms(relay)
    const typing = put(NO_LIVE, channelName('typing', 'line-3'), { d: { operator: 'lee' } })
    tell(typing)
    const before = rooms.value
    expect([...before.keys()]).toEqual(['typing/line-3'])
    tell(put(typing, channelName('telemetry', 'line-3', 'press-1'), { force: 1 }))
    expect(rooms.value).toBe(before)
    release()
    tell(NO_LIVE)
    expect(rooms.value).toBe(before)
  })

  it('say who else writes, and who else looks at what is open', () => {
    const { relay, state } = relayOf()
    const here = { name: 'Press', state: 'here', since: '2026' }
    const room = put(NO_LIVE, presenceChannel('line-3', ORDER), {
      a: { ...here, operator: 'kim' },
      b: { ...here, operator: 'lee' },
      c: { ...here, operator: 'lee' },
      d: { ...here, operator: null },
    })
    state.live = put(room, channelName('typing', 'line-3'), { a: { operator: 'lee' } })
    const look = signal(OPEN)
    const now = signal(0)
    const isLive = signal(true)
    const clock = { monotonic: () => state.now, after: () => () => undefined }
    const [{ rosters, writers: writing }, release] = openRooms({ relay, now, look, self: signal('kim'), isLive, clock })
    const others = rosters.besides
    expect([others.value, writing.value]).toEqual([['lee'], ['lee']])
    isLive.value = false
    expect([others.value, writing.value]).toEqual([['lee'], []])
    isLive.value = true
    state.now = 5_000
    now.value = 1
    look.value = { ...OPEN, sheet: null }
    expect([others.value, writing.value]).toEqual([[], []])
    release()
  })

  it('hear that somebody writes when they begin, now and then, and when they stop', () => {
    const { relay, said, state } = relayOf()
    const typing = new Typing(relay, signal<string | null>('kim'))
    typing.changed('line-3', true)
    state.now = 1_000
    typing.changed('line-3', true)
    state.now = 2_600
    typing.changed('line-3', true)
    typing.changed('line-3', false)
    typing.changed('line-3', false)
    expect(said).toEqual(['typing/line-3 {}', 'typing/line-3 {}', 'typing/line-3 null'])
  })
  it('hear of whoever writes after another person at once, and of the one before nothing more', () => {
    const { relay, said } = relayOf()
    const self = signal<string | null>('kim')
    const typing = new Typing(relay, self)
    typing.changed('line-3', true)
    self.value = 'lee'
    typing.changed('line-3', true)
    self.value = 'kim'
    typing.changed('line-3', false)
    expect(said).toEqual(['typing/line-3 {}', 'typing/line-3 {}'])
  })
})
