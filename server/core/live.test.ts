import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { channelName } from '../../relay/protocol/channels.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { filledBy } from '../testing/live-fill.ts'
import { LiveHub, paceOf } from './live.ts'
import type { LiveReader } from './live-rounds.ts'

const PRESS = channelName('telemetry', 'line-3', 'press-1')
const OTHER = channelName('telemetry', 'line-3', 'press-2')
const AT = '2026-11-20T06:00:00.000Z'
const ALL = 1_000

/** A hub whose frames are `key=value@age/ttl` as text; `counts` says how often it worked. */
function newHub() {
  const counts = { encoded: 0, scheduled: 0 }
  const hub = new LiveHub<string>({
    encode: ({ key, value, ageMs, ttlMs }) => {
      counts.encoded += 1
      return `${key}=${String(value)}@${ageMs}/${ttlMs}`
    },
    join: (frames) => frames.join(' '),
    schedule: () => (counts.scheduled += 1),
  })
  const put = (key: string, value: number, now = 0, channel = PRESS) =>
    hub.put(channel, { key, value, at: AT, ttlMs: 1_000 }, now)
  return { hub, counts, put }
}

class Reader implements LiveReader<string> {
  readonly got: string[] = []
  readonly group: unknown
  readonly maxHz: number
  full = false
  constructor(group: unknown = null, maxHz = 10) {
    this.group = group
    this.maxHz = maxHz
  }
  deliver(joined: string): void {
    this.got.push(joined)
  }
  isFull(): boolean {
    return this.full
  }
  /** The last value of each key, as text. */
  get values(): Readonly<Record<string, string>> {
    const frames = this.got.flatMap((joined) => joined.split(' '))
    return Object.fromEntries(
      frames.map((frame) => {
        const [key = '', value = ''] = (frame.split('@')[0] ?? '').split('=')
        return [key, value] as const
      }),
    )
  }
}

describe('live values', () => {
  it('[M1] [M2] begin with what is current, with its age and what is left of its time', () => {
    const { hub, put } = newHub()
    put('force', 1, 0)
    put('oil', 40, 600)
    expect(filledBy(hub.attach(PRESS, new Reader(), 900), 900)).toEqual(['force=1@900/100', 'oil=40@300/700'])
    expect(filledBy(hub.attach(PRESS, new Reader(), 1_200), 1_200)).toEqual(['oil=40@600/400'])
    expect(filledBy(hub.attach(OTHER, new Reader(), 0), 0)).toEqual([])
  })

  it('[M3] leave together, each encoded once, the same bytes for all', () => {
    const { hub, counts, put } = newHub()
    const readers = [new Reader(), new Reader()]
    for (const reader of readers) hub.attach(PRESS, reader, 0)
    put('force', 1)
    put('oil', 40)
    expect(counts.scheduled).toBe(1)
    expect(hub.flush(10, 0, ALL)).toBe(false)
    for (const { got } of readers) expect(got).toEqual(['force=1@0/1000 oil=40@0/1000'])
    expect(counts.encoded).toBe(2)
  })

  it('[M3] leave out what was replaced before its round, and count it', () => {
    const { hub, put } = newHub()
    const reader = new Reader()
    hub.attach(PRESS, reader, 0)
    for (const value of [1, 2, 3]) put('force', value)
    hub.flush(10, 0, ALL)
    expect(reader.got).toEqual(['force=3@0/1000'])
    expect(hub.counts()).toEqual({ channels: 1, keys: 1, conflated: 2, withheld: 0 })
  })

  it('[M3] give a reader that is full nothing, and the latest of each key when it has room', () => {
    const { hub, counts, put } = newHub()
    const [slow, quick] = [new Reader(), new Reader()]
    for (const reader of [slow, quick]) hub.attach(PRESS, reader, 0)
    slow.full = true
    put('force', 1)
    hub.flush(10, 0, ALL)
    put('force', 2)
    put('oil', 40)
    hub.flush(10, 100, ALL)
    expect([slow.got, quick.got.length]).toEqual([[], 2])
    slow.full = false
    // Nothing changed since, yet the hub asks to be called again as long as somebody is behind.
    expect(counts.scheduled).toBeGreaterThan(2)
    hub.flush(10, 200, ALL)
    expect(slow.values).toEqual({ force: '2', oil: '40' })
    expect(hub.counts().withheld).toBe(3)
  })

  it('[M3] [P8] of a round that is large come in pieces, and no more of them than the reader has room for', () => {
    const hub = new LiveHub<string>({
      encode: ({ value }) => String(value),
      join: (frames) => frames.join(''),
      schedule: () => {},
    })
    const room = { bytes: 0, taken: 0 }
    const got: string[] = []
    const deliver = (joined: string) => {
      room.taken += joined.length
      got.push(joined)
    }
    hub.attach(PRESS, { group: null, maxHz: 10, deliver, isFull: () => room.taken > room.bytes }, 0)
    const values = Array.from({ length: 40 }, (_, index) => String(index).padStart(2_000, ' '))
    for (const [index, value] of values.entries()) hub.put(PRESS, { key: `k${index}`, value, at: AT, ttlMs: 1_000 }, 0)
    for (let round = 0; round < 10; round += 1) {
      const before = room.taken
      room.bytes = before + LIMITS.liveBufferBytes
      hub.flush(10, 0, ALL)
      expect(room.taken - before).toBeLessThanOrEqual(2 * LIMITS.liveBufferBytes)
    }
    expect(got.join('')).toBe(values.join(''))
    expect(got.length).toBe(5)
    expect(hub.counts().withheld).toBe(24)
  })

  it('[M2] are gone when their time is over: no frame says so', () => {
    const { hub, put } = newHub()
    const reader = new Reader()
    hub.attach(PRESS, reader, 0)
    put('force', 1)
    hub.sweep(1_000)
    hub.flush(10, 1_000, ALL)
    expect(reader.got).toEqual([])
    expect(hub.counts().keys).toBe(0)
    hub.detach(PRESS, reader)
    expect(hub.counts().channels).toBe(0)
  })

  it('[M7] of a channel that is cleared are gone, and who reads it goes on with what comes next', () => {
    const { hub, put } = newHub()
    const [reader, full] = [new Reader(), new Reader()]
    for (const one of [reader, full]) hub.attach(PRESS, one, 0)
    full.full = true
    put('oil', 40)
    hub.flush(10, 0, ALL)
    full.full = false
    put('force', 1)
    hub.clear(PRESS)
    hub.flush(10, 100, ALL)
    expect([reader.values, full.values, hub.counts().keys]).toEqual([{ oil: '40' }, {}, 0])
    expect(filledBy(hub.attach(PRESS, new Reader(), 100), 100)).toEqual([])
    put('force', 2, 200)
    hub.flush(10, 200, ALL)
    expect([reader.values, full.values]).toEqual([{ oil: '40', force: '2' }, { force: '2' }])
    hub.clear(OTHER)
  })

  it('[P8] are bounded per channel: a new key is refused as long as the others are current', () => {
    const { put } = newHub()
    for (let key = 0; key < LIMITS.maxLiveKeys; key += 1) expect(put(`k${key}`, key)).toBe(true)
    expect(put('one-more', 1)).toBe(false)
    expect(put('k0', 7)).toBe(true)
    expect(put('one-more', 1, 1_000)).toBe(true)
  })

  it('[P3] are handed out in pieces, and who leaves or joins between two is served right', () => {
    const { hub, put } = newHub()
    const readers = Array.from({ length: 5 }, () => new Reader())
    for (const reader of readers) hub.attach(PRESS, reader, 0)
    put('force', 1)
    expect(hub.flush(10, 0, 2)).toBe(true)
    expect(readers.map(({ got }) => got.length)).toEqual([1, 1, 0, 0, 0])
    hub.detach(PRESS, readers[2] as Reader)
    const late = new Reader()
    put('force', 2)
    expect(filledBy(hub.attach(PRESS, late, 0), 0)).toEqual(['force=2@0/1000'])
    while (hub.flush(10, 0, 2));
    expect(readers.map(({ got }) => got.length)).toEqual([1, 1, 0, 1, 1])
    expect(late.got).toEqual([])
    while (hub.flush(10, 100, 2));
    expect([late, ...readers].map(({ values }) => values['force'])).toEqual(['2', '2', '2', undefined, '2', '2'])
  })

  it('[Y6] go to one connection after the other, all its channels together', () => {
    const { hub, put } = newHub()
    const order: string[] = []
    const reader = (name: string) => ({ group: name, maxHz: 10, isFull: () => false, deliver: () => order.push(name) })
    for (const name of ['a', 'b']) for (const channel of [PRESS, OTHER]) hub.attach(channel, reader(name), 0)
    put('force', 1)
    put('force', 1, 0, OTHER)
    while (hub.flush(10, 0, 1));
    expect(order).toEqual(['a', 'a', 'b', 'b'])
  })

  it('[M3] reach each reader at its own pace, encoded once for all paces', () => {
    const { hub, counts, put } = newHub()
    const [wall, trend, game] = [new Reader(null, 1), new Reader(null, 12), new Reader(null, 60)]
    for (const reader of [wall, trend, game]) hub.attach(PRESS, reader, 0)
    put('force', 1)
    expect(counts.scheduled).toBe(3)
    hub.flush(60, 0, ALL)
    put('force', 2, 16)
    hub.flush(60, 16, ALL)
    hub.flush(10, 16, ALL)
    hub.flush(1, 20, ALL)
    expect([wall.values, trend.values, game.got.length]).toEqual([{ force: '2' }, { force: '2' }, 2])
    expect(counts.encoded).toBe(2)
    hub.detach(PRESS, game)
    put('force', 3, 30)
    expect(counts.scheduled).toBe(3 + 1 + 2)
    expect([60, 59, 10, 3, 1].map(paceOf)).toEqual([60, 30, 10, 2, 1])
  })

  it('[M4] never show an older value after a newer one, and end with the latest, however it is called', () => {
    const step = fc.constantFrom('put', 'put', 'piece', 'full', 'room', 'leave', 'join')
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.nat(2)), { maxLength: 80 }), (steps) => {
        const { hub, put } = newHub()
        const readers = [0, 1, 2].map(() => ({ reader: new Reader(), isIn: false }))
        let value = 0
        for (const [what, which] of steps) {
          const one = readers[which]
          if (one === undefined) continue
          if (what === 'put') put(`k${which}`, (value += 1))
          else if (what === 'piece') hub.flush(10, 0, 1)
          else if (what === 'full' || what === 'room') one.reader.full = what === 'full'
          else if (what === 'leave') {
            hub.detach(PRESS, one.reader)
            one.isIn = false
          } else if (!one.isIn) {
            one.reader.got.push(...filledBy(hub.attach(PRESS, one.reader, 0), 0))
            one.isIn = true
          }
        }
        for (const { reader } of readers) reader.full = false
        for (let round = 0; round < 4; round += 1) while (hub.flush(10, 0, ALL));
        const last = new Reader()
        last.got.push(...filledBy(hub.attach(PRESS, last, 0), 0))
        for (const { reader, isIn } of readers) {
          if (isIn) expect(reader.values).toMatchObject(last.values)
          for (const key of ['k0', 'k1', 'k2']) {
            const seen = reader.got
              .flatMap((joined) => joined.split(' '))
              .filter((frame) => frame.startsWith(`${key}=`))
              .map((frame) => Number(/=(\d+)@/.exec(frame)?.[1]))
            expect(seen).toEqual(seen.toSorted((a, b) => a - b))
          }
        }
      }),
    )
  })
})
