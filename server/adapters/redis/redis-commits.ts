import { Redis } from 'ioredis'

export interface RedisCommitsOptions {
  /** `redis://` or `rediss://`, with name and password where there are any; in no log. */
  readonly url: string
  /** Of the floor: two floors on one Redis know nothing of each other. */
  readonly floor: string
}

/** An answer that comes later is none, milliseconds: whoever waits for it takes no commands meanwhile. */
const ANSWER_MS = 1_000
const SLOWEST_RETRY_MS = 2_000
/** What nobody confirms any more goes by itself, seconds. */
const KEPT_S = 7 * 24 * 60 * 60

/**
 * How many groups each writer of a floor confirmed, in a hash in Redis, where the other nodes find it when the database came back
 * as another server. The last number of each goes as soon as the one before it was taken; what Redis does not take is lost, and
 * then nobody can say how far that writer was.
 */
export class RedisCommits {
  readonly #redis: Redis
  readonly #key: string
  readonly #waiting = new Map<string, number>()
  #isSending = false

  constructor({ url, floor }: RedisCommitsOptions) {
    this.#key = `andon:${floor}:confirmed`
    this.#redis = new Redis(url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: ANSWER_MS,
      commandTimeout: ANSWER_MS,
      retryStrategy: (times: number) => Math.min(100 * times, SLOWEST_RETRY_MS),
    })
    // Whoever asks is told; the hints say to the log that Redis is away.
    this.#redis.on('error', () => undefined)
  }

  confirmed(writer: string, commits: number): void {
    this.#waiting.set(writer, commits)
    if (!this.#isSending) void this.#send()
  }

  async known(): Promise<ReadonlyMap<string, number>> {
    try {
      await this.#ready()
      const found = await this.#redis.hgetall(this.#key)
      return new Map(Object.entries(found).map(([writer, commits]) => [writer, Number(commits)]))
    } catch {
      // It is away: nothing is known by it.
      return new Map()
    }
  }

  async keep(writers: ReadonlySet<string>): Promise<void> {
    const others = [...(await this.known()).keys()].filter((writer) => !writers.has(writer))
    if (others.length > 0) await this.#redis.hdel(this.#key, ...others).catch(() => undefined)
  }

  close(): void {
    this.#redis.disconnect()
  }

  async #send(): Promise<void> {
    this.#isSending = true
    while (this.#waiting.size > 0) {
      const sent = [...this.#waiting]
      this.#waiting.clear()
      try {
        await this.#redis.multi().hset(this.#key, new Map(sent)).expire(this.#key, KEPT_S).exec()
      } catch {
        // The next confirmation says it again.
      }
    }
    this.#isSending = false
  }

  /** At the start its first connection is a moment away. */
  async #ready(): Promise<void> {
    if (this.#redis.status === 'ready') return
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('Redis does not answer')), ANSWER_MS)
      this.#redis.once('ready', () => {
        clearTimeout(late)
        resolve()
      })
    })
  }
}
