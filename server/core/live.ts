import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { ServerFrameOf } from '../../relay/protocol/frames.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { LiveRounds, type LiveReader, type Sized } from './live-rounds.ts'

/** A value as a domain hands it in. `at`: server time, ISO 8601 UTC. */
export interface LivePut {
  readonly key: string
  readonly value: unknown
  readonly at: string
  readonly ttlMs: number
}

/**
 * Rounds per second that there are: whoever names another number gets the next below it. Few, because each one that somebody
 * reads has its own rounds; a wall, a trend, a screen of a control and a game are among them.
 */
export const PACES = [60, 30, 20, 10, 5, 2, 1] as const
export type LiveHz = (typeof PACES)[number]

/** The pace of a reader that wants at most so many values a second. */
export function paceOf(maxHz: number): LiveHz {
  return PACES.find((hz) => hz <= maxHz) ?? 1
}

export interface LiveHubOptions<F> {
  readonly encode: (frame: ServerFrameOf<'live'>) => F
  readonly join: (frames: readonly F[]) => F
  /** Told when something begins to wait for readers of a pace; the host calls `flush` of it until that returns false, when it is due. */
  readonly schedule: (hz: LiveHz) => void
}

/** What a reader begins with. */
export interface LiveFill<F> {
  /** How many there are. */
  readonly size: number
  /** The next of them as it is by now; null when all were taken. One whose time is over by then says so. */
  next(now: number): F | null
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
  /** The paces at which somebody reads it; usually one. */
  readonly paces: LiveHz[]
}

/** A frame made less than this long ago still tells its age well enough to be sent to one more reader, milliseconds. */
const FRAME_REUSE_MS = 250

/**
 * The latest value of every key of every live channel, and who is fed by it (PROTOCOL M1–M5). Nothing is stored or queued:
 * a value that is replaced before it left is left out.
 *
 * 1. Values leave in rounds, those of each pace by themselves (`LiveRounds`). A value is encoded once, whatever paces it is
 *    read at; every reader of a channel and a pace gets the same bytes.
 * 2. A round is handed out in pieces (`flush`), so that a thousand readers never hold the loop for long; channels of one
 *    connection one after the other, so that it costs one write and not one per channel.
 * 3. A reader that is full gets nothing, not even the rest of a round; the keys are remembered, and a later round gives it their latest values.
 * 4. Of one key no reader gets an older value after a newer one: what a round took up is older than what the next will, and
 *    who joins within a round is not part of it.
 *
 * Times are a monotonic clock's milliseconds.
 */
export class LiveHub<F extends Sized> {
  readonly #options: LiveHubOptions<F>
  readonly #channels = new Map<ChannelName, LiveChannel<F>>()
  readonly #rounds = new Map<LiveHz, LiveRounds<F>>()
  #conflated = 0
  #withheld = 0

  constructor(options: LiveHubOptions<F>) {
    this.#options = options
  }

  /** Takes a value as the present one of its key. False when the channel has `LIMITS.maxLiveKeys` current keys without it. */
  put(name: ChannelName, put: LivePut, now: number): boolean {
    const { entries, paces } = this.#open(name)
    if (entries.size >= LIMITS.maxLiveKeys && !entries.has(put.key)) {
      forgetExpired(entries, now)
      if (entries.size >= LIMITS.maxLiveKeys) return false
    }
    entries.set(put.key, { put, takenAt: now, until: now + put.ttlMs, frame: null })
    // Who joins later begins with what is current then.
    for (const hz of paces) if (this.#roundsOf(hz).changed(name, put.key)) this.#conflated += 1
    return true
  }

  /** Takes every value of the channel away; readers stay, and are told nothing (M2). */
  clear(name: ChannelName): void {
    const channel = this.#channels.get(name)
    if (channel === undefined) return
    channel.entries.clear()
    for (const hz of channel.paces) this.#roundsOf(hz).clear(name)
    this.#dropIfEmpty(channel)
  }

  /** Takes one value away, which readers are told nothing of. */
  forget(name: ChannelName, key: string): void {
    const channel = this.#channels.get(name)
    if (channel === undefined) return
    channel.entries.delete(key)
    this.#dropIfEmpty(channel)
  }

  /**
   * The values that are current now; from here on the reader gets what changes. A null, which says that a key is over, is nothing
   * to begin with. Who takes them in pieces is full until they have all of them.
   */
  attach(name: ChannelName, reader: LiveReader<F>, now: number): LiveFill<F> {
    const channel = this.#open(name)
    forgetExpired(channel.entries, now)
    const hz = paceOf(reader.maxHz)
    if (!channel.paces.includes(hz)) channel.paces.push(hz)
    this.#roundsOf(hz).attach(name, reader)
    const waiting = [...channel.entries.values()].filter(({ put }) => put.value !== null).toReversed()
    const next = (at: number): F | null => {
      const held = waiting.pop()
      if (held === undefined) return null
      return this.#frameOf(name, held.put.key, at) ?? this.#frame(name, { ...held, until: at, frame: null }, at)
    }
    return { size: waiting.length, next }
  }

  detach(name: ChannelName, reader: LiveReader<F>): void {
    const channel = this.#channels.get(name)
    if (channel === undefined) return
    const hz = paceOf(reader.maxHz)
    const at = channel.paces.indexOf(hz)
    if (at !== -1 && this.#roundsOf(hz).detach(name, reader)) channel.paces.splice(at, 1)
    this.#dropIfEmpty(channel)
  }

  /** Whether anybody reads the channel. */
  isRead(name: ChannelName): boolean {
    return (this.#channels.get(name)?.paces.length ?? 0) > 0
  }

  /** Hands out at most `max` pieces of the round of this pace, taking up a new one when there is none. True when more is left. */
  flush(hz: LiveHz, now: number, max: number): boolean {
    return this.#roundsOf(hz).flush(now, max)
  }

  /** Forgets values whose time is over; called now and then, so that what fell silent does not stay. */
  sweep(now: number): void {
    for (const channel of this.#channels.values()) {
      forgetExpired(channel.entries, now)
      this.#dropIfEmpty(channel)
    }
  }

  counts(): LiveCounts {
    let keys = 0
    for (const { entries } of this.#channels.values()) keys += entries.size
    return { channels: this.#channels.size, keys, conflated: this.#conflated, withheld: this.#withheld }
  }

  #roundsOf(hz: LiveHz): LiveRounds<F> {
    const known = this.#rounds.get(hz)
    if (known !== undefined) return known
    const rounds = new LiveRounds<F>({
      frame: (name, key, now) => this.#frameOf(name, key, now),
      join: this.#options.join,
      schedule: () => this.#options.schedule(hz),
      withheld: (count) => (this.#withheld += count),
    })
    this.#rounds.set(hz, rounds)
    return rounds
  }

  #frameOf(name: ChannelName, key: string, now: number): F | null {
    const entry = this.#channels.get(name)?.entries.get(key)
    return entry === undefined || entry.until <= now ? null : this.#frame(name, entry, now)
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

  #open(name: ChannelName): LiveChannel<F> {
    const known = this.#channels.get(name)
    if (known !== undefined) return known
    const channel: LiveChannel<F> = { name, entries: new Map(), paces: [] }
    this.#channels.set(name, channel)
    return channel
  }

  #dropIfEmpty({ name, entries, paces }: LiveChannel<F>): void {
    if (paces.length === 0 && entries.size === 0) this.#channels.delete(name)
  }
}

function forgetExpired<F>(entries: Map<string, Entry<F>>, now: number): void {
  for (const [key, { until }] of entries) if (until <= now) entries.delete(key)
}
