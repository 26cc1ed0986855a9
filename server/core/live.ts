import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { ServerFrameOf } from '../../relay/protocol/frames.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'

/** A value as a domain hands it in. `at`: server time, ISO 8601 UTC. */
export interface LivePut {
  readonly key: string
  readonly value: unknown
  readonly at: string
  readonly ttlMs: number
}

/** One reader of one channel. */
export interface LiveReader<F> {
  /** Readers of one group (a connection) are served one after the other, so that what they get leaves in one write. */
  readonly group: unknown
  /** Gets frames in the order of their making. Must not throw and must not attach or detach others. */
  deliver(joined: F): void
  /** True while so much waits for it that it gets nothing. */
  isFull(): boolean
}

export interface LiveHubOptions<F> {
  readonly encode: (frame: ServerFrameOf<'live'>) => F
  readonly join: (frames: readonly F[]) => F
  /** Told when something begins to wait; the host calls `flush`, again and again while it returns true, at its own pace. */
  readonly schedule: () => void
}

/** What there is, and what was left out since the start. */
export interface LiveCounts {
  readonly channels: number
  readonly keys: number
  /** Values that were replaced before anybody got them, and those a full reader did not get (P8: counted, never silent). */
  readonly conflated: number
  readonly withheld: number
}

interface Entry<F> {
  readonly put: LivePut
  readonly takenAt: number
  readonly until: number
  frame: { readonly bytes: F; readonly madeAt: number } | null
}

interface LiveChannel<F> {
  readonly name: ChannelName
  readonly entries: Map<string, Entry<F>>
  /** Keys with a value that no round has taken up. */
  readonly changed: Set<string>
  readonly readers: Set<LiveReader<F>>
  /** Keys that a reader did not get because it was full. */
  readonly behind: Map<LiveReader<F>, Set<string>>
}

/** One channel of a round: the same frames for every reader that is not behind. */
interface Delivery<F> {
  readonly channel: LiveChannel<F>
  readonly keys: readonly string[]
  readonly joined: F | null
}

/** One channel of a round for one reader. */
interface Step<F> {
  readonly delivery: Delivery<F>
  readonly reader: LiveReader<F>
}

/** A frame made less than this long ago still tells its age well enough to be sent to one more reader, milliseconds. */
const FRAME_REUSE_MS = 250

/**
 * The latest value of every key of every live channel, and who is fed by it (PROTOCOL M1–M5). Nothing is stored or queued:
 * a value that is replaced before it left is left out.
 *
 * 1. Values leave in rounds. A round takes up what changed, encodes each value once, and gives every reader of a channel the
 *    same bytes; the host calls rounds no faster than readers want them (`LIMITS.livePaceMs`).
 * 2. A round is handed out in pieces (`flush(now, max)`), so that a thousand readers never hold the loop for long; channels
 *    of one connection one after the other, so that it costs one write and not one per channel.
 * 3. A reader that is full gets nothing; the keys are remembered, and a later round gives it their latest values.
 * 4. Of one key no reader gets an older value after a newer one: what a round took up is older than what the next will, and
 *    who joins within a round is not part of it.
 *
 * Times are a monotonic clock's milliseconds.
 */
export class LiveHub<F> {
  readonly #options: LiveHubOptions<F>
  readonly #channels = new Map<ChannelName, LiveChannel<F>>()
  readonly #waiting = new Set<LiveChannel<F>>()
  #round: readonly Step<F>[] = []
  #next = 0
  #conflated = 0
  #withheld = 0

  constructor(options: LiveHubOptions<F>) {
    this.#options = options
  }

  /** Takes a value as the present one of its key. False when the channel has `LIMITS.maxLiveKeys` current keys without it. */
  put(name: ChannelName, put: LivePut, now: number): boolean {
    const channel = this.#open(name)
    const { entries, changed } = channel
    if (entries.size >= LIMITS.maxLiveKeys && !entries.has(put.key)) {
      forgetExpired(channel, now)
      if (entries.size >= LIMITS.maxLiveKeys) return false
    }
    entries.set(put.key, { put, takenAt: now, until: now + put.ttlMs, frame: null })
    // Who joins later begins with what is current then.
    if (channel.readers.size === 0) return true
    if (changed.has(put.key)) this.#conflated += 1
    changed.add(put.key)
    this.#await(channel)
    return true
  }

  /** Takes every value of the channel away; readers stay, and are told nothing (M2). */
  clear(name: ChannelName): void {
    const channel = this.#channels.get(name)
    if (channel === undefined) return
    channel.entries.clear()
    channel.changed.clear()
    channel.behind.clear()
    this.#dropIfEmpty(channel)
  }

  /** The values that are current now, as frames; from here on the reader gets what changes. */
  attach(name: ChannelName, reader: LiveReader<F>, now: number): readonly F[] {
    const channel = this.#open(name)
    forgetExpired(channel, now)
    channel.readers.add(reader)
    return [...channel.entries.values()].map((entry) => this.#frame(name, entry, now))
  }

  detach(name: ChannelName, reader: LiveReader<F>): void {
    const channel = this.#channels.get(name)
    if (channel === undefined) return
    channel.readers.delete(reader)
    channel.behind.delete(reader)
    if (channel.readers.size === 0) channel.changed.clear()
    this.#dropIfEmpty(channel)
  }

  /** Hands out at most `max` pieces of the round, taking up a new one when there is none. True when more of it is left. */
  flush(now: number, max: number): boolean {
    if (this.#next >= this.#round.length) this.#takeUp(now)
    for (const { delivery, reader } of this.#round.slice(this.#next, this.#next + max)) {
      if (delivery.channel.readers.has(reader)) this.#deliver(delivery, reader, now)
    }
    this.#next += max
    if (this.#next < this.#round.length) return true
    this.#round = []
    this.#next = 0
    // What changed meanwhile, and who was full, are the next round's.
    if (this.#waiting.size > 0) this.#options.schedule()
    return false
  }

  /** Forgets values whose time is over; called now and then, so that what fell silent does not stay. */
  sweep(now: number): void {
    for (const channel of this.#channels.values()) {
      forgetExpired(channel, now)
      this.#dropIfEmpty(channel)
    }
  }

  counts(): LiveCounts {
    let keys = 0
    for (const { entries } of this.#channels.values()) keys += entries.size
    return { channels: this.#channels.size, keys, conflated: this.#conflated, withheld: this.#withheld }
  }

  #takeUp(now: number): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    const byGroup = new Map<unknown, Step<F>[]>()
    for (const channel of waiting) {
      const keys = [...channel.changed]
      channel.changed.clear()
      const frames = this.#frames(channel, keys, now)
      const joined = frames.length === 0 ? null : this.#options.join(frames)
      const delivery = { channel, keys, joined }
      for (const reader of joined === null ? channel.behind.keys() : channel.readers) {
        const group = byGroup.get(reader.group)
        if (group === undefined) byGroup.set(reader.group, [{ delivery, reader }])
        else group.push({ delivery, reader })
      }
    }
    this.#round = [...byGroup.values()].flat()
    this.#next = 0
  }

  #deliver({ channel, keys, joined }: Delivery<F>, reader: LiveReader<F>, now: number): void {
    const missed = channel.behind.get(reader)
    if (reader.isFull()) {
      const all = missed ?? new Set()
      for (const key of keys) all.add(key)
      channel.behind.set(reader, all)
      this.#withheld += keys.length
      this.#await(channel)
      return
    }
    if (missed === undefined) {
      if (joined !== null) reader.deliver(joined)
      return
    }
    channel.behind.delete(reader)
    const frames = this.#frames(channel, [...missed, ...keys.filter((key) => !missed.has(key))], now)
    if (frames.length > 0) reader.deliver(this.#options.join(frames))
  }

  #frames(channel: LiveChannel<F>, keys: readonly string[], now: number): F[] {
    return keys.flatMap((key) => {
      const entry = channel.entries.get(key)
      return entry === undefined || entry.until <= now ? [] : [this.#frame(channel.name, entry, now)]
    })
  }

  #frame(channel: ChannelName, entry: Entry<F>, now: number): F {
    const { frame, put, takenAt, until } = entry
    if (frame !== null && now - frame.madeAt < FRAME_REUSE_MS) return frame.bytes
    const ageMs = Math.round(now - takenAt)
    const ttlMs = Math.round(until - now)
    const bytes = this.#options.encode({ t: 'live', channel, key: put.key, value: put.value, at: put.at, ageMs, ttlMs })
    entry.frame = { bytes, madeAt: now }
    return bytes
  }

  #await(channel: LiveChannel<F>): void {
    if (this.#waiting.size === 0 && this.#round.length === 0) this.#options.schedule()
    this.#waiting.add(channel)
  }

  #open(name: ChannelName): LiveChannel<F> {
    const known = this.#channels.get(name)
    if (known !== undefined) return known
    const channel: LiveChannel<F> = {
      name,
      entries: new Map(),
      changed: new Set(),
      readers: new Set(),
      behind: new Map(),
    }
    this.#channels.set(name, channel)
    return channel
  }

  #dropIfEmpty(channel: LiveChannel<F>): void {
    if (channel.readers.size > 0 || channel.entries.size > 0) return
    this.#channels.delete(channel.name)
    this.#waiting.delete(channel)
  }
}

function forgetExpired<F>({ entries, changed }: LiveChannel<F>, now: number): void {
  for (const [key, { until }] of entries) {
    if (until > now) continue
    entries.delete(key)
    changed.delete(key)
  }
}
