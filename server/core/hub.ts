import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { Epoch } from '../../relay/protocol/ids.ts'
import type { ChannelTop, CommittedEvent } from '../ports/store.ts'

/** Events of one channel that leave in one piece: in offset order, without a gap. Shared by every reader, never changed. */
export interface Batch<F> {
  readonly channel: ChannelName
  /** Offset of the first event; the last one's is `first + frames.length - 1`. */
  readonly first: number
  readonly frames: readonly F[]
  /** All frames joined, once for everybody. */
  readonly joined: F
}

export interface Subscriber<F> {
  /** Called in offset order without a gap while attached. Must not throw and must not attach or detach others. */
  deliver(batch: Batch<F>): void
}

export interface HubOptions<F> {
  readonly encode: (event: CommittedEvent) => F
  readonly join: (frames: readonly F[]) => F
  readonly tops: readonly ChannelTop[]
  /** Frames of a channel kept to close the chase of a reader that is almost at the top. */
  readonly ringSize: number
  /** Told of each channel in which something begins to wait; the host calls `flush` soon. */
  readonly schedule: (channel: ChannelName) => void
}

interface HubChannel<F> {
  readonly name: ChannelName
  readonly epoch: Epoch
  /** Offset of the last event delivered to whoever is attached. */
  top: number
  /** The last frames, ending at `top`. */
  ring: F[]
  waiting: F[]
  readonly attached: Set<Subscriber<F>>
}

/**
 * What this process knows to be committed, and who is fed by it (DESIGN §5 "Subscription").
 *
 * 1. `publish` is called in commit order, after the commit.
 * 2. Events that are published between two flushes leave together: each is encoded once, each channel joined once, and every
 *    reader gets the same bytes. That is what a delivery costs next to nothing by.
 * 3. A subscriber is attached only at the top (or above it): its cursor equals the hub's, or the ring closes the gap in the
 *    same call. So between the last page a reader pulled and its first delivered event nothing is missed and nothing
 *    repeated (S7).
 */
export class Hub<F> {
  readonly #options: HubOptions<F>
  readonly #channels = new Map<ChannelName, HubChannel<F>>()
  #dirty: HubChannel<F>[] = []

  constructor(options: HubOptions<F>) {
    this.#options = options
    for (const { channel, epoch, top } of options.tops) this.#channels.set(channel, newChannel(channel, epoch, top))
  }

  publish(events: readonly CommittedEvent[]): void {
    for (const committed of events) {
      const channel = this.#open(committed.channel, committed.epoch)
      const expected = channel.top + channel.waiting.length + 1
      if (committed.event.offset !== expected) {
        throw new Error(`hub: ${committed.channel} expects offset ${expected}, got ${committed.event.offset}`)
      }
      channel.waiting.push(this.#options.encode(committed))
      if (channel.waiting.length > 1) continue
      this.#dirty.push(channel)
      this.#options.schedule(channel.name)
    }
  }

  /** Delivers what was published since the last time. */
  flush(): void {
    const dirty = this.#dirty
    this.#dirty = []
    for (const channel of dirty) {
      const frames = channel.waiting
      channel.waiting = []
      const batch: Batch<F> = {
        channel: channel.name,
        first: channel.top + 1,
        frames,
        joined: this.#options.join(frames),
      }
      channel.top += frames.length
      channel.ring = [...channel.ring, ...frames].slice(-this.#options.ringSize)
      for (const subscriber of channel.attached) subscriber.deliver(batch)
    }
  }

  /** The last delivered offset, 0 for a channel nobody wrote to; null when this epoch is not the channel's. */
  top(name: ChannelName, epoch: Epoch): number | null {
    const channel = this.#open(name, epoch)
    return channel.epoch === epoch ? channel.top : null
  }

  /**
   * Feeds the subscriber from `offset` on; false when it is too far behind and has to pull. A reader of the store may be
   * ahead of the hub by a commit whose news is still on its way: it is attached and drops what it has.
   */
  attach(
    name: ChannelName,
    at: { readonly epoch: Epoch; readonly offset: number },
    subscriber: Subscriber<F>,
  ): boolean {
    const channel = this.#open(name, at.epoch)
    const behind = channel.top - at.offset
    if (channel.epoch !== at.epoch || behind > channel.ring.length) return false
    if (behind > 0) {
      const frames = channel.ring.slice(-behind)
      subscriber.deliver({ channel: name, first: at.offset + 1, frames, joined: this.#options.join(frames) })
    }
    channel.attached.add(subscriber)
    return true
  }

  detach(name: ChannelName, subscriber: Subscriber<F>): void {
    this.#channels.get(name)?.attached.delete(subscriber)
  }

  /** A channel the store opened after the hub was started begins at 0 under the epoch its first reader or event names. */
  #open(name: ChannelName, epoch: Epoch): HubChannel<F> {
    const known = this.#channels.get(name)
    if (known !== undefined) return known
    const channel = newChannel<F>(name, epoch, 0)
    this.#channels.set(name, channel)
    return channel
  }
}

function newChannel<F>(name: ChannelName, epoch: Epoch, top: number): HubChannel<F> {
  return { name, epoch, top, ring: [], waiting: [], attached: new Set() }
}
