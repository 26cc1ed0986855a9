import { describe, expect, it } from 'vitest'
import { revive, UNHURT, WELL_MS, type Revival } from './revival.ts'

function waits(times: readonly number[]): readonly number[] {
  let revival: Revival = UNHURT
  return times.map((now) => {
    const next = revive(revival, now)
    revival = next.revival
    return next.waitMs
  })
}

describe('a page that is gone', () => {
  it('[P6] is loaded again at once, then after growing pauses, for ever', () => {
    const each = Array.from({ length: 12 }, (_, index) => index * 1_000)
    expect(waits(each)).toEqual([0, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 30_000, 30_000, 30_000, 30_000, 30_000])
  })

  it('[P6] starts over once it has lived for a minute', () => {
    expect(waits([0, 1_000, 1_000 + WELL_MS, 2_001 + 2 * WELL_MS])).toEqual([0, 1_000, 2_000, 0])
  })
})
