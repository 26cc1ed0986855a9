import type { ChannelName } from '../../relay/protocol/channels.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'

/** Frames, of which it is known how much they are. */
export interface Sized {
  readonly length: number
}

/** One reader of one channel. */
export interface LiveReader<F> {
  /** Readers of one group (a connection) are served one after the other, so that what they get leaves in one write. */
  readonly group: unknown
  /** How often it wants values at most, per second, 1 to `LIMITS.maxLiveHz`. */
  readonly maxHz: number
  /** Gets frames in the order of their making. Must not throw and must not attach or detach others. */
  deliver(joined: F): void
  /** True while so much waits for it that it gets nothing. */
  isFull(): boolean
}

/** Where rounds take frames from. */
export interface LiveFrames<F> {
  /** The current value of this key; null where there is none. Encoded once, whoever asks. */
  frame(channel: ChannelName, key: string, now: number): F | null
  readonly join: (frames: readonly F[]) => F
  /** Told when something begins to wait. */
  readonly schedule: () => void
  /** Told of a value that a full reader did not get. */
  readonly withheld: (count: number) => void
}

/** What readers of one pace have of one channel. */
interface Track<F> {
  readonly name: ChannelName
  /** Keys with a value that no round has taken up. */
  readonly changed: Set<string>
  readonly readers: Set<LiveReader<F>>
  /** Keys that a reader did not get because it was full. */
  readonly behind: Map<LiveReader<F>, Set<string>>
}

/** Values that leave together, at most `LIMITS.liveBufferBytes` of them or one that is larger. */
interface Piece<F> {
  readonly keys: readonly string[]
  readonly joined: F
}

/** One channel of a round: the same pieces for every reader that is not behind. */
interface Delivery<F> {
  readonly track: Track<F>
  readonly keys: readonly string[]
  readonly pieces: readonly Piece<F>[]
}

/** One channel of a round for one reader. */
interface Step<F> {
  readonly delivery: Delivery<F>
  readonly reader: LiveReader<F>
}

/**
 * All readers of one pace. A round takes up what changed since the last one, joins it once for each channel, and gives every
 * reader of the channel the same bytes, as many as it has room for; it is handed out step by step, channels of one connection one
 * after the other.
 */
export class LiveRounds<F extends Sized> {
  readonly #source: LiveFrames<F>
  readonly #tracks = new Map<ChannelName, Track<F>>()
  readonly #waiting = new Set<Track<F>>()
  #round: readonly Step<F>[] = []
  #next = 0

  constructor(source: LiveFrames<F>) {
    this.#source = source
  }

  /** A key of this channel has a new value. True where one that nobody got yet was replaced by it. */
  changed(name: ChannelName, key: string): boolean {
    const track = this.#tracks.get(name)
    if (track === undefined) return false
    const replaces = track.changed.has(key)
    track.changed.add(key)
    this.#await(track)
    return replaces
  }

  /** What was to be told of this channel is not there any more. */
  clear(name: ChannelName): void {
    const track = this.#tracks.get(name)
    track?.changed.clear()
    track?.behind.clear()
  }

  attach(name: ChannelName, reader: LiveReader<F>): void {
    let track = this.#tracks.get(name)
    if (track === undefined) {
      track = { name, changed: new Set(), readers: new Set(), behind: new Map() }
      this.#tracks.set(name, track)
    }
    track.readers.add(reader)
  }

  /** True where nobody of this pace reads the channel any more. */
  detach(name: ChannelName, reader: LiveReader<F>): boolean {
    const track = this.#tracks.get(name)
    if (track === undefined) return true
    track.readers.delete(reader)
    track.behind.delete(reader)
    if (track.readers.size > 0) return false
    this.#tracks.delete(name)
    this.#waiting.delete(track)
    return true
  }

  /** Hands out at most `max` pieces of the round, taking up a new one when there is none. True when more of it is left. */
  flush(now: number, max: number): boolean {
    if (this.#next >= this.#round.length) this.#takeUp(now)
    for (const { delivery, reader } of this.#round.slice(this.#next, this.#next + max)) {
      if (delivery.track.readers.has(reader)) this.#deliver(delivery, reader, now)
    }
    this.#next += max
    if (this.#next < this.#round.length) return true
    this.#round = []
    this.#next = 0
    // What changed meanwhile, and who was full, are the next round's.
    if (this.#waiting.size > 0) this.#source.schedule()
    return false
  }

  #takeUp(now: number): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    const byGroup = new Map<unknown, Step<F>[]>()
    for (const track of waiting) {
      const keys = [...track.changed]
      track.changed.clear()
      const pieces = [...this.#pieces(track.name, keys, now)]
      const delivery = { track, keys, pieces }
      for (const reader of pieces.length === 0 ? track.behind.keys() : track.readers) {
        const group = byGroup.get(reader.group)
        if (group === undefined) byGroup.set(reader.group, [{ delivery, reader }])
        else group.push({ delivery, reader })
      }
    }
    this.#round = [...byGroup.values()].flat()
    this.#next = 0
  }

  *#pieces(name: ChannelName, keys: readonly string[], now: number): Generator<Piece<F>> {
    let piece: { keys: string[]; frames: F[]; size: number } = { keys: [], frames: [], size: 0 }
    for (const key of keys) {
      const frame = this.#source.frame(name, key, now)
      if (frame === null) continue
      if (piece.size > 0 && piece.size + frame.length > LIMITS.liveBufferBytes) {
        yield { keys: piece.keys, joined: this.#source.join(piece.frames) }
        piece = { keys: [], frames: [], size: 0 }
      }
      piece.keys.push(key)
      piece.frames.push(frame)
      piece.size += frame.length
    }
    if (piece.frames.length > 0) yield { keys: piece.keys, joined: this.#source.join(piece.frames) }
  }

  #deliver({ track, keys, pieces }: Delivery<F>, reader: LiveReader<F>, now: number): void {
    const missed = track.behind.get(reader)
    if (missed === undefined) {
      for (const [index, { joined }] of pieces.entries()) {
        if (reader.isFull()) {
          const rest = pieces.slice(index).flatMap((piece) => piece.keys)
          track.behind.set(reader, new Set(rest))
          return this.#withhold(track, rest.length)
        }
        reader.deliver(joined)
      }
      return
    }
    for (const key of keys) missed.add(key)
    for (const piece of this.#pieces(track.name, [...missed], now)) {
      if (reader.isFull()) return this.#withhold(track, keys.filter((key) => missed.has(key)).length)
      reader.deliver(piece.joined)
      for (const key of piece.keys) missed.delete(key)
    }
    track.behind.delete(reader)
  }

  #withhold(track: Track<F>, count: number): void {
    this.#source.withheld(count)
    this.#await(track)
  }

  #await(track: Track<F>): void {
    if (this.#waiting.size === 0 && this.#round.length === 0) this.#source.schedule()
    this.#waiting.add(track)
  }
}
