import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { Epoch } from '../../relay/protocol/ids.ts'
import type { ChannelTop } from '../ports/store-reader.ts'
import type { CommittedEvent } from '../ports/submission.ts'

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
  /** Called in offset order without a gap while attached. Must not attach or detach others. */
  deliver(batch: Batch<F>): void
  /** Nobody is attached any more, for something is missing here: pull from the store, which has it. Must not throw. */
  cutOff(): void
}

export interface HubOptions<F> {
  readonly encode: (event: CommittedEvent) => F
  readonly join: (frames: readonly F[]) => F
  /**
   * Makes another form of frames that are about to leave, as many, for everybody; false where they leave as they are. Until
   * `ready`, which comes later and once, their channel waits, and no other. Must not throw.
   */
  readonly prepare?: Prepare<F>
  readonly tops: readonly ChannelTop[]
  /** Frames of a channel kept to close the chase of a reader that is almost at the top. */
  readonly ringSize: number
  /** Told of each channel in which something begins to wait; the host calls `flush` soon. */
  readonly schedule: (channel: ChannelName) => void
  /**
   * Told of a channel of which something was committed that is not here: by another node, or by this one before the news of
   * another. Whoever is told reads what is behind `position` and publishes it. Must not throw.
   */
  readonly behind: (channel: ChannelName) => void
  /** Told of each channel that was loaded anew (U1): nobody lost anything, and yet it is a bug or the end of an epoch. */
  readonly reloaded: (channel: ChannelName, why: unknown) => void
}

export type Prepare<F> = (
  channel: ChannelName,
  frames: readonly F[],
  ready: (prepared: readonly F[]) => void,
) => boolean

/** Frames of one channel that wait while others of it are prepared; with more than that all of them leave as they are. */
const MAX_PREPARING = 64

interface HubChannel<F> {
  readonly name: ChannelName
  epoch: Epoch
  /** Offset of the last event delivered to whoever is attached. */
  top: number
  /** The last frames, ending at `top`. */
  ring: F[]
  waiting: F[]
  /** While the first of what waits is prepared. */
  preparing: object | null
  readonly attached: Set<Subscriber<F>>
}

/**
 * What this process knows to be committed, and who is fed by it (ARCHITECTURE, "Down").
 *
 * 1. What is published is committed. Of one channel, what follows on what is here is taken; what was here before is heard and
 *    left; what is ahead of it waits in the store until what is missing between was read (`behind`). So whoever publishes may
 *    be early, late, or say the same twice, and no reader sees a gap or a repeat (U1, U4).
 * 2. Events that are published between two flushes leave together: each is encoded once, each channel joined once, and every
 *    reader gets the same bytes. That is what a delivery costs next to nothing by.
 * 3. A subscriber is attached only at the top (or above it): its cursor equals the hub's, or the ring closes the gap in the
 *    same call. So between the last page a reader pulled and its first delivered event nothing is missed and nothing
 *    repeated (S7).
 * 4. Frames that are prepared for everybody hold up what is behind them in their channel, up to a bound, and nothing else.
 * 5. A channel that cannot go on — its epoch ended, or a subscriber threw — stops nothing: it stands where the store does, and
 *    whoever was attached pulls what is missing (U1).
 */
export class Hub<F> {
  readonly #options: HubOptions<F>
  readonly #channels = new Map<ChannelName, HubChannel<F>>()
  #dirty: HubChannel<F>[] = []

  constructor(options: HubOptions<F>) {
    this.#options = options
    for (const { channel, epoch, top } of options.tops) this.#channels.set(channel, newChannel(channel, epoch, top))
  }

  /** Takes what follows on what is here, and answers which that is: each event of a channel once, in offset order. */
  publish(events: readonly CommittedEvent[]): readonly CommittedEvent[] {
    const taken = events.filter((committed) => this.#take(committed))
    return taken.length === events.length ? events : taken
  }

  #take(committed: CommittedEvent): boolean {
    const { epoch, event } = committed
    const channel = this.#open(committed.channel, epoch)
    const next = channel.top + channel.waiting.length + 1
    if (epoch === channel.epoch && event.offset < next) return false
    if (epoch !== channel.epoch || event.offset > next) {
      this.#options.behind(channel.name)
      return false
    }
    channel.waiting.push(this.#options.encode(committed))
    if (channel.preparing !== null && channel.waiting.length > MAX_PREPARING) this.#unprepared(channel)
    else if (channel.waiting.length === 1) this.#dirtied(channel)
    return true
  }

  #dirtied(channel: HubChannel<F>): void {
    this.#dirty.push(channel)
    this.#options.schedule(channel.name)
  }

  /** Nobody waits for it any longer. */
  #unprepared(channel: HubChannel<F>): void {
    channel.preparing = null
    this.#dirtied(channel)
  }

  /** Delivers what was published since the last time. */
  flush(): void {
    const dirty = this.#dirty
    this.#dirty = []
    for (const channel of dirty) {
      const frames = channel.waiting
      if (frames.length === 0 || channel.preparing !== null) continue
      if (frames.length > MAX_PREPARING || !this.#prepares(channel, frames)) this.#deliver(channel, frames)
    }
  }

  #prepares(channel: HubChannel<F>, frames: readonly F[]): boolean {
    const token = {}
    const ready = (prepared: readonly F[]): void => {
      if (channel.preparing !== token) return
      channel.preparing = null
      this.#deliver(channel, prepared)
      if (channel.waiting.length > 0) this.#dirtied(channel)
    }
    const isPreparing = this.#options.prepare?.(channel.name, frames, ready) ?? false
    if (isPreparing) channel.preparing = token
    return isPreparing
  }

  /** The first of what waits, in this form. */
  #deliver(channel: HubChannel<F>, frames: readonly F[]): void {
    channel.waiting = channel.waiting.slice(frames.length)
    const batch: Batch<F> = {
      channel: channel.name,
      first: channel.top + 1,
      frames,
      joined: this.#options.join(frames),
    }
    channel.top += frames.length
    channel.ring = [...channel.ring, ...frames].slice(-this.#options.ringSize)
    try {
      for (const subscriber of channel.attached) subscriber.deliver(batch)
    } catch (cause) {
      this.#reload(channel, channel, cause)
    }
  }

  /** Of these channels, as the store has them, those of which it has more than was published here. */
  behind(tops: readonly ChannelTop[]): readonly ChannelTop[] {
    return tops.filter(({ channel, epoch, top }) => {
      const here = this.#open(channel, epoch)
      return here.epoch !== epoch || here.top + here.waiting.length < top
    })
  }

  /** The last event that was published here, of a channel that was named before: by `behind`, either one, or by an event. */
  position(name: ChannelName): { readonly epoch: Epoch; readonly offset: number } {
    const channel = this.#channels.get(name)
    if (channel === undefined) throw new Error(`nobody has named ${name}`)
    return { epoch: channel.epoch, offset: channel.top + channel.waiting.length }
  }

  /** The channel stands where the store does, and whoever was attached pulls what it did not get. */
  reload({ channel: name, epoch, top }: ChannelTop, why: unknown): void {
    this.#reload(this.#open(name, epoch), { epoch, top }, why)
  }

  #reload(channel: HubChannel<F>, to: { readonly epoch: Epoch; readonly top: number }, why: unknown): void {
    Object.assign(channel, { epoch: to.epoch, top: to.top, ring: [], waiting: [], preparing: null })
    const attached = [...channel.attached]
    channel.attached.clear()
    this.#options.reloaded(channel.name, why)
    for (const subscriber of attached) subscriber.cutOff()
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
  return { name, epoch, top, ring: [], waiting: [], preparing: null, attached: new Set() }
}
