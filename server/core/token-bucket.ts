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

  /** Takes one token. 0 when there was one; otherwise nothing is taken, and this is how long until there is one. */
  take(now: number): number {
    const { perSecond, burst } = this.#rate
    this.#tokens = Math.min(burst, this.#tokens + (Math.max(0, now - this.#at) / 1000) * perSecond)
    this.#at = now
    if (this.#tokens >= 1) {
      this.#tokens -= 1
      return 0
    }
    return Math.ceil(((1 - this.#tokens) / perSecond) * 1000)
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

  take(key: string, now: number): number {
    let bucket = this.#buckets.get(key)
    if (bucket === undefined) {
      if (this.#buckets.size >= this.#maxKeys) this.#forget(now)
      bucket = new TokenBucket(this.#rate, now)
      this.#buckets.set(key, bucket)
    }
    return bucket.take(now)
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
