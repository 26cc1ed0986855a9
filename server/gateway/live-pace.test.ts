import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LiveHz } from '../core/live.ts'
import { LivePace } from './live-pace.ts'

/** Of the pace that readers have unless they name one. */
const PERIOD_MS = 100

class FakeRounds {
  readonly at: number[] = []
  readonly paces: LiveHz[] = []
  pieces = 1
  swept = 0
  #left = 0
  flush(hz: LiveHz): boolean {
    if (this.#left === 0) {
      this.at.push(performance.now())
      this.paces.push(hz)
      this.#left = this.pieces
    }
    this.#left -= 1
    return this.#left > 0
  }
  sweep(): void {
    this.swept += 1
  }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('the pace of live values', () => {
  it('[Y6] is a round every hundred milliseconds at most, however often something waits', () => {
    const rounds = new FakeRounds()
    const pace = new LivePace(rounds, () => performance.now())
    const began = performance.now()
    for (let ms = 0; ms < 1_000; ms += 10) {
      pace.schedule(10)
      vi.advanceTimersByTime(10)
    }
    const gaps = rounds.at.slice(1).map((at, index) => at - (rounds.at[index] ?? 0))
    expect(gaps.length).toBeGreaterThan(5)
    expect(gaps.every((gap) => gap >= PERIOD_MS)).toBe(true)
    expect((rounds.at[0] ?? Infinity) - began).toBeLessThanOrEqual(10)
    pace.stop()
  })

  it('[Y6] breaks a round into pieces, and begins no other before it is over', () => {
    const rounds = new FakeRounds()
    rounds.pieces = 5
    const pace = new LivePace(rounds, () => performance.now())
    pace.schedule(10)
    vi.advanceTimersToNextTimer()
    pace.schedule(10)
    vi.advanceTimersByTime(PERIOD_MS - 1)
    expect(rounds.at).toHaveLength(1)
    vi.advanceTimersByTime(2)
    expect(rounds.at).toHaveLength(2)
    pace.stop()
  })

  it('[Y6] stands still when nothing waits, looks over what is old, and ends', () => {
    const rounds = new FakeRounds()
    const pace = new LivePace(rounds, () => performance.now())
    vi.advanceTimersByTime(60_000)
    expect([rounds.at.length, rounds.swept > 0]).toEqual([0, true])
    pace.schedule(10)
    pace.stop()
    pace.schedule(10)
    const { swept } = rounds
    vi.advanceTimersByTime(60_000)
    expect([rounds.at.length, rounds.swept]).toEqual([0, swept])
  })

  it('[Y6] of two paces hands out the faster one first, each at its own time', () => {
    const rounds = new FakeRounds()
    const pace = new LivePace(rounds, () => performance.now())
    for (let ms = 0; ms < 1_000; ms += 1) {
      pace.schedule(1)
      pace.schedule(60)
      vi.advanceTimersByTime(1)
    }
    expect(rounds.paces[0]).toBe(60)
    expect(rounds.paces.filter((hz) => hz === 1)).toHaveLength(1)
    const fast = rounds.paces.filter((hz) => hz === 60).length
    expect(fast).toBeGreaterThan(55)
    expect(fast).toBeLessThanOrEqual(61)
    pace.stop()
  })

  it('[Y6] is not made slower by a timer that is late', () => {
    const rounds = new FakeRounds()
    const pace = new LivePace(rounds, () => performance.now())
    const began = performance.now()
    pace.schedule(10)
    vi.advanceTimersByTime(1)
    // Something waits for the next round only some milliseconds after it was due.
    vi.advanceTimersByTime(PERIOD_MS + 4)
    pace.schedule(10)
    vi.advanceTimersByTime(1)
    pace.schedule(10)
    vi.advanceTimersByTime(PERIOD_MS)
    const at = rounds.at.map((one) => Math.round(one - began))
    expect(at[2]).toBeLessThan((at[0] ?? 0) + 2 * PERIOD_MS + 4)
    pace.stop()
  })
})
