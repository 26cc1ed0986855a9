import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import type { SessionEnd } from '../ports/sessions.ts'
import { NEWS_KEPT_MS, type FloorNews, type SharedFloor } from '../ports/shared-floor.ts'

export interface FloorWatchOptions {
  readonly shared: Pick<SharedFloor, 'news'>
  readonly monotonic: () => number
  /** A device has a link of this number: older ones are over. */
  readonly greeted: (device: DeviceId, link: number) => void
  readonly sessionEnded: (session: SessionId, end: SessionEnd) => void
  readonly operatorChanged: (operator: string) => void
  /** News may have been missed for good: nobody may go on as what they were. */
  readonly missed: () => void
  /** It could not be read; the next look tries again. */
  readonly failed: (cause: unknown) => void
}

/** Follows what the nodes of a floor say to each other beside the channels (U7), by looking for it. */
export class FloorWatch {
  readonly #options: FloorWatchOptions
  #position: string | null = null
  #isLooking = false
  /** When the last look began that saw everything. */
  #sawAt: number

  private constructor(options: FloorWatchOptions) {
    this.#options = options
    this.#sawAt = options.monotonic()
  }

  /** Resolves when it knows where it begins: whoever is let in afterwards misses nothing. */
  static async open(options: FloorWatchOptions): Promise<FloorWatch> {
    const watch = new FloorWatch(options)
    await watch.look()
    return watch
  }

  /** Looks so often from now on, milliseconds; answers what ends it. */
  follow(everyMs: number): () => void {
    const timer = setInterval(() => {
      this.look().catch(this.#options.failed)
    }, everyMs)
    timer.unref()
    return () => clearInterval(timer)
  }

  async look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    const { shared, monotonic, missed } = this.#options
    const began = monotonic()
    try {
      const { position, news } = await shared.news(this.#position)
      this.#position = position
      const isLate = began - this.#sawAt >= NEWS_KEPT_MS / 2
      this.#sawAt = began
      if (isLate) missed()
      else for (const one of news) this.#take(one)
    } finally {
      this.#isLooking = false
    }
  }

  #take(news: FloorNews): void {
    const { greeted, sessionEnded, operatorChanged } = this.#options
    switch (news.kind) {
      case 'greeted':
        return greeted(news.device, news.link)
      case 'session':
        return sessionEnded(news.session, news.end)
      case 'operator':
        return operatorChanged(news.operator)
    }
  }
}
