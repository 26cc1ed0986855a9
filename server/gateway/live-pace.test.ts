import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { LivePace } from './live-pace.ts'

class FakeRounds {
  readonly at: number[] = []
  pieces = 1
  swept = 0
  #left = 0
  flush(): boolean {
    if (this.#left === 0) {
      this.at.push(performance.now())
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
      pace.schedule()
      vi.advanceTimersByTime(10)
    }
    const gaps = rounds.at.slice(1).map((at, index) => at - (rounds.at[index] ?? 0))
    expect(gaps.length).toBeGreaterThan(5)
    expect(gaps.every((gap) => gap >= LIMITS.livePaceMs)).toBe(true)
    expect((rounds.at[0] ?? Infinity) - began).toBeLessThanOrEqual(10)
    pace.stop()
  })

  it('[Y6] breaks a round into pieces, and begins no other before it is over', () => {
    const rounds = new FakeRounds()
    rounds.pieces = 5
    const pace = new LivePace(rounds, () => performance.now())
    pace.schedule()
    vi.advanceTimersToNextTimer()
    pace.schedule()
    vi.advanceTimersByTime(LIMITS.livePaceMs - 1)
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
    pace.schedule()
    pace.stop()
    pace.schedule()
    const { swept } = rounds
    vi.advanceTimersByTime(60_000)
    expect([rounds.at.length, rounds.swept]).toEqual([0, swept])
  })
})
