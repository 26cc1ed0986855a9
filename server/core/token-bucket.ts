/**
 * A rate with room for bursts: `perSecond` tokens come in evenly, at most `burst` are kept. Time is an input, in milliseconds
 * of any clock that does not go back.
 */
export interface BucketRate {
  readonly perSecond: number
  readonly burst: number
}

export class TokenBucket {
  readonly #rate: BucketRate
  #tokens: number
  #at: number

  constructor(rate: BucketRate, now: number) {
    this.#rate = rate
    this.#tokens = rate.burst
    this.#at = now
  }

  /**
   * Takes `count` tokens, at most `burst`. 0 when they were there; otherwise nothing is taken, and this is how long until they
   * are.
   */
  take(now: number, count = 1): number {
    const { perSecond, burst } = this.#rate
    this.#tokens = Math.min(burst, this.#tokens + (Math.max(0, now - this.#at) / 1000) * perSecond)
    this.#at = now
    if (this.#tokens >= count) {
      this.#tokens -= count
      return 0
    }
    return Math.ceil(((count - this.#tokens) / perSecond) * 1000)
  }

  /** Whether forgetting it would change nothing. */
  isFull(now: number): boolean {
    const { perSecond, burst } = this.#rate
    return this.#tokens + ((now - this.#at) / 1000) * perSecond >= burst
  }
}

/** One bucket per key, at most `maxKeys`: beyond it those that are full are forgotten, then the oldest. */
export class TokenBuckets {
  readonly #rate: BucketRate
  readonly #maxKeys: number
  readonly #buckets = new Map<string, TokenBucket>()

  constructor(rate: BucketRate, maxKeys: number) {
    this.#rate = rate
    this.#maxKeys = maxKeys
  }

  take(key: string, now: number, count = 1): number {
    let bucket = this.#buckets.get(key)
    if (bucket === undefined) {
      if (this.#buckets.size >= this.#maxKeys) this.#forget(now)
      bucket = new TokenBucket(this.#rate, now)
      this.#buckets.set(key, bucket)
    }
    return bucket.take(now, count)
  }

  get size(): number {
    return this.#buckets.size
  }

  #forget(now: number): void {
    for (const [key, bucket] of this.#buckets) if (bucket.isFull(now)) this.#buckets.delete(key)
    for (const key of this.#buckets.keys()) {
      if (this.#buckets.size < this.#maxKeys) return
      this.#buckets.delete(key)
    }
  }
}
