import { describe, expect, it } from 'vitest'
import { parseChannel, type Channel } from '../../relay/protocol/channels.ts'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { Signals, type Said } from './signals.ts'

const [ROOM, TYPING] = [channel('room/line-3/press'), channel('typing/line-3')]

function channel(name: string): Channel {
  const parsed = parseChannel(name)
  if (parsed === null) throw new Error(name)
  return parsed
}

function said(more: Partial<Said> = {}): Said {
  return { device: 'd'.repeat(43) as DeviceId, operator: 'kim', key: 'own', data: { x: 1 }, ...more }
}

function newSignals() {
  const told: [string, string, unknown][] = []
  const signals = new Signals({
    put: (name, { key, value }) => {
      told.push([name, key, value])
      return true
    },
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
})
