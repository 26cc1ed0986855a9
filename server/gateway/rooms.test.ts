import { describe, expect, it } from 'vitest'
import type { ClientFrameOf } from '../../relay/protocol/frames.ts'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { Author } from '../../relay/protocol/rights.ts'
import { Rooms } from './rooms.ts'

const KIM: Author = { operator: 'kim', role: 'operator', areas: ['line-3'] }

/** One connection of a device that stands at line-2; what it says is written down with who says it. */
function connection(author: Author | null = KIM) {
  const done: string[] = []
  const state = { author, waitMs: 0, areas: ['line-2'] }
  const rooms = new Rooms({
    presence: {
      track: ({ operator }, { name }, said) => {
        done.push(`${operator ?? 'nobody'} ${said === null ? 'leaves' : `is ${said.state} in`} ${name}`)
        return null
      },
      personChanged: ({ operator }, mayBeIn) => {
        const stays = ['presence/line-2', 'presence/line-3'].filter((name) => mayBeIn(name as ChannelName))
        done.push(`${operator ?? 'nobody'} may be in ${stays.join(' ')}`)
      },
      heard: () => {},
      left: (_, how) => void done.push(how),
    },
    signals: {
      tooFast: () => {},
      personChanged: () => {},
      say: ({ name }, { operator, key }) => {
        done.push(`${operator} says ${key} in ${name}`)
        return null
      },
    },
    who: () => ({
      device: 'd'.repeat(43) as DeviceId,
      link: 'l',
      order: 1,
      name: 'Press',
      source: 'here',
      areas: ['line-2'],
      isAlone: false,
      session: null,
    }),
    leaseMs: () => 35_000,
    reader: () => ({ deviceAreas: state.areas, author: state.author }),
    isArea: (name) => name.startsWith('line-'),
    monotonic: () => 0,
    pace: () => state.waitMs,
    refuse: (code, about, channel) => void done.push(`${about} ${channel} ${code}`),
    refused: () => void done.push('slower'),
  })
  const track = (channel: string, said: ClientFrameOf<'track'>['state'] = { state: 'here' }) => {
    rooms.track({ t: 'track', channel: channel as ChannelName, state: said })
    return done.splice(0)
  }
  const signal = (channel: string, data: unknown = {}, key?: string) => {
    rooms.signal({ t: 'signal', channel: channel as ChannelName, data, ...(key !== undefined && { key }) })
    return done.splice(0)
  }
  return { rooms, state, done, track, signal }
}

describe('what a connection says in rooms', () => {
  it('[M9] holds for areas of its person, of the device itself, and for rooms of its person only', () => {
    const { track, state } = connection()
    expect(track('presence/line-3')).toEqual(['kim is here in presence/line-3'])
    expect(track('presence/line-2')).toEqual(['kim is here in presence/line-2'])
    expect(track('presence/line-2/order-1')).toEqual(['track presence/line-2/order-1 forbidden'])
    expect(track('presence/line-3/order-1')).toEqual(['kim is here in presence/line-3/order-1'])
    state.author = null
    expect(track('presence/line-2')).toEqual(['nobody is here in presence/line-2'])
    expect(track('presence/line-3')).toEqual(['track presence/line-3 sign-in-needed'])
    expect(track('presence/line-3', null)).toEqual(['nobody leaves presence/line-3'])
  })

  it('[M9] is on all lines only what has all areas, a device or a person', () => {
    const { track, signal, state } = connection()
    expect(track('presence/-')).toEqual(['track presence/- forbidden'])
    state.author = { ...KIM, areas: ['*'] }
    expect(track('presence/-')).toEqual(['kim is here in presence/-'])
    Object.assign(state, { author: null, areas: ['*'] })
    expect(track('presence/-')).toEqual(['nobody is here in presence/-'])
    expect(track('presence/-/order-1')).toEqual(['track presence/-/order-1 not-a-room'])
    expect(signal('typing/-')).toEqual(['signal typing/- not-a-room'])
  })

  it('[M9] [M8] is refused where nobody can be', () => {
    const { track, signal } = connection()
    expect(track('presence/hall-9')).toEqual(['track presence/hall-9 not-a-room'])
    expect(track('alerts/line-3')).toEqual(['track alerts/line-3 not-a-room'])
    expect(signal('presence/line-3')).toEqual(['signal presence/line-3 not-a-room'])
    expect(signal('telemetry/line-3/press-1')).toEqual(['signal telemetry/line-3/press-1 not-a-room'])
  })

  it('[M8] goes to rooms that its person may read, from nobody else', () => {
    const { signal, state } = connection()
    expect(signal('typing/line-3')).toEqual(['kim says own in typing/line-3'])
    expect(signal('room/line-3/press', [1], 'cursor')).toEqual(['kim says cursor in room/line-3/press'])
    expect(signal('typing/line-2')).toEqual(['signal typing/line-2 forbidden'])
    state.author = null
    expect(signal('typing/line-3')).toEqual(['signal typing/line-3 sign-in-needed'])
  })

  it('[P8] is bounded in size and depth', () => {
    const { track, signal } = connection()
    const own = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`k${index}`, 'x'.repeat(100)]))
    expect(track('presence/line-3', { state: 'here', own })).toEqual(['track presence/line-3 signal-too-large'])
    expect(signal('room/line-3/a', 'x'.repeat(LIMITS.maxSignalBytes))).toEqual([
      'signal room/line-3/a signal-too-large',
    ])
    let deep: unknown = 1
    for (let level = 0; level <= LIMITS.maxSignalDepth; level += 1) deep = [deep]
    expect(signal('room/line-3/a', deep)).toEqual(['signal room/line-3/a signal-too-large'])
  })

  it('[M8] is told that it is too fast, but may always leave', () => {
    const { track, signal, state } = connection()
    state.waitMs = 50
    expect(signal('typing/line-3')).toEqual(['signal typing/line-3 rate-limited', 'slower'])
    expect(track('presence/line-3')).toEqual(['track presence/line-3 rate-limited', 'slower'])
    expect(track('presence/line-3', null)).toEqual(['kim leaves presence/line-3'])
  })

  it('[M9] follows its person, and says how it ends', () => {
    const { rooms, state, done } = connection()
    rooms.personChanged()
    state.author = null
    rooms.personChanged()
    rooms.left('suspending', 0)
    expect(done).toEqual([
      'kim may be in presence/line-2 presence/line-3',
      'nobody may be in presence/line-2',
      'suspending',
    ])
  })
})
