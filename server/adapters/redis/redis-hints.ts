import { hintsIn, hintTexts } from './hint-texts.ts'
import { RedisBus } from './redis-bus.ts'
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

/** Bytes that wait unwritten for Redis; beyond it news is dropped: the others find it in the store. */
const MAX_UNWRITTEN = 1024 * 1024

/** Hints by Redis Pub/Sub: nothing is kept there, so a Redis that is lost, flushed or new takes nothing with it. */
export function openRedisHints(options: RedisHintsOptions): Hints {
  return new RedisHints(options)
}

class RedisHints implements Hints {
  readonly #node: string
  readonly #bus: RedisBus
  #hearer: HintHearer | null = null
  /** Told in this turn, and leaving behind it in one piece. */
  #leaving: CommittedEvent[] = []
  #told = 0
  #heard = 0
  #dropped = 0
  #refused = 0

  constructor({ url, floor, node, monotonic, changed }: RedisHintsOptions) {
    this.#node = node
    this.#bus = new RedisBus({
      url,
      name: `andon:${floor}:commits`,
      beat: JSON.stringify({ node, hints: [] }),
      monotonic,
      received: (text) => this.#received(text),
      changed: (isHearing, why) => {
        changed(isHearing, why)
        // What was told while this node was deaf is in the store.
        if (isHearing) this.#hearer?.missed()
      },
    })
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
      isHearing: this.#bus.isHearing,
      told: this.#told,
      heard: this.#heard,
      dropped: this.#dropped,
      refused: this.#refused,
    }
  }

  async close(): Promise<void> {
    this.#hearer = null
    this.#bus.close()
    return Promise.resolve()
  }

  #leave(): void {
    const events = this.#leaving
    this.#leaving = []
    const { waitingBytes } = this.#bus
    if (waitingBytes === null || waitingBytes > MAX_UNWRITTEN) {
      this.#dropped += events.length
      return
    }
    this.#told += events.length
    this.#bus.tell(hintTexts(this.#node, events)).catch(() => {
      // The connection ended under them.
      this.#told -= events.length
      this.#dropped += events.length
    })
  }

  #received(text: string): boolean {
    const hints = hintsIn(this.#node, text)
    if (hints === null) {
      this.#refused += 1
    } else if (hints !== 'own') {
      this.#heard += hints.length
      this.#hearer?.heard(hints)
    }
    return hints === 'own'
  }
}
