import { setImmediate as turn } from 'node:timers/promises'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { URGENT_CHANNEL, type ChannelName } from '../../relay/protocol/channels.ts'
import type { Commits } from '../core/commit.ts'
import type { Hub } from '../core/hub.ts'
import type { ChannelTop, Position, StoreReader } from '../ports/store-reader.ts'

/**
 * How often this process looks for what was committed and never reached it, milliseconds: as often as devices are told that
 * they are current, so that no heartbeat calls a reader current for longer (U1). Of several nodes: a P0 of another is at every
 * screen within a second although no hint comes (U6).
 */
export const LOOK_MS = 10_000
export const SEVERAL_LOOK_MS = 500

const PAGE = { maxItems: LIMITS.maxPageItems, maxBytes: LIMITS.maxPageBytes }

export interface StoreTailOptions {
  readonly store: Pick<StoreReader, 'tail' | 'events'>
  readonly hub: Pick<Hub<unknown>, 'behind' | 'position' | 'reload'>
  readonly commits: Pick<Commits, 'elsewhere'>
  /** What the hub was opened with is what was committed up to here. */
  readonly position: Position
  /** Told of each channel of which something was missing here. On one node nobody else commits: then it is a bug. */
  readonly behind: (channel: ChannelName) => void
  readonly monotonic: () => number
  /** The store could not be read; the next look tries again. */
  readonly failed: (cause: unknown) => void
}

/**
 * Follows the store: reads what was committed and is not here, by whomever and for whatever reason, and hands it to the
 * pipeline in the order of each channel (U4). The store is the truth and news of it only hints, so a hint may be lost, late,
 * or come twice.
 */
export class StoreTail {
  readonly #options: StoreTailOptions
  #position: Position
  #isLooking = false
  #isDue = false
  /** When the last look began that saw everything. */
  #sawAt: number
  readonly #reading = new Map<ChannelName, Reading>()

  constructor(options: StoreTailOptions) {
    this.#options = options
    this.#position = options.position
    this.#sawAt = options.monotonic()
  }

  /** Looks so often from now on, milliseconds; answers what ends it. */
  follow(everyMs: number): () => void {
    const timer = setInterval(() => {
      this.look().catch(this.#options.failed)
    }, everyMs)
    timer.unref()
    return () => clearInterval(timer)
  }

  /** Finds out what was missed, and catches up with it. Rejects when the store cannot be read: the next look begins there. */
  async look(): Promise<void> {
    // News that comes in the middle of a look may be of what it has passed.
    this.#isDue = true
    if (this.#isLooking) return
    this.#isLooking = true
    try {
      while (this.#isDue) {
        this.#isDue = false
        await this.#lookOnce()
      }
    } finally {
      this.#isLooking = false
    }
  }

  async #lookOnce(): Promise<void> {
    const began = this.#options.monotonic()
    const { store, hub } = this.#options
    const { position, tops } = await store.tail(this.#position)
    // What the store answered before this is published by then.
    await turn()
    const urgentFirst = hub.behind(tops).toSorted((a, b) => order(a) - order(b))
    // One after the other: a node that was cut off has them all to read, and is not alone.
    for (const { channel } of urgentFirst) await this.#catchUp(channel)
    this.#position = position
    this.#sawAt = began
  }

  /** How old what this process knows may be, milliseconds, whatever news came since. */
  get ageMs(): number {
    return this.#options.monotonic() - this.#sawAt
  }

  /** A hint: of this channel the store has more. */
  hear(channel: ChannelName): void {
    this.#catchUp(channel).catch(this.#options.failed)
  }

  #catchUp(channel: ChannelName): Promise<void> {
    const underWay = this.#reading.get(channel)
    if (underWay !== undefined) {
      // What it has read may be older than the hint.
      underWay.isHintedAgain = true
      return underWay.done
    }
    const reading: Reading = { isHintedAgain: false, done: Promise.resolve() }
    reading.done = this.#readToTop(channel, reading)
    this.#reading.set(channel, reading)
    return reading.done
  }

  async #readToTop(channel: ChannelName, reading: Reading): Promise<void> {
    try {
      do {
        reading.isHintedAgain = false
        if (await this.#read(channel)) this.#options.behind(channel)
      } while (reading.isHintedAgain)
    } finally {
      this.#reading.delete(channel)
    }
  }

  /** Page by page, until there is none. Answers whether there was one. */
  async #read(channel: ChannelName): Promise<boolean> {
    const { store, hub, commits } = this.#options
    for (let pages = 0; ; pages += 1) {
      const { epoch, events, top, gone } = await store.events(channel, hub.position(channel), PAGE)
      if (gone) {
        hub.reload({ channel, epoch, top }, `the store has ${top} of epoch ${epoch}`)
        return true
      }
      if (events.length === 0) return pages > 0
      commits.elsewhere(events.map((event) => ({ channel, epoch, event })))
    }
  }
}

/** A channel that is being read, and whether there was a hint since the read that is under way began. */
interface Reading {
  isHintedAgain: boolean
  done: Promise<void>
}

function order({ channel }: ChannelTop): number {
  return channel === URGENT_CHANNEL ? 0 : 1
}
