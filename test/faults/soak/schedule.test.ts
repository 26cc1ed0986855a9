import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../relay/testing/seeded-random.ts'
import { describeFault, MAX_FAULT_MS, planRound, ROUND_MS, thingOf, type Bounds, type Planned } from './schedule.ts'

const ALL: Bounds = { relays: 4, servers: ['server'], engines: [], disks: ['server', 0], clocks: ['server', 1] }

function rounds(seed: number, bounds: Bounds = ALL, count = 200): readonly Planned[][] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => [...planRound(() => random.next(), bounds)])
}

describe('a schedule', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(rounds(7)).toEqual(rounds(7))
    expect(rounds(7)).not.toEqual(rounds(8))
  })

  it('bounds every fault in time, and names only relays that exist', () => {
    for (const { atMs, fault } of rounds(1).flat()) {
      expect(atMs).toBeLessThanOrEqual(ROUND_MS)
      expect(fault.lastsMs).toBeLessThanOrEqual(MAX_FAULT_MS)
      if ('link' in fault) expect(fault.link).toBeLessThan(4)
    }
  })

  it('has one fault at a time for one thing', () => {
    for (const round of rounds(2)) {
      for (const [index, a] of round.entries()) {
        for (const b of round.slice(index + 1).filter((other) => thingOf(other.fault) === thingOf(a.fault))) {
          expect(b.atMs).toBeGreaterThan(a.atMs + a.fault.lastsMs)
        }
      }
    }
  })

  it('strikes every server and what they share, where there are several', () => {
    const servers = ['server one', 'server two', 'server three'] as const
    const struck = rounds(3, { ...ALL, servers, engines: ['postgres', 'redis'] })
      .flat()
      .flatMap(({ fault }) =>
        'place' in fault && fault.kind !== 'disk-full' && fault.kind !== 'clock' ? [fault.place] : [],
      )
    expect(new Set(struck.map(String))).toEqual(new Set([...servers, 'postgres', 'redis', '0', '1', '2', '3']))
  })

  it('draws every kind', () => {
    const kinds = new Set(rounds(3).flatMap((round) => round.map(({ fault }) => fault.kind)))
    expect([...kinds].toSorted()).toEqual([
      'chop',
      'clock',
      'cut',
      'delay',
      'disk-full',
      'flap',
      'forget',
      'freeze',
      'half-open',
      'kill',
      'refuse',
      'stall',
      'term',
    ])
  })

  it('leaves out what the machine does not allow', () => {
    const faults = rounds(4, { relays: 2, servers: ['server'], engines: [], disks: [], clocks: [] }).flatMap((round) =>
      round.map(({ fault }) => fault),
    )
    expect(faults.filter(({ kind }) => kind === 'disk-full' || kind === 'clock')).toEqual([])
  })

  it('begins each round in the order of time', () => {
    for (const round of rounds(5)) {
      const starts = round.map(({ atMs }) => atMs)
      expect(starts).toEqual(starts.toSorted((a, b) => a - b))
    }
  })
})

it('says a fault in one line', () => {
  expect(describeFault({ kind: 'half-open', link: 2, direction: 'up', lastsMs: 1500 })).toBe(
    'half-open, link 2, direction up, for 1.5 s',
  )
  expect(describeFault({ kind: 'cut', link: 0, lastsMs: 0 })).toBe('cut, link 0')
})
