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
    // The first may be a little early, and none after it.
    expect(gaps.every((gap) => gap >= PERIOD_MS - 20)).toBe(true)
    expect(rounds.at.length).toBeLessThanOrEqual(11)
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
    vi.advanceTimersByTime(PERIOD_MS - 20)
    expect(rounds.at).toHaveLength(1)
    vi.advanceTimersByTime(20)
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
    for (let ms = 0; ms < 900; ms += 1) {
      pace.schedule(1)
      pace.schedule(60)
      vi.advanceTimersByTime(1)
    }
    expect(rounds.paces[0]).toBe(60)
    expect(rounds.paces.filter((hz) => hz === 1)).toHaveLength(1)
    const fast = rounds.paces.filter((hz) => hz === 60).length
    expect(fast).toBeGreaterThan(50)
    expect(fast).toBeLessThanOrEqual(56)
    pace.stop()
  })

  it('[Y6] lets values leave as they come, a little sooner or later, at the pace they are read at', () => {
    const rounds = new FakeRounds()
    const pace = new LivePace(rounds, () => performance.now())
    const began = performance.now()
    const late: number[] = []
    for (let tick = 0; tick < 120; tick += 1) {
      const at = (tick * 1_000) / 60 + ([0, 5, -4, 7, -6][tick % 5] ?? 0)
      vi.advanceTimersByTime(Math.max(0, began + 20 + at - performance.now()))
      const asked = performance.now()
      pace.schedule(60)
      vi.advanceTimersByTime(1)
      late.push((rounds.at.at(-1) ?? 0) - asked)
    }
    expect(rounds.at).toHaveLength(120)
    expect(late.every((ms) => ms >= 0 && ms <= 1)).toBe(true)
    pace.stop()
  })
})
