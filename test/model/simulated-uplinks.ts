/** The network of one simulated device: its links by whatever way, what stands in front of them, and who reads along. */
import type { Random, SocketEvents, SocketHandle } from '../../relay/ports.ts'
import type { Message } from '../../relay/protocol/binary.ts'
import type { ClientFrameOf } from '../../relay/protocol/frames.ts'
import type { Way } from '../../relay/protocol/ways.ts'
import type { Violate } from './ledger.ts'
import { Link } from './simulated-network.ts'
import type { SimulatedServer } from './simulated-server.ts'
import type { DeviceClock, SimulatedTime } from './simulated-time.ts'
import { UplinkWatch, type Watched } from './uplink-watch.ts'

export interface UplinksOptions {
  readonly time: SimulatedTime
  readonly server: SimulatedServer
  readonly violate: Violate
  readonly random: Random
}

/** The life of the relay that opens a link. */
export interface UplinkLife {
  readonly clock: DeviceClock
  readonly watched: Watched
  /** Lets it do what has become due, and nothing else. */
  readonly catchUp: () => void
}

/** What stands in front of new links: answers in place of the server, or lets them open and hands nothing on. */
export interface Obstacle {
  readonly ways: readonly Way[]
  readonly how: 'answered' | 'silent'
}
export const NO_OBSTACLE: Obstacle = { ways: [], how: 'silent' }

export class SimulatedUplinks {
  readonly #options: UplinksOptions
  network: 'on' | 'refusing' | 'dead' = 'on'
  obstacle: Obstacle = NO_OBSTACLE
  /** While a socket speaks that the relay has closed. */
  isOldSpeaking = false
  /** Of the link that the relay speaks by, or spoke by last. */
  watch: UplinkWatch | null = null
  /** How often the server lacked what the relay had sent before. */
  expects = 0
  /** Of this life, the ones it has left too: late words of theirs may still come. */
  readonly #links = new Set<Link>()
  readonly #left = new Set<Link>()
  #newest: Link | null = null
  #isReading = true
  /** What came by a trial before the relay heard that it was moved there (PROTOCOL N14). */
  #moved: (() => void) | null = null

  constructor(options: UplinksOptions) {
    this.#options = options
  }

  /** One that the relay holds; of two, either. */
  get link(): Link | null {
    const held = [...this.#links].filter((link) => link.isAlive && !this.#left.has(link))
    if (held.length < 2) return this.#newest
    return held[Math.floor(this.#options.random.next() * held.length)] ?? null
  }

  set isReading(isReading: boolean) {
    this.#isReading = isReading
    for (const link of this.#links) {
      if (isReading) link.flowDown()
      else link.stallDown()
    }
  }

  /** The relay's process is gone. `serverAfterMs` null: nobody tells the server. */
  died(serverAfterMs: number | null): void {
    for (const link of this.#links) link.relayDied(serverAfterMs)
    this.#links.clear()
    this.#left.clear()
    this.#newest = null
    this.#moved = null
    this.#isReading = true
  }

  open(way: Way, events: SocketEvents, life: UplinkLife): SocketHandle {
    const { time, random, violate } = this.#options
    const { clock } = life
    const slowest = random.next() < 0.2 ? 400 : 30
    const reading = this.#readAlong(life.watched)
    const link = new Link({
      way,
      time,
      latency: () => Math.floor(random.next() * slowest),
      events: {
        opened: () => events.opened(),
        received: (message) => this.#hear(link, life, () => events.received(message)),
        closed: (code, reason, refusal) =>
          void clock.after(0, () => this.#hear(link, life, () => events.closed(code, reason, refusal))),
      },
      sent: (message) => {
        if (this.isOldSpeaking) violate('an older socket was answered', { message })
        reading.sent(message)
      },
      heard: (message) => reading.heard(message),
    })
    this.#newest = link
    this.#links.add(link)
    if (!this.#isReading) link.stallDown()
    this.#reach(link, events, clock.after.bind(clock), Math.floor(random.next() * slowest))
    const handle = link.handle()
    const close = (code: number, reason: string): void => {
      this.#left.add(link)
      handle.close(code, reason)
    }
    return { ...handle, close }
  }

  #reach(link: Link, events: SocketEvents, after: DeviceClock['after'], ms: number): void {
    const { network, obstacle } = this
    const { server } = this.#options
    if (network === 'dead') return
    after(ms, () => {
      if (!link.isAlive) return undefined
      const isBlocked = obstacle.ways.includes(link.way)
      if (isBlocked && obstacle.how === 'answered') return link.refused('foreign-answer')
      if (network === 'refusing' || !server.isUp) return link.serverDied(0)
      events.opened()
      return isBlocked ? link.freeze() : server.accept(link)
    })
  }

  /** A trial is read over the shoulder of the link beside it, whose place it may take. */
  #readAlong(watched: Watched) {
    let watch: UplinkWatch | null = null
    let held: Message[] | null = null
    const greets = (message: Message): void => {
      if (typeof message !== 'string' || !message.startsWith('{"t":"hello"')) return
      const { trial } = JSON.parse(message) as ClientFrameOf<'hello'>
      if (trial !== true) {
        this.watch = watch = new UplinkWatch(watched, this.#options.violate)
        return
      }
      const beside = this.watch
      const waiting: Message[] = (held = [])
      watch = beside
      this.#moved = () => {
        held = null
        for (const each of waiting) beside?.heard(each)
      }
    }
    return {
      sent: (message: Message): void => {
        greets(message)
        watch?.sent(message)
      },
      heard: (message: Message): void => {
        if (typeof message === 'string' && message.startsWith('{"t":"expect"')) this.expects += 1
        if (held !== null) held.push(message)
        else if (message === '{"t":"taken"}') this.#moved?.()
        else watch?.heard(message)
      },
    }
  }

  /** What a socket says that the relay has closed must change nothing (R2). */
  #hear(link: Link, { catchUp }: UplinkLife, speak: () => void): void {
    const isOld = this.#left.has(link)
    // Any input brings along what has become due; an empty one before it leaves this one nothing but itself.
    if (isOld) catchUp()
    this.isOldSpeaking = isOld
    speak()
    this.isOldSpeaking = false
  }
}
