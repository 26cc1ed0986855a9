import { describe, expect, it } from 'vitest'
import { parseChannel, type Channel } from '../../relay/protocol/channels.ts'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { LiveHub } from './live.ts'
import { Signals, type Said } from './signals.ts'

const [ROOM, TYPING] = [channel('room/line-3/press'), channel('typing/line-3')]

const KIMS = 's-kim' as SessionId

function channel(name: string): Channel {
  const parsed = parseChannel(name)
  if (parsed === null) throw new Error(name)
  return parsed
}

function said(more: Partial<Said> = {}): Said {
  return {
    device: 'd'.repeat(43) as DeviceId,
    operator: 'kim',
    source: 'here',
    session: KIMS,
    key: 'own',
    data: { x: 1 },
    ...more,
  }
}

function newSignals() {
  const told: [string, string, unknown][] = []
  const signals = new Signals({
    put: (name, { key, value }) => {
      told.push([name, key, value])
      return true
    },
    forget: () => {},
    time: () => '2026-11-20T06:00:00.000Z',
  })
  return { signals, told }
}

describe('signals', () => {
  it('[M8] are the sender’s, by key, and end when they say so', () => {
    const { signals, told } = newSignals()
    expect(signals.say(ROOM, said({ key: 'cursor' }), 0)).toBeNull()
    expect(signals.say(ROOM, said({ key: 'cursor', data: null }), 0)).toBeNull()
    expect(signals.say(TYPING, said(), 0)).toBeNull()
    const id = 'd'.repeat(43)
    expect(told).toEqual([
      ['room/line-3/press', `${id}.cursor`, { operator: 'kim', data: { x: 1 } }],
      ['room/line-3/press', `${id}.cursor`, null],
      ['typing/line-3', id, { operator: 'kim' }],
    ])
  })

  it('[P8] have so many keys of one device in a room, until they are not current any more', () => {
    const { signals } = newSignals()
    for (let key = 0; key < LIMITS.maxSignalKeys; key += 1)
      expect(signals.say(ROOM, said({ key: `k${key}` }), 0)).toBeNull()
    expect(signals.say(ROOM, said({ key: 'one-more' }), 0)).toBe('room-full')
    expect(signals.say(ROOM, said({ key: 'k0' }), 0)).toBeNull()
    expect(signals.say(ROOM, said({ device: 'e'.repeat(43) as DeviceId, key: 'one-more' }), 0)).toBeNull()
    expect(signals.say(ROOM, said({ key: 'one-more' }), LIMITS.signalMs)).toBeNull()
    signals.tooFast()
    expect(signals.dropped).toBe(2)
    signals.sweep(2 * LIMITS.signalMs)
    expect(signals.size).toBe(0)
  })
  it('[M8] [P9] are over at once with the session of their person, and where another one is signed in', () => {
    const { signals, told } = newSignals()
    const [here, there] = ['d', 'e'].map((letter) => letter.repeat(43) as DeviceId) as [DeviceId, DeviceId]
    const say = () => {
      signals.say(ROOM, said(), 0)
      signals.say(TYPING, said({ device: there }), 0)
      signals.say(ROOM, said({ device: there, operator: 'lee', session: 's-lee' as SessionId, key: 'lee' }), 0)
      told.length = 0
    }
    say()
    expect([...signals.sessionsOf('kim')]).toEqual([KIMS])
    signals.sessionsEnded([KIMS], 0)
    expect(told).toEqual([
      [ROOM.name, `${here}.own`, null],
      [TYPING.name, there, null],
    ])
    say()
    signals.personChanged({ device: there, operator: 'lee' }, 0)
    signals.personChanged({ device: here, operator: null }, 0)
    expect(told).toEqual([
      [TYPING.name, there, null],
      [ROOM.name, `${here}.own`, null],
    ])
    expect(signals.size).toBe(1)
  })

  it('[U8] [M8] are told to the other nodes, and what those told is told to readers here and to nobody else', () => {
    const [told, shared]: [unknown[], unknown[]] = [[], []]
    const signals = new Signals({
      put: (_name, { key, value }) => {
        told.push([key, value])
        return true
      },
      forget: () => {},
      time: () => '2026-11-20T06:00:00.000Z',
      share: (name, { operator, key, data }) => shared.push([name, operator, key, data]),
    })
    const there = said({ device: 'e'.repeat(43) as DeviceId, operator: 'lee', session: 's-lee' as SessionId })
    signals.say(ROOM, said(), 0)
    signals.heard(ROOM, there, 0)
    expect(told).toEqual([
      [`${said().device}.own`, { operator: 'kim', data: { x: 1 } }],
      [`${there.device}.own`, { operator: 'lee', data: { x: 1 } }],
    ])
    signals.sessionsEnded([KIMS, 's-lee' as SessionId], 0)
    expect(told.slice(2)).toEqual([
      [`${said().device}.own`, null],
      [`${there.device}.own`, null],
    ])
    expect(shared).toEqual([
      [ROOM.name, 'kim', 'own', { x: 1 }],
      [ROOM.name, 'kim', 'own', null],
    ])
  })

  it('[P8] of one person on however many devices leave the others their places in a room', () => {
    const { signals } = newSignals()
    const device = (number: number) => String(number).padStart(43, 'd') as DeviceId
    let taken = 0
    for (let number = 0; number < 126; number += 1)
      for (let key = 0; key < LIMITS.maxSignalKeys; key += 1)
        if (signals.say(ROOM, said({ device: device(number), key: `k${key}` }), 0) === null) taken += 1
    expect(taken).toBe(LIMITS.maxSignalKeysPerPerson)
    expect(LIMITS.maxSignalKeysPerPerson).toBe(LIMITS.maxLiveKeys / 8)
    expect(signals.say(ROOM, said({ device: device(500), operator: 'lee' }), 0)).toBeNull()
  })

  it('[P8] of a few who fill a room leave a place for one more person, and a few of their own are over', () => {
    const live = new LiveHub<string>({ encode: ({ key }) => key, join: (frames) => frames.join(), schedule: () => {} })
    const signals = new Signals({
      put: (name, put, now) => live.put(name, put, now),
      forget: (name, key) => live.forget(name, key),
      time: () => '2026-11-20T06:00:00.000Z',
    })
    const device = (number: number) => String(number).padStart(43, 'd') as DeviceId
    const say = (operator: string, number: number, key = 0) =>
      signals.say(ROOM, said({ operator, device: device(number), key: `k${key}` }), 0)
    for (let number = 0; number < LIMITS.maxLiveKeys; number += 1)
      expect(
        say(`loud-${number % 8}`, Math.floor(number / LIMITS.maxSignalKeys) + 1_000 * (number % 8), number % 16),
      ).toBeNull()
    expect([say('lee', 9_998), say('park', 9_999)]).toEqual([null, null])
    expect(live.counts().keys).toBe(LIMITS.maxLiveKeys)
  })

  it('[P8] of one address, by however many people, leave every other address its places in a room', () => {
    const live = new LiveHub<string>({ encode: ({ key }) => key, join: (frames) => frames.join(), schedule: () => {} })
    const signals = new Signals({
      put: (name, put, now) => live.put(name, put, now),
      forget: (name, key) => live.forget(name, key),
      time: () => '2026-11-20T06:00:00.000Z',
    })
    const device = (number: number) => String(number).padStart(43, 'd') as DeviceId
    const say = (source: string, number: number) =>
      signals.say(ROOM, said({ source, operator: `p-${number}`, device: device(number) }), 0)
    // A person and a device for each key: of none of them are there more than of another.
    for (let number = 0; number < LIMITS.maxLiveKeys; number += 1) expect(say('loud', number)).toBeNull()
    for (let number = 0; number < 300; number += 1) expect(say('quiet', 10_000 + number)).toBeNull()
    // Whoever comes from there costs nobody of another address anything.
    for (let number = 0; number < LIMITS.maxLiveKeys; number += 1) say('loud', 20_000 + number)
    expect(say('loud', 30_000)).toBe('room-full')
    for (let number = 0; number < 300; number += 1) expect(say('quiet', 10_000 + number)).toBeNull()
    expect([live.counts().keys, signals.size, signals.dropped]).toEqual([
      LIMITS.maxLiveKeys,
      LIMITS.maxLiveKeys,
      300 + LIMITS.maxLiveKeys + 1,
    ])
  })
})
