import { Redis } from 'ioredis'
import { hintsIn, hintTexts } from './hint-texts.ts'
import type { HintCounts, HintHearer, Hints } from '../../ports/hints.ts'
import type { CommittedEvent } from '../../ports/submission.ts'

export interface RedisHintsOptions {
  /** `redis://` or `rediss://`, with name and password where there are any; in no log. */
  readonly url: string
  /** Of the floor: two floors on one Redis do not hear each other. */
  readonly floor: string
  /** Of this process, another one each time. */
  readonly node: string
  readonly monotonic: () => number
  /** Told once when it begins and once when it is over, with what Redis says. */
  readonly changed: (isHearing: boolean, why: string) => void
}

/** Each node tells itself something so often, milliseconds: what it hears of itself proves the way there and back. */
const BEAT_MS = 2_000
/** Without a word of one's own for so long, milliseconds, one is deaf, whatever the sockets say. */
const DEAF_MS = 5_000
/** Bytes that wait unwritten for Redis; beyond it news is dropped: the others find it in the store. */
const MAX_UNWRITTEN = 1024 * 1024
const SLOWEST_RETRY_MS = 2_000

/** Hints by Redis Pub/Sub: nothing is kept there, so a Redis that is lost, flushed or new takes nothing with it. */
export function openRedisHints(options: RedisHintsOptions): Hints {
  return new RedisHints(options)
}

class RedisHints implements Hints {
  readonly #options: RedisHintsOptions
  readonly #name: string
  readonly #speaks: Redis
  readonly #hears: Redis
  readonly #beating: NodeJS.Timeout
  #hearer: HintHearer | null = null
  /** Told in this turn, and leaving behind it in one piece. */
  #leaving: CommittedEvent[] = []
  /** Monotonic time of the last word that came back; null while there was none since the connection was made. */
  #echo: number | null = null
  #isHearing = false
  #why = 'it does not answer'
  #told = 0
  #heard = 0
  #dropped = 0
  #refused = 0

  constructor(options: RedisHintsOptions) {
    this.#options = options
    this.#name = `andon:${options.floor}:commits`
    const settings = {
      // What waits for a Redis that is not there would be old when it comes.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: DEAF_MS,
      retryStrategy: (times: number) => Math.min(100 * times, SLOWEST_RETRY_MS),
    }
    this.#speaks = new Redis(options.url, settings)
    this.#hears = new Redis(options.url, { ...settings, autoResubscribe: false })
    for (const each of [this.#speaks, this.#hears])
      each.on('error', (cause: Error) => (this.#why = cause.message || cause.name))
    this.#hears.on('ready', () => {
      this.#hears.subscribe(this.#name).then(
        () => this.#beat(),
        () => this.#hears.disconnect(true),
      )
    })
    this.#hears.on('close', () => {
      this.#echo = null
      this.#judge()
    })
    this.#hears.on('message', (_name: string, text: string) => this.#received(text))
    this.#beating = setInterval(() => {
      this.#beat()
      this.#judge()
    }, BEAT_MS)
    this.#beating.unref()
  }

  hear(hearer: HintHearer): void {
    this.#hearer = hearer
  }

  tell(events: readonly CommittedEvent[]): void {
    if (this.#leaving.length === 0) setImmediate(() => this.#leave())
    this.#leaving.push(...events)
  }

  counts(): HintCounts {
    return {
      isHearing: this.#isHearing,
      told: this.#told,
      heard: this.#heard,
      dropped: this.#dropped,
      refused: this.#refused,
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#beating)
    this.#hearer = null
    this.#hears.disconnect()
    this.#speaks.disconnect()
    return Promise.resolve()
  }

  #leave(): void {
    const events = this.#leaving
    this.#leaving = []
    if (this.#speaks.status !== 'ready' || this.#speaks.stream.writableLength > MAX_UNWRITTEN) {
      this.#dropped += events.length
      return
    }
    this.#told += events.length
    const texts = hintTexts(this.#options.node, events)
    Promise.all(texts.map((text) => this.#speaks.publish(this.#name, text))).catch(() => {
      // The connection ended under them.
      this.#told -= events.length
      this.#dropped += events.length
    })
  }

  /** Says something that only this node has to hear. */
  #beat(): void {
    if (this.#speaks.status === 'ready')
      this.#speaks.publish(this.#name, JSON.stringify({ node: this.#options.node, hints: [] })).catch(() => undefined)
  }

  #received(text: string): void {
    const hints = hintsIn(this.#options.node, text)
    if (hints === null) {
      this.#refused += 1
    } else if (hints === 'own') {
      this.#echo = this.#options.monotonic()
      this.#judge()
    } else {
      this.#heard += hints.length
      this.#hearer?.heard(hints)
    }
  }

  #judge(): void {
    const { monotonic, changed } = this.#options
    const isHearing = this.#echo !== null && monotonic() - this.#echo < DEAF_MS
    if (isHearing === this.#isHearing) return
    this.#isHearing = isHearing
    changed(isHearing, this.#why)
    // What was told while this node was deaf is in the store.
    if (isHearing) this.#hearer?.missed()
  }
}
