import type { Channel } from '../../relay/protocol/channels.ts'
import type { Cursor, Epoch, EventId } from '../../relay/protocol/ids.ts'
import type { Lane } from '../../relay/protocol/lanes.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { ServerFrame, ServerFrameOf } from '../../relay/protocol/frames.ts'
import { unreachable } from '../../relay/protocol/rights.ts'
import type { Batch, Hub, Subscriber } from '../core/hub.ts'
import type { LiveHub } from '../core/live.ts'
import type { Presence } from '../core/presence.ts'
import type { StoreReader } from '../ports/store-reader.ts'
import type { UrgentPassage } from '../ports/urgent-passage.ts'
import type { Pulls } from './pulls.ts'
import type { SharedBytes } from './shared-bytes.ts'
import type { SharedReads, SnapshotPlace } from './shared-reads.ts'
import type { WriteLane, Writer } from './writer.ts'

/** How far a channel was written to a connection, and behind which offset event by event. */
export interface Written extends Pick<UrgentPassage, 'since' | 'start'> {
  readonly epoch: Epoch
  readonly offset: number
}

/** What the subscriptions of all connections share. */
export interface SubscriptionOptions {
  readonly store: StoreReader
  readonly reads: SharedReads
  readonly hub: Hub<SharedBytes>
  readonly live: LiveHub<SharedBytes>
  readonly presence: Pick<Presence, 'read'>
  /** Milliseconds of a clock that does not go back. */
  readonly monotonic: () => number
}

/** What a subscription needs from its connection. */
export interface SubscriptionHost {
  readonly options: SubscriptionOptions
  readonly pulls: Pulls
  /** Of the connection; while it is full nothing is pulled or pushed, while it is busy no live values. */
  readonly writer: Pick<Writer, 'write' | 'isFull' | 'isBusy'>
  send(frame: ServerFrame, lane: WriteLane): void
  failed(channel: Channel, cause: unknown): void
}

type Start =
  | { readonly kind: 'cursor'; readonly cursor: Cursor }
  | { readonly kind: 'snapshot' }
  | { readonly kind: 'start' }

type Phase =
  | { readonly kind: 'opening'; readonly start: Start }
  | ({ readonly kind: 'snapshotting' } & SnapshotPlace)
  | { readonly kind: 'chasing' }
  | typeof ATTACHED
  | { readonly kind: 'ended' }

/** One for all, so that a delivery compares and does not look. */
const ATTACHED = { kind: 'attached' } as const

/**
 * One channel of one connection: a cursor that pulls pages with credit until it stands at the hub's top, and is fed by the
 * hub from then on. A reader that falls behind is detached and pulls again; nothing is buffered for it.
 *
 *   opening ─▶ snapshotting ─▶ chasing ⇄ attached        any ─▶ ended
 */
export class Subscription implements Subscriber<SharedBytes> {
  readonly channel: Channel
  readonly #host: SubscriptionHost
  // What a delivery needs, held here: with thousands of readers each step to another object is a cache miss.
  readonly #writer: SubscriptionHost['writer']
  readonly #lane: Lane
  #phase: Phase
  #credit: number
  #isPulling = false
  #epoch = '' as Epoch
  #offset = 0
  /** Where this connection began to write event by event, and how that was reached. */
  #since = 0
  #start: Written['start'] = 'cursor'
  #id: EventId | null = null

  constructor(channel: Channel, request: { readonly start: Start; readonly credit: number }, host: SubscriptionHost) {
    this.channel = channel
    this.#host = host
    this.#writer = host.writer
    this.#lane = channel.lane
    this.#phase = { kind: 'opening', start: request.start }
    this.#credit = request.credit
  }

  /** The last offset written to this connection, for the heartbeat; null until the position is known. */
  get written(): Written | null {
    return this.#phase.kind === 'opening' || this.#phase.kind === 'snapshotting' || this.#phase.kind === 'ended'
      ? null
      : { epoch: this.#epoch, offset: this.#offset, since: this.#since, start: this.#start }
  }

  /** False when more was asked for than may be outstanding (S6). */
  addCredit(pages: number): boolean {
    if (this.#credit + pages > LIMITS.maxCredit) return false
    this.#credit += pages
    this.pump()
    return true
  }

  /** Goes on, if credit and room allow; safe to call at any time. */
  pump(): void {
    if (this.#isPulling || this.#phase.kind === 'ended' || this.#phase === ATTACHED || this.#writer.isFull()) return
    if (!this.#host.pulls.enter(this, this.#lane)) return
    this.#isPulling = true
    this.#pull().then(
      (isMore) => {
        this.#isPulling = false
        this.#host.pulls.leave()
        if (isMore) this.pump()
      },
      (cause: unknown) => {
        this.#isPulling = false
        this.#host.pulls.leave()
        this.#host.failed(this.channel, cause)
      },
    )
  }

  deliver(batch: Batch<SharedBytes>): void {
    const last = batch.first + batch.frames.length - 1
    if (last <= this.#offset) return
    if (batch.first === this.#offset + 1) this.#writer.write(batch.joined, this.#lane)
    else {
      // A page already brought the first of these.
      for (const frame of batch.frames.slice(this.#offset + 1 - batch.first)) this.#writer.write(frame, this.#lane)
    }
    this.#offset = last
    if (this.#phase === ATTACHED && this.#writer.isFull()) {
      this.#host.options.hub.detach(this.channel.name, this)
      this.#phase = { kind: 'chasing' }
    }
  }

  cutOff(): void {
    if (this.#phase !== ATTACHED) return
    this.#phase = { kind: 'chasing' }
    this.pump()
  }

  end(): void {
    this.#phase = { kind: 'ended' }
    this.#host.options.hub.detach(this.channel.name, this)
  }

  /** One step; true when another may follow at once. */
  async #pull(): Promise<boolean> {
    const phase = this.#phase
    switch (phase.kind) {
      case 'opening':
        return this.#open(phase.start)
      case 'snapshotting':
        return this.#credit > 0 && this.#snapshotPage(phase)
      case 'chasing':
        return this.#chase()
      case 'attached':
      case 'ended':
        return false
      default:
        return unreachable(phase)
    }
  }

  async #open(start: Start): Promise<boolean> {
    const { store } = this.#host.options
    const { name, lane } = this.channel
    if (start.kind === 'start') {
      const oldest = await store.oldest(name)
      if (this.#isEnded()) return false
      this.#moveTo(oldest, 'cursor')
      this.#host.send(
        { t: 'subscribed', channel: name, epoch: oldest.epoch, offset: oldest.offset, id: oldest.id, top: oldest.top },
        lane,
      )
      this.#phase = { kind: 'chasing' }
      return true
    }
    if (start.kind === 'cursor') {
      const resumed = await store.resume(name, start.cursor)
      if (this.#isEnded()) return false
      if (resumed.kind === 'resumed') {
        this.#moveTo(resumed, 'cursor')
        this.#host.send(
          {
            t: 'subscribed',
            channel: name,
            epoch: resumed.epoch,
            offset: resumed.offset,
            id: resumed.id,
            top: resumed.top,
          },
          lane,
        )
        this.#phase = { kind: 'chasing' }
        return true
      }
      this.#host.send({ t: 'reset', channel: name, reason: resumed.reason, lost: resumed.lost }, lane)
    }
    const from = await store.snapshotStart(name)
    if (this.#isEnded()) return false
    this.#moveTo(from, 'snapshot')
    this.#phase = { kind: 'snapshotting', page: 0, after: null }
    return true
  }

  async #snapshotPage(place: SnapshotPlace): Promise<boolean> {
    const from = { epoch: this.#epoch, offset: this.#offset, id: this.#id }
    const { bytes, next } = await this.#host.options.reads.snapshot(this.channel, from, place)
    if (this.#isEnded()) return false
    this.#writer.write(bytes, this.channel.lane)
    this.#phase = next === null ? { kind: 'chasing' } : { kind: 'snapshotting', page: place.page + 1, after: next }
    this.#credit -= 1
    return true
  }

  async #chase(): Promise<boolean> {
    const { store, reads, hub } = this.#host.options
    const { name, lane } = this.channel
    if (hub.attach(name, { epoch: this.#epoch, offset: this.#offset }, this)) {
      this.#phase = ATTACHED
      return false
    }
    if (this.#credit <= 0) return false
    const page = await reads.page(this.channel, { epoch: this.#epoch, offset: this.#offset })
    if (this.#isEnded()) return false
    if (page.gone) {
      // Retention or a restore overtook this reader: say so and start over.
      const oldest = await store.oldest(name)
      if (this.#isEnded()) return false
      this.#host.send({ t: 'reset', channel: name, ...overtaken(this.#epoch, this.#offset, oldest) }, lane)
      this.#phase = { kind: 'opening', start: { kind: 'snapshot' } }
      return true
    }
    // Nothing after the cursor: the next attempt attaches.
    if (page.bytes === null) return true
    this.#offset = page.last
    this.#credit -= 1
    this.#writer.write(page.bytes, lane)
    return true
  }

  #isEnded(): boolean {
    return this.#phase.kind === 'ended'
  }

  #moveTo(
    position: { readonly epoch: Epoch; readonly offset: number; readonly id: EventId | null },
    start: Written['start'],
  ): void {
    this.#since = position.offset
    this.#start = start
    this.#epoch = position.epoch
    this.#offset = position.offset
    this.#id = position.id
  }
}

/** Why a page after `offset` is gone, and what the reader will never get of it. */
function overtaken(
  epoch: Epoch,
  offset: number,
  oldest: Awaited<ReturnType<StoreReader['oldest']>>,
): Pick<ServerFrameOf<'reset'>, 'reason' | 'lost'> {
  if (oldest.epoch !== epoch) return { reason: 'unknown-epoch', lost: null }
  if (offset < oldest.offset) return { reason: 'expired', lost: { from: offset + 1, to: oldest.offset } }
  return { reason: 'ahead', lost: null }
}
