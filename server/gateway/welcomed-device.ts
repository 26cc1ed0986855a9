import { CLOSE, type CloseRow } from '../../relay/protocol/close-codes.ts'
import type { ErrorCode } from '../../relay/protocol/errors.ts'
import type { ClientFrame, ClientFrameOf, ServerFrame } from '../../relay/protocol/frames.ts'
import type { SessionId } from '../../relay/protocol/ids.ts'
import { leaseMs } from '../../relay/protocol/heartbeats.ts'
import { unreachable, type Author } from '../../relay/protocol/rights.ts'
import type { Leaving } from '../core/presence-seats.ts'
import type { SessionEnd } from '../ports/sessions.ts'
import type { DeviceRow } from '../ports/site.ts'
import { CommandLanes, type CommandLanesOptions } from './command-lanes.ts'
import type { ConnectionOptions } from './connection-options.ts'
import { DeviceEvidence } from './device-evidence.ts'
import type { FrameOrigin } from './frame-end.ts'
import type { Accepted } from './greeting.ts'
import { KnownSessions } from './known-sessions.ts'
import type { PacedDevice } from './pace.ts'
import type { Pauses } from './pauses.ts'
import { Person, type PersonHost } from './person.ts'
import { ReceiptIntake } from './receipt-intake.ts'
import { Subscriptions } from './subscriptions.ts'
import { Rooms } from './rooms.ts'
import { Turnstile, type TurnstileHost } from './turnstile.ts'
import type { Writer, WriteLane } from './writer.ts'

/** How often the store is told that a device is still here, milliseconds. */
const SEEN_MS = 24 * 3_600_000
/** How long nothing is read of a device that sends on although it was told to wait, milliseconds: its heartbeats stand behind it. */
const DEAF_MS = 1_000

/** What a welcomed device needs of its connection. */
export interface DeviceConnection {
  readonly options: ConnectionOptions
  readonly origin: FrameOrigin
  readonly writer: Writer
  readonly pauses: Pauses
  send(frame: ServerFrame, lane?: WriteLane): void
  refuse(code: ErrorCode, about?: string, channel?: string): void
  close(row: CloseRow): void
  /** An answer will never come. */
  failed(event: string, cause: unknown, about?: { readonly frame?: string; readonly channel?: string }): void
  /** Somebody is signed in, or a command took effect. */
  used(): void
  /** Goes on by the trial of this name (N14). */
  take(trial: string): Promise<void>
}

/** The parts that serve a device from its `welcome` to its end, and which frame goes to which of them. */
export class WelcomedDevice implements PersonHost, TurnstileHost {
  readonly device: DeviceRow
  readonly subscriptions: Subscriptions
  readonly #connection: DeviceConnection
  readonly #person: Person
  readonly #outbox: Outbox
  // Made when they are needed: most connections only listen.
  #sessions: KnownSessions | null = null
  #evidence: DeviceEvidence | null = null
  #lanes: CommandLanes | null = null
  #receipts: ReceiptIntake | null = null
  #rooms: Rooms | null = null
  readonly #turnstile = new Turnstile(this)
  readonly #name: string
  /** How often it is heard of at least, milliseconds (H5). */
  heartbeatMs: number
  /** The number of the link that it is served by (N11). */
  link: number
  /** As its pace is counted: alone until somebody signs in on it. */
  #paced: PacedDevice
  /** When the store was last told that this device is here, by `monotonic`. */
  #seenAt: number

  /** `name`: of the connection. */
  constructor(connection: DeviceConnection, accepted: Accepted, name: string) {
    const { monotonic, heartbeatMs } = connection.options
    const { device, siteAreas } = accepted.greeting
    this.device = device
    this.link = accepted.greeting.link
    const { id, areas } = device
    this.#paced = { id, areas, source: connection.origin.source, isAlone: accepted.greeting.isAlone }
    this.#connection = connection
    this.#seenAt = monotonic()
    this.subscriptions = new Subscriptions(connection, { deviceAreas: areas, siteAreas })
    this.heartbeatMs = heartbeatMs
    this.#name = name
    this.#person = new Person(this, id, connection.options)
    this.#outbox = outboxOf(accepted)
    if (accepted.hello.session !== undefined) this.#knownSessions().lookUp(accepted.hello.session)
  }

  /**
   * Returns a promise only where the next frame has to wait for it, as a `subscribe` waits for the `auth` before it, or for the
   * pace of strangers (V8). What is urgent waits for neither (W7).
   */
  handle(frame: ClientFrame): Promise<void> | void {
    switch (frame.t) {
      case 'hello':
        return this.#connection.refuse('unexpected-frame', frame.t)
      case 'take':
        return this.#connection.take(frame.link)
      case 'auth':
        return this.#atItsPace(() => this.#person.bind(frame.token, frame.generation))
      case 'deauth':
        return this.#person.unbind(null)
      case 'command':
        return this.#commands().take(frame)
      case 'confirm':
        return this.#commands().confirm(frame)
      case 'receipts':
        this.#receipts ??= receiptsOf(this.#connection, { device: () => this.#paced, link: () => this.link })
        return this.#receipts.take(frame)
      case 'subscribe':
        return this.#atItsPace(() => this.subscriptions.subscribe(frame))
      case 'credit':
        return this.subscriptions.credit(frame)
      case 'unsubscribe':
        return this.subscriptions.unsubscribe(frame)
      case 'ping':
        return this.#pong(frame)
      case 'track':
        return this.#inRooms().track(frame)
      case 'signal':
        return this.#inRooms().signal(frame)
      case 'bye':
        return this.#left(frame.reason, this.#connection.options.monotonic())
      default:
        return unreachable(frame)
    }
  }

  revokedElsewhere(operator: string): Promise<void> {
    return this.#person.revokedElsewhere(operator)
  }

  operatorChanged(operator: string): Promise<void> {
    return this.#person.operatorChanged(operator)
  }

  sessionsEnded(sessions: readonly SessionId[], code: SessionEnd): void {
    this.#person.sessionsEnded(sessions, code)
  }

  /** What has to wait for its pace is not worked off any more. */
  drain(): void {
    this.#turnstile.end()
  }

  /** Resolves when no command is with the store. */
  idle(): Promise<void> {
    return this.#lanes?.idle() ?? Promise.resolve()
  }

  /** `heardAt`: its last sign of life. */
  end(heardAt: number): void {
    this.#left('lost', heardAt)
    this.subscriptions.end()
    this.#person.end()
    this.#receipts?.end()
    this.#turnstile.end()
  }

  #left(how: Leaving, heardAt: number): void {
    this.#rooms?.left(how, heardAt)
  }

  send(frame: ServerFrame): void {
    this.#connection.send(frame)
  }

  personChanged(author: Author | null): void {
    if (author !== null) {
      this.#connection.used()
      this.#paced = { ...this.#paced, isAlone: false }
    }
    this.subscriptions.setAuthor(author)
    this.#rooms?.personChanged()
  }

  waitMs(): number {
    return this.#connection.options.pace.frame(this.#paced)
  }

  #atItsPace(work: () => Promise<void> | void): Promise<void> | void {
    const passing = this.#turnstile.enter()
    if (passing === null) return work()
    return passing.then((passes) => (passes ? work() : undefined))
  }

  #pong(ping: ClientFrameOf<'ping'>): void {
    const { now, isCurrent } = this.#connection.options
    this.#stillHere()
    this.#rooms?.heard()
    this.#evidence ??= new DeviceEvidence(this.device.id, this.#connection.options)
    this.#evidence.passed(ping, this.subscriptions.writtenUrgent())
    // Behind what it calls written (H1), in whichever lane that waits for the tick: ahead of it, it would look like a gap.
    this.#connection.send(
      {
        t: 'pong',
        nonce: ping.nonce,
        serverTime: now(),
        channels: isCurrent?.() === false ? {} : this.subscriptions.positions(),
      },
      'normal',
    )
  }

  /** A terminal that stays connected for weeks greets once; a day is a seventh of what a stranger may be away (T18). */
  #stillHere(): void {
    const { monotonic, store, log } = this.#connection.options
    const now = monotonic()
    if (now - this.#seenAt < SEEN_MS) return
    this.#seenAt = now
    store.seen(this.device.id).catch((cause: unknown) => log.warn({ event: 'seen-lost', cause }))
  }

  #knownSessions(): KnownSessions {
    return (this.#sessions ??= new KnownSessions(this.#connection.options.store, this.device.id))
  }

  #inRooms(): Rooms {
    return (this.#rooms ??= roomsOf(this.#connection, {
      device: this.device,
      name: this.#name,
      order: () => this.link,
      leaseMs: () => leaseMs(this.heartbeatMs),
      paced: () => this.#paced,
      subscriptions: this.subscriptions,
      person: this.#person,
    }))
  }

  #commands(): CommandLanes {
    return (this.#lanes ??= this.#makeLanes())
  }

  #makeLanes(): CommandLanes {
    const connection = this.#connection
    const { store, submit, pace } = connection.options
    const sessions = this.#knownSessions()
    return new CommandLanes({
      ...this.#outbox,
      device: this.device.id,
      submit,
      used: () => connection.used(),
      store,
      link: () => this.link,
      stale: () => connection.close(CLOSE.replaced),
      outdated: () => connection.close(CLOSE.greetAgain),
      pace: ({ session, type, data }) => {
        const author = session === undefined ? null : (this.#person.authorOf(session) ?? sessions.operatorOf(session))
        const waitMs = pace.command(this.#paced, { author, type, data })
        if (waitMs === 0 && author === null && session !== undefined) sessions.lookUp(session)
        return waitMs
      },
      send: (frame, lane) => connection.send(frame, lane),
      crowded: (isCrowded) => connection.pauses.set('commands', isCrowded),
      refused: () => {
        if (pace.refusal(this.#paced) > 0) connection.pauses.beginFor('pace', DEAF_MS)
      },
      failed: (cause) => connection.failed('submit-failed', cause),
    })
  }
}

/** What was settled of its outbox when it greeted. */
type Outbox = Pick<CommandLanesOptions, 'epoch' | 'marks' | 'greeted'>

function outboxOf({ hello, greeting, greetedAt }: Accepted): Outbox {
  const { epoch, newest = null } = hello.outbox
  return { epoch, marks: greeting.marks, greeted: { at: greetedAt, newest } }
}

interface RoomsParts {
  readonly device: DeviceRow
  /** Of the connection. */
  readonly name: string
  /** The number of its link. */
  readonly order: () => number
  readonly leaseMs: () => number
  readonly paced: () => PacedDevice
  readonly subscriptions: Subscriptions
  readonly person: Pick<Person, 'session'>
}

function roomsOf(
  connection: DeviceConnection,
  { device, name: link, order, leaseMs: leaseForMs, paced, subscriptions, person }: RoomsParts,
): Rooms {
  const { presence, signals, pace, monotonic } = connection.options
  const { id, name } = device
  return new Rooms({
    presence,
    signals,
    who: () => {
      const { source, isAlone } = paced()
      const { session } = person
      const until = session === null ? null : { id: session.id, until: monotonic() + session.lastsMs }
      return {
        device: id,
        link,
        order: order(),
        name,
        source,
        areas: subscriptions.reader.deviceAreas,
        isAlone,
        session: until,
      }
    },
    leaseMs: leaseForMs,
    reader: () => subscriptions.reader,
    isArea: (area) => subscriptions.isArea(area),
    monotonic,
    pace: (what) => pace[what](paced()),
    refuse: (code, about, channel) => connection.refuse(code, about, channel),
    refused: () => {
      if (pace.refusal(paced()) > 0) connection.pauses.beginFor('pace', DEAF_MS)
    },
  })
}

/** `device`: as its pace is counted by now, which is not what it was when it greeted once somebody has signed in. */
function receiptsOf(
  connection: DeviceConnection,
  { device, link }: { readonly device: () => PacedDevice; readonly link: () => number },
): ReceiptIntake {
  const { store, pace, host, now } = connection.options
  return new ReceiptIntake({
    store,
    device: device().id,
    link,
    stale: () => connection.close(CLOSE.replaced),
    pace: (count) => pace.receipts(device(), count),
    dropped: (count) => host.receiptsDropped(count),
    recorded: ({ ref }) => connection.send({ t: 'receipted', ref }, 'normal'),
    crowded: (isCrowded) => connection.pauses.set('receipts', isCrowded),
    failed: (cause) => connection.failed('receipts-failed', cause, { frame: 'receipts' }),
    nowMs: () => Date.parse(now()),
  })
}
