import { domainRow, parseChannel, URGENT_CHANNEL, type Channel } from '../../relay/protocol/channels.ts'
import { refuse, type ErrorCode } from '../../relay/protocol/errors.ts'
import type { ClientFrameOf, ServerFrameOf } from '../../relay/protocol/frames.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { canRead, type Author, type Reader } from '../../relay/protocol/rights.ts'
import type { WriteLane } from './writer.ts'
import { LiveSubscription } from './live-subscription.ts'
import { Subscription, type SubscriptionHost } from './subscription.ts'

const URGENT_AREA = 'urgent'

export interface SubscriptionsOptions {
  readonly deviceAreas: readonly string[]
  readonly siteAreas: readonly string[]
  readonly refuse: (code: ErrorCode, channel: string) => void
}

/** The subscriptions of one connection, held to what its device and its person may read. */
export class Subscriptions {
  readonly #host: SubscriptionHost
  readonly #options: SubscriptionsOptions
  readonly #all = new Map<string, Subscription | LiveSubscription>()
  #author: Author | null = null

  constructor(host: SubscriptionHost, options: SubscriptionsOptions) {
    this.#host = host
    this.#options = options
  }

  /** Who reads, with the rights of this moment. */
  get reader(): Reader {
    return { deviceAreas: this.#options.deviceAreas, author: this.#author }
  }

  isArea(name: string): boolean {
    return this.#options.siteAreas.includes(name)
  }

  get size(): number {
    return this.#all.size
  }

  subscribe({ channel: name, cursor, from, credit, maxHz = LIMITS.liveHz }: ClientFrameOf<'subscribe'>): void {
    const channel = parseChannel(name)
    if (channel === null || !this.#exists(channel)) return this.#unsubscribed(name, 'unknown-channel')
    if (this.#all.has(name)) return this.#options.refuse('already-subscribed', name)
    if (this.#all.size >= LIMITS.maxSubscriptions) return this.#unsubscribed(name, 'too-many-subscriptions')
    const refusal = this.#refusal(channel)
    if (refusal !== null) return this.#unsubscribed(name, refusal)
    if (from === 'start' && channel.kind !== 'log') return this.#unsubscribed(name, 'not-a-log')
    const start =
      from === 'start'
        ? { kind: 'start' as const }
        : cursor === undefined
          ? { kind: 'snapshot' as const }
          : { kind: 'cursor' as const, cursor }
    const subscription =
      channel.kind === 'live'
        ? new LiveSubscription(channel, maxHz, this.#host)
        : new Subscription(channel, { start, credit }, this.#host)
    this.#all.set(name, subscription)
    return subscription.pump()
  }

  credit({ channel, pages }: ClientFrameOf<'credit'>): void {
    const subscription = this.#all.get(channel)
    // A credit that crossed the end of its subscription is nobody's mistake.
    if (subscription !== undefined && !subscription.addCredit(pages)) this.#options.refuse('bad-credit', channel)
  }

  unsubscribe({ channel }: ClientFrameOf<'unsubscribe'>): void {
    const subscription = this.#all.get(channel)
    if (subscription === undefined) return this.#options.refuse('not-subscribed', channel)
    this.#end(subscription)
    return this.#host.send({ t: 'unsubscribed', channel }, endLane(subscription.channel))
  }

  /** The person changed: what may no longer be read ends with a reason, the rest goes on untouched (A3). */
  setAuthor(author: Author | null): void {
    this.#author = author
    for (const subscription of this.#all.values()) {
      const refusal = this.#refusal(subscription.channel)
      if (refusal === null) continue
      this.#end(subscription)
      this.#unsubscribed(subscription.channel.name, refusal, endLane(subscription.channel))
    }
  }

  positions(): ServerFrameOf<'pong'>['channels'] {
    const positions: ServerFrameOf<'pong'>['channels'] = {}
    for (const [name, subscription] of this.#all) {
      const written = subscription.written
      if (written === null) continue
      const top = this.#host.hub.top(subscription.channel.name, written.epoch)
      positions[name] = { epoch: written.epoch, written: written.offset, top: Math.max(written.offset, top ?? 0) }
    }
    return positions
  }

  /** How far the urgent channel was written to this connection; null while it is not subscribed or being snapshotted. */
  writtenUrgent(): Subscription['written'] {
    return this.#all.get(URGENT_CHANNEL)?.written ?? null
  }

  pump(): void {
    for (const subscription of this.#all.values()) if (subscription.channel.lane === 'urgent') subscription.pump()
    for (const subscription of this.#all.values()) if (subscription.channel.lane !== 'urgent') subscription.pump()
  }

  end(): void {
    for (const subscription of this.#all.values()) subscription.end()
    this.#all.clear()
  }

  #end(subscription: Subscription | LiveSubscription): void {
    subscription.end()
    this.#all.delete(subscription.channel.name)
  }

  #exists(channel: Channel): boolean {
    const { readers } = domainRow(channel)
    if (readers === 'owner' || channel.name === URGENT_CHANNEL) return true
    // No area is called like the channel that is everybody's.
    return channel.area !== URGENT_AREA && this.isArea(channel.area)
  }

  #refusal(channel: Channel): 'sign-in-needed' | 'forbidden' | null {
    if (canRead(this.reader, channel)) return null
    return this.#author === null ? 'sign-in-needed' : 'forbidden'
  }

  #unsubscribed(channel: string, code: ErrorCode, lane: WriteLane = 'normal'): void {
    this.#host.send({ t: 'unsubscribed', channel, code, message: refuse(code).message }, lane)
  }
}

/** Behind what was written of it in the same tick. */
function endLane({ kind }: Channel): WriteLane {
  return kind === 'live' ? 'live' : 'normal'
}
