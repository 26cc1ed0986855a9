import type { Channel } from '../../relay/protocol/channels.ts'
import type { Epoch } from '../../relay/protocol/ids.ts'
import type { LiveReader } from '../core/live-rounds.ts'
import type { SharedBytes } from './shared-bytes.ts'
import type { SubscriptionHost } from './subscription.ts'

/** Live channels have no life of their own to tell apart: nothing of them is stored, nothing is resumed. */
const NO_EPOCH = '0000000000000000' as Epoch

/** One live channel of one connection: what is current at once, then what changes (M1). No cursor, no pages, no credit. */
export class LiveSubscription implements LiveReader<SharedBytes> {
  readonly channel: Channel
  /** The heartbeat does not name live channels. */
  readonly written = null
  readonly maxHz: number
  readonly #host: SubscriptionHost
  #state: 'new' | 'attached' | 'ended' = 'new'

  constructor(channel: Channel, maxHz: number, host: SubscriptionHost) {
    this.channel = channel
    this.maxHz = maxHz
    this.#host = host
  }

  addCredit(): boolean {
    return true
  }

  /** Begins; afterwards the hub comes by itself when there is room again. */
  pump(): void {
    if (this.#state !== 'new') return
    this.#state = 'attached'
    const { live, presence, monotonic } = this.#host
    const { name, domain } = this.channel
    if (domain === 'presence') presence.read(this.channel, monotonic())
    const frames = live.attach(name, this, monotonic())
    const nowhere = { epoch: NO_EPOCH, offset: 0, id: null, top: 0 }
    this.#host.send({ t: 'subscribed', channel: name, ...nowhere, values: frames.length }, 'live')
    for (const frame of frames) this.#host.writer.write(frame, 'live')
  }

  deliver(joined: SharedBytes): void {
    this.#host.writer.write(joined, 'live')
  }

  /** Its connection. */
  get group(): SubscriptionHost {
    return this.#host
  }

  isFull(): boolean {
    return this.#host.writer.isBusy()
  }

  end(): void {
    this.#state = 'ended'
    this.#host.live.detach(this.channel.name, this)
  }
}
