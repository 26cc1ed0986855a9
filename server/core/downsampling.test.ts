import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Bucket } from '../ports/series.ts'
import { seriesRules, TIERS } from './downsampling.ts'

const NOW = Date.UTC(2026, 10, 20, 6)
const HOUR = 3_600_000
const DAY = 24 * HOUR
const { bucketsOf, plan, pointsOf, keptMs, pressure, maxBytes } = seriesRules

describe('intervals', () => {
  it('[Y5] tell lowest, highest, sum and number of what was measured in them', () => {
    const samples = [3, 1, 2, 9].map((value, index) => ({ atMs: NOW + index * 4_000, value }))
    expect(bucketsOf(samples, 10_000)).toEqual([
      { atMs: NOW, low: 1, high: 3, sum: 6, count: 3 },
      { atMs: NOW + 10_000, low: 9, high: 9, sum: 9, count: 1 },
    ])
  })

  it('[Y5] joined in any way amount to the same as the measurements themselves', () => {
    const sample = fc.record({ atMs: fc.nat(200_000), value: fc.integer({ min: -1000, max: 1000 }) })
    fc.assert(
      fc.property(fc.array(sample), (samples) => {
        const sorted = samples.toSorted((a, b) => a.atMs - b.atMs)
        const direct = bucketsOf(sorted, 60_000).map(({ atMs, low, high, sum, count }) => [
          atMs,
          low,
          sum / count,
          high,
        ])
        expect(pointsOf(bucketsOf(sorted, 10_000), 60_000)).toEqual(direct)
      }),
    )
  })

  it('without a measurement are not there: a gap stays a gap', () => {
    const one = (atMs: number): Bucket => ({ atMs, low: 1, high: 1, sum: 1, count: 1 })
    expect(pointsOf([one(0), one(50_000)], 10_000).map(([at]) => at)).toEqual([0, 50_000])
  })
})

describe('a page', () => {
  const read = (agoMs: number, lengthMs: number, points: number) =>
    plan({ fromMs: NOW - agoMs, toMs: NOW - agoMs + lengthMs, points }, NOW, 0)

  it.each<[string, number, number, number, number]>([
    ['an hour in 300 points, from ten seconds', HOUR, HOUR, 300, 1],
    ['ten minutes in 600, from single measurements', HOUR / 6, HOUR / 6, 600, 0],
    ['a week in 800, from minutes', 7 * DAY, 7 * DAY, 800, 2],
    ['a year in 500, from quarters of an hour', 365 * DAY, 365 * DAY, 500, 3],
    ['ten minutes of yesterday, from what is left of it', DAY, HOUR / 6, 600, 1],
    ['an hour of last spring, from what is left of it', 200 * DAY, HOUR, 600, 3],
  ])('[Y5] reads %s', (_name, agoMs, lengthMs, points, tier) => {
    expect(read(agoMs, lengthMs, points).tier).toBe(tier)
  })

  it('[Y5] has at most the points asked for, aligned to the clock, and of a length its tier can give', () => {
    fc.assert(
      fc.property(
        fc.nat(400 * DAY),
        fc.integer({ min: 1, max: 400 * DAY }),
        fc.integer({ min: 1, max: 2_000 }),
        fc.nat(3),
        (agoMs, lengthMs, points, under) => {
          const [fromMs, toMs] = [NOW - agoMs, NOW - agoMs + lengthMs]
          const planned = plan({ fromMs, toMs, points }, NOW, under)
          const { resolutionMs } = planned
          expect(planned.fromMs % resolutionMs).toBe(0)
          expect(planned.fromMs).toBeLessThanOrEqual(fromMs)
          expect(Math.ceil((toMs - planned.fromMs) / resolutionMs)).toBeLessThanOrEqual(points)
          const stored = TIERS[planned.tier]?.resolutionMs ?? 0
          if (stored > 0) expect(resolutionMs % stored).toBe(0)
        },
      ),
    )
  })
})

describe('keeping', () => {
  it('[Y5] is longer the coarser, and reaches back to where the next finer one ends', () => {
    for (const [index, tier] of TIERS.entries()) {
      const finer = TIERS[index - 1]
      if (finer === undefined) continue
      expect(tier.keptMs).toBeGreaterThan(finer.keptMs)
      expect(tier.resolutionMs).toBeGreaterThan(finer.resolutionMs)
    }
  })

  it('[P8] becomes shorter while the file is too large, and longer again when there is room', () => {
    const raw = TIERS[0]
    if (raw === undefined) throw new Error('no tier')
    expect(pressure(0, maxBytes + 1)).toBe(1)
    expect(pressure(1, maxBytes)).toBe(1)
    expect(pressure(1, 0)).toBe(0)
    expect(pressure(0, 0)).toBe(0)
    expect(keptMs(raw, 1)).toBe(raw.keptMs / 2)
    expect(keptMs(raw, 10)).toBe(HOUR)
  })
})
