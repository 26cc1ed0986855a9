import type { Channel } from '../../relay/protocol/channels.ts'
import type { Epoch } from '../../relay/protocol/ids.ts'
import type { LiveFill } from '../core/live.ts'
import type { LiveReader } from '../core/live-rounds.ts'
import type { SharedBytes } from './shared-bytes.ts'
import type { SubscriptionHost } from './subscription.ts'

/** Live channels have no life of their own to tell apart: nothing of them is stored, nothing is resumed. */
const NO_EPOCH = '0000000000000000' as Epoch

/**
 * One live channel of one connection: what is current, as fast as there is room for it, then what changes (M1). No cursor, no
 * pages, no credit.
 *
 *   new ─▶ filling ─▶ attached        any ─▶ ended
 */
export class LiveSubscription implements LiveReader<SharedBytes> {
  readonly channel: Channel
  /** The heartbeat does not name live channels. */
  readonly written = null
  readonly maxHz: number
  readonly #host: SubscriptionHost
  #state:
    | { readonly kind: 'new' | 'attached' | 'ended' }
    | { readonly kind: 'filling'; readonly fill: LiveFill<SharedBytes> } = { kind: 'new' }

  constructor(channel: Channel, maxHz: number, host: SubscriptionHost) {
    this.channel = channel
    this.maxHz = maxHz
    this.#host = host
  }

  addCredit(): boolean {
    return true
  }

  /** Begins, or goes on with what it begins with; afterwards the hub comes by itself when there is room again. */
  pump(): void {
    if (this.#state.kind === 'new') this.#begin()
    if (this.#state.kind !== 'filling') return
    const { fill } = this.#state
    const { writer, options } = this.#host
    while (!writer.isFull()) {
      const frame = fill.next(options.monotonic())
      if (frame === null) {
        this.#state = { kind: 'attached' }
        return
      }
      writer.write(frame, 'live')
    }
  }

  #begin(): void {
    const { live, presence, monotonic } = this.#host.options
    const { name, domain } = this.channel
    if (domain === 'presence') presence.read(this.channel, monotonic())
    const fill = live.attach(name, this, monotonic())
    this.#state = { kind: 'filling', fill }
    const nowhere = { epoch: NO_EPOCH, offset: 0, id: null, top: 0 }
    this.#host.send({ t: 'subscribed', channel: name, ...nowhere, values: fill.size }, 'live')
  }

  deliver(joined: SharedBytes): void {
    this.#host.writer.write(joined, 'live')
  }

  /** Its connection. */
  get group(): SubscriptionHost {
    return this.#host
  }

  /** What changes comes behind all that it begins with. */
  isFull(): boolean {
    return this.#state.kind === 'filling' || this.#host.writer.isBusy()
  }

  end(): void {
    this.#state = { kind: 'ended' }
    this.#host.options.live.detach(this.channel.name, this)
  }
}
