import { CLOSE } from '../../relay/protocol/close-codes.ts'
import type { ClientFrameOf } from '../../relay/protocol/frames.ts'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import { ofEachWay, type Way } from '../../relay/protocol/ways.ts'
import { Admission, ADMISSION } from '../core/admission.ts'
import { Claims } from '../core/claims.ts'
import { HeldBytes, type HeldRules } from '../core/held-bytes.ts'
import { KnownDevices } from '../core/known-devices.ts'
import { pacedLog, type Say } from '../core/paced-log.ts'
import type { SessionEnd } from '../ports/sessions.ts'
import type { ConnectionHost, ConnectionOptions } from './connection-options.ts'
import { Connection } from './connection.ts'
import { Deadlines } from './deadlines.ts'
import { CLOSE_MS, type FrameEnd, type FrameOrigin } from './frame-end.ts'
import { Pace, PACE_RATES } from './pace.ts'
import { frameBytes, type Deflates } from './shared-bytes.ts'
import { SharedReads } from './shared-reads.ts'

export interface GatewayOptions extends Omit<ConnectionOptions, 'reads' | 'pace' | 'deadlines' | 'host'> {
  /** Devices that were used before this start, the ones last seen first. */
  readonly knownDevices: readonly DeviceId[]
  readonly random: () => number
  /** Null, or absent: pages leave as they are. */
  readonly deflater?: Deflates | null
}

/**
 * Of frames that are not whole. Usual ones come in one piece; those of a large page of commands, 64 KB, from five hundred
 * devices behind one address in the middle of a storm are half of this.
 */
const HELD: HeldRules = { maxPerSource: 32 * 1024 * 1024, max: 64 * 1024 * 1024 }

/** Patience of a drain with commands that are with the store. */
const DRAIN_MS = 5_000
/** Devices come back at this pace: half of what one process greets per second (`docs/performance.md`), 5,000 within ten seconds. */
const SPREAD_PER_DEVICE_MS = 2
const MAX_SPREAD_MS = 10_000

/** Greetings of which somebody may be in the middle while news of a later one comes. */
const MAX_NEWEST = 4_096

/** Connections and what they hold, for metrics. */
export interface GatewayCounts {
  readonly connections: number
  /** Of those, by the way their frames come and go. */
  readonly links: Readonly<Record<Way, number>>
  readonly subscriptions: number
  readonly waitingBytes: number
  /** Since the start; of alerts that are not known (PROTOCOL E3). */
  readonly receiptsDropped: number
  /** Connections that have not said hello, and those whose hello is being looked at. */
  readonly silent: number
  readonly greeting: number
  /** Of frames that are not whole, and since the start the connections that ended because there were too many of those. */
  readonly heldBytes: number
  readonly heldTooMuch: number
  /** Since the start: told to come back because the door was full, and silent ones that made room for others. */
  readonly turnedAway: number
  readonly gaveWay: number
}

/**
 * All connections of devices, whatever ends they come by: one living connection per device (PROTOCOL G5), everything else is
 * the connection's.
 */
export class Gateway implements ConnectionHost {
  readonly #options: ConnectionOptions
  readonly #random: () => number
  readonly #connections = new Set<Connection>()
  readonly #byDevice = new Map<DeviceId, Connection>()
  readonly #trials = new Map<DeviceId, Connection>()
  readonly #admission = new Admission<Connection>(ADMISSION)
  readonly #claims = new Claims<Connection>()
  readonly #held = new HeldBytes<Connection>(HELD)
  readonly #known: KnownDevices
  readonly #say: Say
  /** Numbers of the newest links that other nodes, or this one, were told of; the latest that were heard. */
  readonly #newest = new Map<DeviceId, number>()
  #receiptsDropped = 0
  #turnedAway = 0
  #gaveWay = 0
  #heldTooMuch = 0
  #isOpen = true

  constructor({ knownDevices, random, deflater = null, ...shared }: GatewayOptions) {
    const pace = new Pace(PACE_RATES, shared.monotonic)
    const reads = new SharedReads(shared.store, shared.monotonic, deflater)
    this.#options = { ...shared, pace, reads, deadlines: new Deadlines(shared.monotonic), host: this }
    this.#random = random
    this.#known = new KnownDevices(knownDevices)
    this.#say = pacedLog(shared.log, shared.monotonic)
  }

  /** False from the beginning of a drain: nobody is let in any more. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Somebody came in by one of the doors: is challenged, or sent away with a time of its own to come back (V7). */
  enter(end: FrameEnd, origin: FrameOrigin): void {
    const { source } = origin
    const connection = new Connection(end, origin, this.#options)
    const answer = this.#admission.enter(connection, source, {
      now: this.#options.monotonic(),
      chance: this.#random(),
    })
    if (answer.kind === 'later') {
      this.#turnedAway += 1
      this.#say('warn', { event: 'turned-away', code: 'silent', source })
      end.write(frameBytes({ t: 'bye', retryAfterMs: answer.delayMs }))
      return end.close(CLOSE.overloaded)
    }
    if (answer.leaves !== null) {
      this.#gaveWay += 1
      this.#say('warn', { event: 'gave-way', source })
      answer.leaves.giveWay()
    }
    this.#connections.add(connection)
    return connection.start()
  }

  // --------------------------------------------------------------------------------------------- what connections say

  hello(connection: Connection, claimed: DeviceId | null): number {
    const isKnown = claimed !== null && this.#known.has(claimed) && this.#claims.take(connection, claimed)
    const standing = isKnown ? 'known' : 'stranger'
    const answer = this.#admission.hello(connection, standing, this.#options.monotonic())
    if (answer.kind === 'in') return 0
    this.#turnedAway += 1
    this.#say('warn', { event: 'turned-away', code: standing })
    return answer.delayMs
  }

  givesWay({ yields, life, attempt = 0 }: ClientFrameOf<'hello'>, device: DeviceId): boolean {
    const living = this.#byDevice.get(device)
    // A slow retry ends no connection of another node either.
    if (living === undefined) return yields === true && this.#options.presence.nodes.isThere(device)
    if (yields === true) return true
    return life !== undefined && living.greeted?.life === life && attempt < living.greeted.attempt
  }

  living(device: DeviceId): Connection | null {
    return this.#byDevice.get(device) ?? null
  }

  tried(connection: Connection, device: DeviceId): void {
    this.#greeted(connection)
    this.#trials.get(device)?.close(CLOSE.replaced)
    this.#trials.set(device, connection)
  }

  trial(device: DeviceId, name: string): Connection | null {
    const trial = this.#trials.get(device)
    return trial?.trial?.name === name ? trial : null
  }

  moved(connection: Connection): void {
    this.#held.left(connection)
    if (connection.device !== null && this.#known.has(connection.device)) connection.origin.belongsToDevice()
  }

  welcomed(connection: Connection, device: DeviceId): void {
    this.#greeted(connection)
    if (this.#known.has(device)) connection.origin.belongsToDevice()
    const older = this.#byDevice.get(device)
    this.#byDevice.set(device, connection)
    if (older !== undefined && older !== connection) older.close(CLOSE.replaced)
    // It may have greeted at another node while this one was being welcomed.
    if ((connection.served?.link ?? 0) < (this.#newest.get(device) ?? 0)) connection.close(CLOSE.replaced)
  }

  used({ origin }: Connection, device: DeviceId): void {
    this.#known.used(device)
    origin.belongsToDevice()
  }

  holding(connection: Connection, bytes: number): void {
    const { device, origin } = connection
    const isKnown = device !== null && this.#known.has(device)
    const leaves = this.#held.holds(connection, { bytes, source: origin.source, isKnown })
    if (leaves === null) return
    this.#heldTooMuch += 1
    this.#say('warn', { event: 'held-too-much', code: 'frame-too-large', source: leaves.origin.source })
    leaves.tooLarge()
  }

  receiptsDropped(count: number): void {
    this.#receiptsDropped += count
  }

  closed(connection: Connection): void {
    this.#greeted(connection)
    this.#held.left(connection)
    const { trial } = connection
    if (trial !== null && this.#trials.get(trial.device) === connection) this.#trials.delete(trial.device)
    if (connection.device !== null && this.#byDevice.get(connection.device) === connection)
      this.#byDevice.delete(connection.device)
  }

  gone(connection: Connection): void {
    this.#connections.delete(connection)
  }

  /** Its greeting is over, whatever came of it. */
  #greeted(connection: Connection): void {
    this.#admission.left(connection, this.#options.monotonic())
    this.#claims.left(connection)
  }

  // ---------------------------------------------------------------------------------------------- what the server says

  /** Another node took sessions of this operator away: whoever is bound to one of them is unbound. */
  revokedElsewhere(operator: string): void {
    for (const connection of this.#connections)
      connection.served
        ?.revokedElsewhere(operator)
        .catch((cause: unknown) => this.#options.log.error({ event: 'revoked-unread', operator, cause }))
  }

  /** The role, areas or status of this operator are others. */
  operatorChanged(operator: string): void {
    for (const connection of this.#connections)
      connection.served
        ?.operatorChanged(operator)
        .catch((cause: unknown) => this.#options.log.error({ event: 'operator-unread', operator, cause }))
  }

  /** A device has a link of this number, here or at another node: an older one is over (G5). */
  greeted(device: DeviceId, link: number): void {
    this.#newest.delete(device)
    this.#newest.set(device, link)
    if (this.#newest.size > MAX_NEWEST)
      for (const first of this.#newest.keys()) {
        this.#newest.delete(first)
        break
      }
    const living = this.#byDevice.get(device)
    if (living !== undefined && (living.served?.link ?? link) < link) living.close(CLOSE.replaced)
  }

  /** Nobody may go on as what they were: every device greets anew. */
  greetAgain(): void {
    for (const connection of this.#connections) if (connection.device !== null) connection.close(CLOSE.greetAgain)
  }

  /** Unbinds these sessions wherever they are bound: the person's reading ends at once. */
  sessionsEnded(sessions: readonly SessionId[], code: SessionEnd): void {
    for (const connection of this.#connections) connection.served?.sessionsEnded(sessions, code)
  }

  counts(): GatewayCounts {
    let subscriptions = 0
    let waitingBytes = 0
    const links = ofEachWay(0)
    for (const connection of this.#connections) {
      links[connection.origin.way] += 1
      subscriptions += connection.served?.subscriptions.size ?? 0
      waitingBytes += connection.waitingBytes
    }
    return {
      connections: this.#connections.size,
      links,
      subscriptions,
      waitingBytes,
      receiptsDropped: this.#receiptsDropped,
      silent: this.#admission.silent,
      greeting: this.#admission.greeting,
      turnedAway: this.#turnedAway,
      gaveWay: this.#gaveWay,
      heldBytes: this.#held.sum,
      heldTooMuch: this.#heldTooMuch,
    }
  }

  /**
   * Accepts nobody any more, lets the store finish what was received, answers it, and tells every device when to come back,
   * spread so that they do not come at once. Resolves when all sockets are gone, at the latest after `DRAIN_MS` and two seconds.
   */
  async drain(random: () => number): Promise<void> {
    this.#isOpen = false
    const overdue = new Promise<void>((resolve) => setTimeout(resolve, DRAIN_MS).unref())
    await Promise.race([Promise.all([...this.#connections].map((connection) => connection.settled())), overdue])
    const spreadMs = Math.min(MAX_SPREAD_MS, this.#connections.size * SPREAD_PER_DEVICE_MS)
    for (const connection of this.#connections) connection.bye(Math.round(random() * spreadMs))
    const deadline = Date.now() + CLOSE_MS
    while (this.#connections.size > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10))
    for (const connection of this.#connections) connection.cut()
  }
}
