import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { CLOSE } from '../../relay/protocol/close-codes.ts'
import type { ErrorCode } from '../../relay/protocol/errors.ts'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { SUBPROTOCOL } from '../../relay/protocol/version.ts'
import { Admission } from '../core/admission.ts'
import { Connection } from './connection.ts'
import type { ConnectionOptions } from './connection-options.ts'
import { Pace } from './pace.ts'
import { refuseUpgrade, turnAway } from './refuse-upgrade.ts'
import { SharedReads } from './shared-reads.ts'

export interface GatewayOptions extends Omit<
  ConnectionOptions,
  'reads' | 'pace' | 'receiptsDropped' | 'isConnected' | 'welcomed' | 'closed' | 'gone'
> {
  /** Whether this request may open a connection at all: origin, demo gate. Null when it may. */
  readonly admit: (request: IncomingMessage) => ErrorCode | null
}

/** Commands and receipts of one device: an outbox that drains after a shift is as fast as the disk; a program that runs wild is not. */
export const DEVICE_RATE = { perSecond: 5_000, burst: 20_000 }
/** Commands of one person on all their devices together. */
const AUTHOR_RATE = { perSecond: 5_000, burst: 50_000 }
/** About half a second of greetings at once; the others come back at the pace they are worked off (`docs/performance.md`). */
const ADMISSION_RATE = { maxGreeting: 512, perSecond: 1_500, maxDelayMs: 20_000 }

/** Patience with a peer's half of the closing handshake. */
const CLOSE_MS = 2_000
/** Patience of a drain with commands that are with the store. */
const DRAIN_MS = 5_000
/** Devices come back at this pace: half of what one process greets per second (`docs/performance.md`), 5,000 within ten seconds. */
const SPREAD_PER_DEVICE_MS = 2
const MAX_SPREAD_MS = 10_000

/** Connections and what they hold, for metrics. */
export interface GatewayCounts {
  readonly connections: number
  readonly subscriptions: number
  readonly waitingBytes: number
  /** Since the start; of alerts that are not known (PROTOCOL E3). */
  readonly receiptsDropped: number
}

/**
 * The WebSocket edge at `/sync`: one living connection per device (PROTOCOL G5), everything else is the connection's.
 */
export class Gateway {
  readonly #options: GatewayOptions
  readonly #server: WebSocketServer
  readonly #connections = new Set<Connection>()
  readonly #byDevice = new Map<DeviceId, Connection>()
  readonly #reads: SharedReads
  readonly #pace = new Pace({ device: DEVICE_RATE, author: AUTHOR_RATE })
  readonly #admission = new Admission(ADMISSION_RATE)
  #receiptsDropped = 0
  #isClosing = false

  constructor(options: GatewayOptions) {
    this.#options = options
    this.#reads = new SharedReads(options.store, options.monotonic)
    const server = {
      noServer: true,
      // Twice the limit, so that the connection can say what was wrong; beyond that ws itself closes with 1009.
      maxPayload: 2 * LIMITS.maxFrameBytes,
      perMessageDeflate: false,
      clientTracking: false,
      // A peer that does not answer the closing handshake is not waited for longer than this.
      closeTimeout: CLOSE_MS,
      handleProtocols: (offered: ReadonlySet<string>): string | false =>
        offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false,
    }
    // The types of `ws` do not know `closeTimeout` yet.
    this.#server = new WebSocketServer(server)
  }

  /** Takes over upgrades of `/sync`; others are answered with 404. */
  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy())
      // Null for a target such as `//`; `new URL` would throw, and whatever throws here ends the process.
      const path = URL.parse(request.url ?? '/', 'http://host')?.pathname
      const refusal = path !== '/sync' ? 'not-found' : this.#isClosing ? 'unavailable' : this.#options.admit(request)
      if (refusal !== null) {
        this.#options.log.info({ event: 'upgrade-refused', code: refusal })
        refuseUpgrade(socket, refusal)
        return
      }
      this.#server.handleUpgrade(request, socket, head, (ws) => {
        const delayMs = this.#admission.enter(this.#options.monotonic())
        if (delayMs > 0) return turnAway(ws, delayMs)
        let isGreeting = true
        const left = (): void => {
          if (isGreeting) this.#admission.left()
          isGreeting = false
        }
        const connection = new Connection(ws, socket, {
          ...this.#options,
          reads: this.#reads,
          pace: (device, author, count) => this.#pace.take(device, author, this.#options.monotonic(), count),
          receiptsDropped: (count) => {
            this.#receiptsDropped += count
          },
          isConnected: (device) => this.#byDevice.has(device),
          welcomed: (device) => {
            left()
            this.#welcomed(device, connection)
          },
          closed: () => {
            left()
            this.#closed(connection)
          },
          gone: () => this.#connections.delete(connection),
        })
        this.#connections.add(connection)
        connection.start()
        return undefined
      })
    })
  }

  /** Unbinds these sessions wherever they are bound: the person's reading ends at once. */
  sessionsEnded(sessions: readonly SessionId[], code: 'session-ended' | 'session-revoked'): void {
    for (const connection of this.#connections) connection.sessionsEnded(sessions, code)
  }

  counts(): GatewayCounts {
    let subscriptions = 0
    let waitingBytes = 0
    for (const connection of this.#connections) {
      subscriptions += connection.subscriptions
      waitingBytes += connection.waitingBytes
    }
    return { connections: this.#connections.size, subscriptions, waitingBytes, receiptsDropped: this.#receiptsDropped }
  }

  /**
   * Accepts nobody any more, lets the store finish what was received, answers it, and tells every device when to come back,
   * spread so that they do not come at once. Resolves when all sockets are gone, at the latest after `DRAIN_MS` and two seconds.
   */
  async drain(random: () => number): Promise<void> {
    this.#isClosing = true
    const overdue = new Promise<void>((resolve) => setTimeout(resolve, DRAIN_MS).unref())
    await Promise.race([Promise.all([...this.#connections].map((connection) => connection.settled())), overdue])
    const spreadMs = Math.min(MAX_SPREAD_MS, this.#connections.size * SPREAD_PER_DEVICE_MS)
    for (const connection of this.#connections) connection.bye(Math.round(random() * spreadMs))
    const deadline = Date.now() + CLOSE_MS
    while (this.#connections.size > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10))
    for (const connection of this.#connections) connection.destroy()
  }

  #welcomed(device: DeviceId, connection: Connection): void {
    const older = this.#byDevice.get(device)
    this.#byDevice.set(device, connection)
    if (older !== undefined && older !== connection) older.close(CLOSE.replaced)
  }

  #closed(connection: Connection): void {
    if (connection.device !== null && this.#byDevice.get(connection.device) === connection)
      this.#byDevice.delete(connection.device)
  }
}
