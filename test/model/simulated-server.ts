/**
 * A server of a simulated world: the real rules, hub and connections on a store in memory, joined as `server/compose.ts`
 * joins them. A process can die at any moment; what it had committed is in `database`, for the next one.
 */
import { pino } from 'pino'
import { domains } from '../../server/domains.ts'
import { createRules } from '../../server/core/rules.ts'
import { Hub } from '../../server/core/hub.ts'
import { LiveHub } from '../../server/core/live.ts'
import { Connection } from '../../server/gateway/connection.ts'
import { Evidence } from '../../server/core/evidence.ts'
import { SharedReads } from '../../server/gateway/shared-reads.ts'
import { eventBytes, frameBytes, joinFrames } from '../../server/gateway/frame-bytes.ts'
import { Gathering } from '../../server/gateway/gathering.ts'
import { Ticks } from '../../server/gateway/writer.ts'
import { openSession, refreshSession, type Grant } from '../../server/http/session-grants.ts'
import type { HttpOptions } from '../../server/http/options.ts'
import { MemoryDatabase, type DatabaseCopy } from '../../server/testing/memory-database.ts'
import { MemoryStore } from '../../server/testing/memory-store.ts'
import type { CommittedEvent, Outcome, Submission, SubmitResult } from '../../server/ports/store.ts'
import { CLOSE } from '../../relay/protocol/close-codes.ts'
import { refuse, type Refusal } from '../../relay/protocol/errors.ts'
import type { CommandId, DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import type { WebSocket } from 'ws'
import type { Link } from './simulated-network.ts'
import type { SimulatedTime } from './simulated-time.ts'
import { simulatedTokens } from './simulated-tokens.ts'

export interface ServerSettings {
  readonly accessTokenMs: number
  readonly sessionMs: number
  readonly ringSize: number
}

export interface SimulatedServerOptions extends ServerSettings {
  readonly time: SimulatedTime
  readonly uuid: () => string
  readonly latency: () => number
  readonly decided: (submission: Submission, outcome: Outcome, events: readonly CommittedEvent[]) => void
  /** Told of what must not happen while a process lives, whatever the world does to it. */
  readonly failed: (what: string, cause: unknown) => void
}

/** One running process. Its timers end with it. */
interface Process {
  readonly store: MemoryStore
  readonly hub: Hub<Buffer>
  readonly gathering: Gathering
  readonly ticks: Ticks
  readonly connections: Map<Connection, Link>
  readonly byDevice: Map<DeviceId, Connection>
}

export const PEOPLE = ['kim', 'lee', 'park'] as const
export const API_KEY = 'key-1'
/** Wall time of the server when the world begins. */
const BEGAN = Date.UTC(2026, 10, 20, 6)
const log = pino({ level: 'silent' })
const rules = createRules(domains)

export class SimulatedServer {
  readonly database: MemoryDatabase
  readonly #options: SimulatedServerOptions
  #process: Process | null = null

  constructor(options: SimulatedServerOptions) {
    this.#options = options
    const { uuid, decided } = options
    this.database = new MemoryDatabase({ rules, now: () => this.#now(), uuid, decided })
    const { tables } = this.database
    for (const area of ['line-1', 'line-3']) tables.areas.add(area)
    for (const id of PEOPLE) {
      const isPark = id === 'park'
      const role = isPark ? 'supervisor' : 'operator'
      tables.operators.set(id, { id, role, areas: [isPark ? '*' : 'line-3'], pinHash: '1111', status: 'active' })
    }
    tables.apiKeys.set(API_KEY, { id: API_KEY, name: 'scada', hash: 'h', role: 'admin', areas: ['*'] })
  }

  get isUp(): boolean {
    return this.#process !== null
  }

  start(): void {
    if (this.#process !== null) return
    const { time, latency, ringSize } = this.#options
    const ticks = new Ticks()
    const hub: Hub<Buffer> = new Hub<Buffer>({
      encode: eventBytes,
      join: joinFrames,
      tops: [...this.database.tables.channels.values()].map(({ name, epoch, top }) => ({ channel: name, epoch, top })),
      ringSize,
      schedule: (channel) => gathering.schedule(channel),
    })
    const gathering = new Gathering(ticks, () => hub.flush())
    const store = new MemoryStore(this.database, { later: (run) => void time.after(latency(), run) })
    this.#process = { store, hub, gathering, ticks, connections: new Map(), byDevice: new Map() }
  }

  /** Killed, or the power is cut: then nobody is told (`relaysAfterMs` null). */
  crash(relaysAfterMs: (() => number) | null): void {
    const dead = this.#process
    if (dead === null) return
    this.#process = null
    dead.store.crash()
    for (const link of dead.connections.values()) link.serverDied(relaysAfterMs?.() ?? null)
  }

  set isDiskFailing(isFailing: boolean) {
    if (this.#process !== null) this.#process.store.failing = isFailing
  }

  /** The disk refuses what comes within this time, and takes what comes after it. */
  hiccup(ms: number): void {
    const process = this.#process
    if (process === null) return
    process.store.failing = true
    this.#options.time.after(ms, () => (process.store.failing = false))
  }

  restore(copy: DatabaseCopy): void {
    this.crash(this.#options.latency)
    this.database.restore(copy)
  }

  accept(link: Link): void {
    const process = this.#process
    if (process === null) return link.serverDied(0)
    const { store, hub, ticks, connections, byDevice } = process
    const connection = new Connection(link.ws as unknown as WebSocket, link.socket, {
      store,
      hub,
      live: new LiveHub<Buffer>({ encode: frameBytes, join: joinFrames, schedule: () => {} }),
      monotonic: () => Date.parse(this.#now()),
      reads: new SharedReads(store, () => Date.parse(this.#now())),
      pace: () => 0,
      receiptsDropped: () => {},
      evidence: new Evidence(),
      ticks,
      tokens: this.#tokens(),
      submit: (submission) => this.#submit(process, submission),
      log,
      now: () => this.#now(),
      newDeviceAreas: ['line-3'],
      heartbeatMs: 10_000,
      prove: (proof) => Promise.resolve({ device: proof as DeviceId, publicKey: '{}' }),
      isConnected: (device) => byDevice.has(device),
      welcomed: (device) => {
        const older = byDevice.get(device)
        byDevice.set(device, connection)
        if (older !== undefined && older !== connection) older.close(CLOSE.replaced)
      },
      gone: () => {},
      closed: () => {
        connections.delete(connection)
        const { device } = connection
        if (device !== null && byDevice.get(device) === connection) byDevice.delete(device)
      },
    })
    connections.set(connection, link)
    connection.start()
  }

  /** A program with an API key, which does not wait for the answer. */
  publish(type: string, data: unknown, id: CommandId): void {
    if (this.#process === null) return
    const source = { kind: 'api', keyId: API_KEY, idempotency: null } as const
    this.#submit(this.#process, { source, id, type, data, giveUp: false }).catch((cause: unknown) => {
      this.#options.failed('a submission failed', String(cause))
    })
  }

  /** Bytes that wait in the process for each connection, and how many subscriptions it has. */
  buffers(): readonly { readonly waitingBytes: number; readonly subscriptions: number }[] {
    return [...(this.#process?.connections.keys() ?? [])]
  }

  // ------------------------------------------------------------------------------------------------------ sessions

  /** As `POST /api/sessions`; null when nobody answers. */
  signIn(operator: string, deviceToken: string): Promise<Grant | Refusal> | null {
    const parts = this.#parts()
    if (parts === null) return null
    const device = deviceOf(this.database, deviceToken)
    const row = this.database.tables.operators.get(operator)
    if (device === null) return Promise.resolve(refuse('bad-token'))
    return row === undefined ? Promise.resolve(refuse('bad-pin')) : openSession(parts, row, device)
  }

  /** As `POST /api/sessions/refresh`. */
  refresh(id: SessionId, token: string | null, deviceToken: string): Promise<Grant | Refusal> | null {
    const parts = this.#parts()
    if (parts === null) return null
    const device = deviceOf(this.database, deviceToken)
    return device === null ? Promise.resolve(refuse('bad-token')) : refreshSession(parts, { id, token, device })
  }

  #parts(): Pick<HttpOptions, 'store' | 'tokens' | 'clock' | 'config' | 'sessionEnded'> | null {
    const process = this.#process
    if (process === null) return null
    const { sessionMs } = this.#options
    return {
      store: process.store,
      tokens: this.#tokens(),
      clock: { now: () => Date.parse(this.#now()) },
      config: { demo: false, demoOpen: false, tls: null, origins: [], sessionMs },
      sessionEnded: (ids) => {
        for (const connection of process.connections.keys()) connection.sessionsEnded(ids, 'session-revoked')
      },
    }
  }

  #tokens() {
    const { uuid, accessTokenMs } = this.#options
    return simulatedTokens({ uuid, accessTokenMs, nowMs: () => Date.parse(this.#now()) })
  }

  #submit({ store, hub, gathering, connections }: Process, submission: Submission): Promise<SubmitResult> {
    return gathering.during(async () => {
      const result = await store.submit(submission)
      try {
        hub.publish(result.events)
      } catch (cause) {
        this.#options.failed('the hub refused what was committed', String(cause))
      }
      if (result.endedSessions.length > 0) {
        for (const connection of connections.keys())
          connection.sessionsEnded(result.endedSessions, result.revoked === true ? 'session-revoked' : 'session-ended')
      }
      return result
    })
  }

  #now(): string {
    return new Date(BEGAN + this.#options.time.now).toISOString()
  }
}

function deviceOf(database: MemoryDatabase, deviceToken: string): DeviceId | null {
  const id = deviceToken as DeviceId
  return database.tables.devices.has(id) ? id : null
}
