import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from './system-clock.ts'
import { systemRandom } from './system-random.ts'

describe('the clock of the machine', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('calls once after the delay, and not at all once cancelled', () => {
    const clock = systemClock()
    const calls: string[] = []
    clock.after(1_000, () => calls.push('kept'))
    const cancel = clock.after(1_000, () => calls.push('cancelled'))
    cancel()
    vi.advanceTimersByTime(999)
    expect(calls).toEqual([])
    vi.advanceTimersByTime(5_000)
    expect(calls).toEqual(['kept'])
  })

  it('does not turn a delay of two months into none', () => {
    const calls: string[] = []
    systemClock().after(60 * 24 * 3_600_000, () => calls.push('called'))
    vi.advanceTimersByTime(24 * 3_600_000)
    expect(calls).toEqual([])
  })
})

describe('the chance of the machine', () => {
  it('makes ids of version 7 that sort by their making', () => {
    const random = systemRandom()
    const ids = Array.from({ length: 1_000 }, () => random.uuid())
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(ids.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(ids)
    expect(new Set(ids).size).toBe(1_000)
  })
})
