import { domainRow, isOfSite, parseChannel, URGENT_CHANNEL, type Channel } from '../../relay/protocol/channels.ts'
import { refuse, type ErrorCode } from '../../relay/protocol/errors.ts'
import type { ClientFrameOf, ServerFrame, ServerFrameOf } from '../../relay/protocol/frames.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { canRead, type Author, type Reader } from '../../relay/protocol/rights.ts'
import type { WriteLane } from './writer.ts'
import { LiveSubscription } from './live-subscription.ts'
import { Pulls } from './pulls.ts'
import { Subscription, type SubscriptionHost, type SubscriptionOptions } from './subscription.ts'

const URGENT_AREA = 'urgent'

/** What subscriptions need of their connection. */
export interface SubscribedConnection {
  readonly options: SubscriptionOptions
  readonly writer: SubscriptionHost['writer']
  send(frame: ServerFrame, lane: WriteLane): void
  refuse(code: ErrorCode, about: string, channel: string): void
  failed(event: string, cause: unknown, about: { readonly channel: string }): void
}

/** The areas that there are, and those of the device. */
export interface SubscribedAreas {
  readonly deviceAreas: readonly string[]
  readonly siteAreas: readonly string[]
}

/** The subscriptions of one connection, held to what its device and its person may read. */
export class Subscriptions implements SubscriptionHost {
  readonly #connection: SubscribedConnection
  readonly #deviceAreas: readonly string[]
  readonly #siteAreas: readonly string[]
  readonly pulls = new Pulls()
  /** Few, and looked at one by one as a rule: a map of one entry is 200 bytes for each connection. */
  #all: readonly (Subscription | LiveSubscription)[] = []
  #author: Author | null = null

  constructor(connection: SubscribedConnection, { deviceAreas, siteAreas }: SubscribedAreas) {
    this.#connection = connection
    this.#deviceAreas = deviceAreas
    this.#siteAreas = siteAreas
  }

  get options(): SubscriptionOptions {
    return this.#connection.options
  }
  get writer(): SubscriptionHost['writer'] {
    return this.#connection.writer
  }

  send(frame: ServerFrame, lane: WriteLane): void {
    this.#connection.send(frame, lane)
  }

  failed({ name }: Channel, cause: unknown): void {
    this.#connection.failed('subscription-failed', cause, { channel: name })
  }

  /** Who reads, with the rights of this moment. */
  get reader(): Reader {
    return { deviceAreas: this.#deviceAreas, author: this.#author }
  }

  isArea(name: string): boolean {
    return this.#siteAreas.includes(name)
  }

  get size(): number {
    return this.#all.length
  }

  subscribe({ channel: name, cursor, from, credit, maxHz = LIMITS.liveHz }: ClientFrameOf<'subscribe'>): void {
    const channel = parseChannel(name)
    if (channel === null || !this.#exists(channel)) return this.#unsubscribed(name, 'unknown-channel')
    if (this.#named(name) !== undefined) return this.#refuse('already-subscribed', name)
    if (this.#all.length >= LIMITS.maxSubscriptions) return this.#unsubscribed(name, 'too-many-subscriptions')
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
        ? new LiveSubscription(channel, maxHz, this)
        : new Subscription(channel, { start, credit }, this)
    // No room for more to come, as spreading would leave.
    this.#all = this.#all.concat(subscription)
    return subscription.pump()
  }

  credit({ channel, pages }: ClientFrameOf<'credit'>): void {
    const subscription = this.#named(channel)
    // A credit that crossed the end of its subscription is nobody's mistake.
    if (subscription !== undefined && !subscription.addCredit(pages)) this.#refuse('bad-credit', channel)
  }

  unsubscribe({ channel }: ClientFrameOf<'unsubscribe'>): void {
    const subscription = this.#named(channel)
    if (subscription === undefined) return this.#refuse('not-subscribed', channel)
    this.#end(subscription)
    return this.send({ t: 'unsubscribed', channel }, endLane(subscription.channel))
  }

  /** The person changed: what may no longer be read ends with a reason, the rest goes on untouched (A3). */
  setAuthor(author: Author | null): void {
    this.#author = author
    for (const subscription of this.#all) {
      const refusal = this.#refusal(subscription.channel)
      if (refusal === null) continue
      this.#end(subscription)
      this.#unsubscribed(subscription.channel.name, refusal, endLane(subscription.channel))
    }
  }

  positions(): ServerFrameOf<'pong'>['channels'] {
    const positions: ServerFrameOf<'pong'>['channels'] = {}
    for (const { channel, written } of this.#all) {
      const { name } = channel
      if (written === null) continue
      const top = this.options.hub.top(name, written.epoch)
      positions[name] = { epoch: written.epoch, written: written.offset, top: Math.max(written.offset, top ?? 0) }
    }
    return positions
  }

  /** How far the urgent channel was written to this connection; null while it is not subscribed or being snapshotted. */
  writtenUrgent(): Subscription['written'] {
    return this.#named(URGENT_CHANNEL)?.written ?? null
  }

  pump(): void {
    for (const subscription of this.#all) if (subscription.channel.lane === 'urgent') subscription.pump()
    for (const subscription of this.#all) if (subscription.channel.lane !== 'urgent') subscription.pump()
  }

  end(): void {
    for (const subscription of this.#all) subscription.end()
    this.#all = []
  }

  #named(name: string): Subscription | LiveSubscription | undefined {
    return this.#all.find(({ channel }) => channel.name === name)
  }

  #refuse(code: ErrorCode, channel: string): void {
    this.#connection.refuse(code, 'subscribe', channel)
  }

  #end(subscription: Subscription | LiveSubscription): void {
    subscription.end()
    this.#all = this.#all.filter((other) => other !== subscription)
  }

  #exists(channel: Channel): boolean {
    const { readers } = domainRow(channel)
    if (readers === 'owner' || channel.name === URGENT_CHANNEL || isOfSite(channel)) return true
    // No area is called like the channel that is everybody's.
    return channel.area !== URGENT_AREA && this.isArea(channel.area)
  }

  #refusal(channel: Channel): 'sign-in-needed' | 'forbidden' | null {
    if (canRead(this.reader, channel)) return null
    return this.#author === null ? 'sign-in-needed' : 'forbidden'
  }

  #unsubscribed(channel: string, code: ErrorCode, lane: WriteLane = 'normal'): void {
    this.send({ t: 'unsubscribed', channel, code, message: refuse(code).message }, lane)
  }
}

/** Behind what was written of it in the same tick. */
function endLane({ kind }: Channel): WriteLane {
  return kind === 'live' ? 'live' : 'normal'
}
