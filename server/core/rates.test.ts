import { describe, expect, it } from 'vitest'
import { TokenBucket, TokenBuckets } from './token-bucket.ts'

describe('token bucket', () => {
  it('lets a burst through, then one at a time as tokens come in', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, 0)
    expect([bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([0, 0, 0])
    expect(bucket.take(0)).toBe(100)
    expect(bucket.take(40)).toBe(60)
    expect(bucket.take(100)).toBe(0)
  })

  it('takes several at once or none', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, 0)
    expect([bucket.take(0, 3), bucket.take(0, 3), bucket.take(0, 2)]).toEqual([0, 100, 0])
    expect(bucket.take(300, 3)).toBe(0)
  })

  it('never keeps more than its burst, and does not mind a clock that stands still', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 2 }, 0)
    expect([bucket.take(1e9), bucket.take(1e9)]).toEqual([0, 0])
    expect(bucket.take(1e9)).toBeGreaterThan(0)
  })

  it('[P8] keeps a bounded number of keys, and forgets full buckets first', () => {
    const buckets = new TokenBuckets({ perSecond: 1, burst: 2 }, 2)
    buckets.take('busy', 0)
    buckets.take('busy', 0)
    buckets.take('calm', 0)
    expect(buckets.take('new', 1500)).toBe(0)
    expect(buckets.size).toBe(2)
    expect(buckets.take('busy', 1500)).toBe(0)
    expect(buckets.take('busy', 1500)).toBeGreaterThan(0)
  })
})
