import { Redis } from 'ioredis'

export interface RedisBusOptions {
  /** `redis://` or `rediss://`, with name and password where there are any; in no log. */
  readonly url: string
  /** Of what is told and heard; nobody hears another name. */
  readonly name: string
  /** What this node tells itself: nobody else has to understand it. */
  readonly beat: string
  readonly monotonic: () => number
  /** Answers whether it was this node's own word. */
  readonly received: (text: string) => boolean
  /** Told once when it begins and once when it is over, with what Redis says. */
  readonly changed: (isHearing: boolean, why: string) => void
}

/** Each node tells itself something so often, milliseconds: what it hears of itself proves the way there and back. */
export const BEAT_MS = 2_000
/** Without a word of one's own for so long, milliseconds, one is deaf, whatever the sockets say. */
export const DEAF_MS = 5_000
const SLOWEST_RETRY_MS = 2_000

/**
 * Words between nodes by Redis Pub/Sub, over two connections of their own. Nothing is kept there, so a Redis that is lost, flushed or
 * new takes nothing with it; whoever hears again is told that it may have missed something by `changed`.
 */
export class RedisBus {
  readonly #options: RedisBusOptions
  readonly #speaks: Redis
  readonly #hears: Redis
  readonly #beating: NodeJS.Timeout
  /** Monotonic time of the last word that came back; null while there was none since the connection was made. */
  #echo: number | null = null
  #isHearing = false
  #isClosed = false
  #why = 'it does not answer'

  constructor(options: RedisBusOptions) {
    this.#options = options
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
      this.#hears.subscribe(options.name).then(
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

  get isHearing(): boolean {
    return this.#isHearing
  }

  /** Bytes that wait to be written; null while nothing can be. */
  get waitingBytes(): number | null {
    return this.#speaks.status === 'ready' ? this.#speaks.stream.writableLength : null
  }

  /** Rejects where the connection ended under them. */
  async tell(texts: Iterable<string>): Promise<void> {
    await Promise.all([...texts].map((text) => this.#speaks.publish(this.#options.name, text)))
  }

  close(): void {
    clearInterval(this.#beating)
    this.#isClosed = true
    this.#hears.disconnect()
    this.#speaks.disconnect()
  }

  #beat(): void {
    if (this.waitingBytes !== null) this.tell([this.#options.beat]).catch(() => undefined)
  }

  #received(text: string): void {
    if (this.#isClosed || !this.#options.received(text)) return
    this.#echo = this.#options.monotonic()
    this.#judge()
  }

  #judge(): void {
    if (this.#isClosed) return
    const isHearing = this.#echo !== null && this.#options.monotonic() - this.#echo < DEAF_MS
    if (isHearing === this.#isHearing) return
    this.#isHearing = isHearing
    this.#options.changed(isHearing, this.#why)
  }
}
