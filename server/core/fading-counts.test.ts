import { describe, expect, it } from 'vitest'
import { FadingCounts } from './fading-counts.ts'

const MINUTE = 60_000
const three = () => new FadingCounts({ limit: 3, fadeMs: MINUTE }, 5)

describe('a count', () => {
  it('has room up to its limit, and then when one has faded', () => {
    const counts = three()
    for (let count = 0; count < 3; count += 1) {
      expect(counts.waitMs('a', 0)).toBe(0)
      counts.begin('a', 0)
      counts.end('a', 1, 0)
    }
    expect(counts.waitMs('a', 0)).toBe(MINUTE)
    expect(counts.waitMs('a', MINUTE - 1)).toBe(1)
    expect(counts.waitMs('a', MINUTE)).toBe(0)
    expect(counts.waitMs('b', 0)).toBe(0)
  })

  it('takes what is under way for counted, until it is decided', () => {
    const counts = three()
    for (let count = 0; count < 3; count += 1) counts.begin('a', 0)
    expect(counts.waitMs('a', 0)).toBe(Infinity)
    counts.end('a', 0, 0)
    expect(counts.waitMs('a', 0)).toBe(0)
    counts.end('a', 1, 0)
    counts.end('a', 1, 0)
    expect([counts.level('a', 0), counts.pending('a')]).toEqual([2, 0])
  })

  it('forgives, never below nothing, and is then not remembered', () => {
    const counts = three()
    counts.end('a', 2, 0)
    counts.forgive('a', 1, 0)
    expect(counts.level('a', 0)).toBe(1)
    counts.forgive('a', 7, 0)
    expect([counts.level('a', 0), counts.size]).toEqual([0, 0])
  })

  it('stands still while the clock goes back', () => {
    const counts = three()
    counts.end('a', 3, 10 * MINUTE)
    expect(counts.level('a', 0)).toBe(3)
    expect(counts.waitMs('a', 0)).toBe(MINUTE)
  })

  it('of whoever was quiet longest goes when there are too many [P8]', () => {
    const counts = three()
    for (const key of ['a', 'b', 'c', 'd', 'e', 'a', 'f']) counts.end(key, 1, 0)
    expect(counts.size).toBe(5)
    expect([counts.level('b', 0), counts.level('a', 0)]).toEqual([0, 2])
  })
})
