import { expect, it } from 'vitest'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { SignalPaces } from './signal-pace.ts'

/** Times to live of values that came at these seconds. */
function ttls(...seconds: readonly number[]): number[] {
  const paces = new SignalPaces()
  return seconds.map((second) => paces.take('force', second * 1000) / 1000)
}

it('[M2] a value is current for five intervals of its signal, a minute until that is known', () => {
  expect(ttls(0, 2, 4, 6)).toEqual([60, 10, 10, 10])
  expect(ttls(0, 60, 120)).toEqual([60, 300, 300])
})

it('[M2] one early value does not shorten it: the longer of the last two intervals counts', () => {
  expect(ttls(0, 10, 20, 20.1, 30).slice(2)).toEqual([50, 50, 49.5])
})

it('[P8] it is held between bounds, however fast or slow a signal comes', () => {
  const [min, max] = [LIMITS.minLiveTtlMs / 1000, LIMITS.maxLiveTtlMs / 1000]
  expect(ttls(0, 0.1, 0.2).at(-1)).toBe(min)
  expect(ttls(0, 9_000, 18_000).at(-1)).toBe(max)
})
