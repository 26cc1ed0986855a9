import { LIMITS } from '../../../relay/protocol/limits.ts'
import { liveIn, sayingText, waitingTexts, type Kind, type LiveText, type Says } from './live-texts.ts'
import { BEAT_MS, DEAF_MS, RedisBus } from './redis-bus.ts'
import type { LiveHearer, LiveNodeCounts, LiveNodes, SeatNews, SignalNews, ValueNews } from '../../ports/live-nodes.ts'

export interface RedisLiveOptions {
  readonly url: string
  /** Of the floor: two floors on one Redis do not hear each other. */
  readonly floor: string
  /** Of this process, another one each time. */
  readonly node: string
  readonly monotonic: () => number
  /** Server time, epoch milliseconds. */
  readonly wall: () => number
}

/** How often what is new leaves, milliseconds: as often as a device may say something (PROTOCOL M8). */
const ROUND_MS = 50
/** Messages of one round and kind: some MB. */
const MAX_TEXTS = 32
/** Bytes that wait unwritten for Redis: beyond it the rest waits here, where a later value takes the place of an earlier one. */
const MAX_UNWRITTEN = 256 * 1024
/** What waits of each kind. Values and signals are bounded by the site, members by rooms; only one that is beyond all of them is dropped. */
const MAX_WAITING: Readonly<Record<Kind, number>> = {
  seats: 64 * LIMITS.maxMembers,
  signals: 10 * LIMITS.maxLiveKeys,
  values: LIMITS.maxSignals,
}
/** Nodes of a floor that are told apart; what comes of more of them is refused. */
const MAX_NODES = 64

/** Live values, signals and members by Redis Pub/Sub, over connections of their own: no hint of an alert waits behind them (P3). */
export function openRedisLive(options: RedisLiveOptions): LiveNodes {
  return new RedisLive(options)
}

class RedisLive implements LiveNodes {
  readonly #options: RedisLiveOptions
  readonly #bus: RedisBus
  /** Of each key the last that was said, in the order in which they are to leave. */
  readonly #waiting: Readonly<Record<Kind, Map<string, unknown>>> = {
    seats: new Map(),
    signals: new Map(),
    values: new Map(),
  }
  /** Nodes that are heard: when last, and since when it tells of all its members. */
  readonly #nodes = new Map<string, { heardAt: number; listsSince: number | null }>()
  readonly #judging: NodeJS.Timeout
  #round: NodeJS.Timeout | null = null
  #hearer: LiveHearer | null = null
  /** All members were told to be told again, and not all of them have left. */
  #isListing = false
  #told = 0
  #heard = 0
  #conflated = 0
  #dropped = 0
  #refused = 0

  constructor(options: RedisLiveOptions) {
    const { url, floor, node, monotonic } = options
    this.#options = options
    this.#bus = new RedisBus({
      url,
      name: `andon:${floor}:live`,
      beat: sayingText(node, 0),
      monotonic,
      received: (text) => this.#received(text),
      changed: (isHearing) => this.#changed(isHearing),
    })
    this.#judging = setInterval(() => this.#judge(), BEAT_MS)
    this.#judging.unref()
  }

  hear(hearer: LiveHearer): void {
    this.#hearer = hearer
    if (this.#bus.isHearing) this.#changed(true)
  }

  tellValue(value: ValueNews): void {
    this.#tell('values', `${value.area} ${value.machine} ${value.signal}`, value)
  }

  tellSignal(signal: SignalNews): void {
    this.#tell('signals', `${signal.channel} ${signal.device} ${signal.key}`, signal)
  }

  tellSeat(seat: SeatNews): void {
    this.#tell('seats', `${seat.channel} ${seat.device}`, seat)
  }

  counts(): LiveNodeCounts {
    return {
      isHearing: this.#bus.isHearing,
      nodes: this.#nodes.size,
      told: this.#told,
      heard: this.#heard,
      conflated: this.#conflated,
      dropped: this.#dropped,
      refused: this.#refused,
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#judging)
    if (this.#round !== null) clearTimeout(this.#round)
    this.#hearer = null
    if (this.#bus.waitingBytes !== null) await this.#say('stops')
    this.#bus.close()
  }

  #tell(kind: Kind, key: string, news: unknown): void {
    const waiting = this.#waiting[kind]
    // Nobody hears it: what is still so is told again, or measured again, once somebody does.
    if (!this.#bus.isHearing) return
    if (waiting.has(key)) this.#conflated += 1
    else if (waiting.size >= MAX_WAITING[kind]) return void (this.#dropped += 1)
    waiting.set(key, news)
    this.#round ??= setTimeout(() => this.#leave(), ROUND_MS)
  }

  /** One round: who is where first, then what they say, then values. */
  #leave(): void {
    this.#round = null
    const { node, wall } = this.#options
    const { waitingBytes } = this.#bus
    if (!this.#bus.isHearing) return
    if (waitingBytes !== null && waitingBytes <= MAX_UNWRITTEN) {
      const before = this.#size()
      const settings = { node, wall: wall(), max: MAX_TEXTS }
      const texts = (['seats', 'signals', 'values'] as const).flatMap((kind) => [
        ...waitingTexts(kind, this.#waiting[kind], settings),
      ])
      this.#told += before - this.#size()
      if (this.#isListing && this.#waiting.seats.size === 0) {
        this.#isListing = false
        texts.push(sayingText(node, wall(), 'ends'))
      }
      // A connection that ends is noticed, and all is told again behind the next one.
      this.#bus.tell(texts).catch(() => undefined)
    }
    if (this.#size() > 0) this.#round = setTimeout(() => this.#leave(), ROUND_MS)
  }

  #size(): number {
    const { seats, signals, values } = this.#waiting
    return seats.size + signals.size + values.size
  }

  #received(text: string): boolean {
    const live = liveIn(this.#options.node, text)
    if (live === null) this.#refused += 1
    else if (live !== 'own') this.#take(live)
    return live === 'own'
  }

  #take({ node: name, wall, says, seats = [], signals = [], values = [] }: LiveText): void {
    const now = this.#options.monotonic()
    const hearer = this.#hearer
    if (hearer === null) return
    const node = this.#nodes.get(name) ?? { heardAt: now, listsSince: null }
    if (!this.#nodes.has(name) && (says === 'stops' || this.#nodes.size >= MAX_NODES)) return void (this.#refused += 1)
    this.#nodes.set(name, node)
    node.heardAt = now
    this.#heard += seats.length + signals.length + values.length
    if (seats.length > 0) hearer.seats(name, seats)
    if (signals.length > 0) hearer.signals(signals)
    // A clock that is behind ours makes nothing younger than it is.
    if (values.length > 0) hearer.values(values, Math.max(0, this.#options.wall() - wall))
    if (says === 'asks') this.#list()
    if (says === 'begins') node.listsSince = now
    if (says === 'ends' && node.listsSince !== null) {
      hearer.listed(name, node.listsSince)
      node.listsSince = null
    }
    if (says === 'stops') this.#lose(name, now)
  }

  #changed(isHearing: boolean): void {
    for (const waiting of Object.values(this.#waiting)) waiting.clear()
    this.#isListing = false
    // As long as this node was deaf it cannot say who else was silent.
    for (const node of this.#nodes.values()) node.heardAt = this.#options.monotonic()
    this.#hearer?.hearing(isHearing)
    if (!isHearing) return
    void this.#say('asks')
    this.#list()
  }

  /** Tells the others of all members. */
  #list(): void {
    if (!this.#bus.isHearing || this.#hearer === null) return
    this.#isListing = true
    void this.#say('begins')
    for (const seat of this.#hearer.members()) this.tellSeat(seat)
    this.#round ??= setTimeout(() => this.#leave(), ROUND_MS)
  }

  async #say(says: Says): Promise<void> {
    const { node, wall } = this.#options
    await this.#bus.tell([sayingText(node, wall(), says)]).catch(() => undefined)
  }

  #judge(): void {
    if (!this.#bus.isHearing) return
    const now = this.#options.monotonic()
    for (const [name, { heardAt }] of this.#nodes) if (now - heardAt >= DEAF_MS) this.#lose(name, heardAt)
  }

  #lose(name: string, heardAt: number): void {
    this.#nodes.delete(name)
    this.#hearer?.lost(name, heardAt)
  }
}
