/**
 * A server of a simulated world: the real rules, hub and connections on a store in memory, joined as `server/compose.ts`
 * joins them. A process can die at any moment; what it had committed is in `database`, for the next one.
 */
import { pino } from 'pino'
import { domains } from '../../server/domains.ts'
import { createRules } from '../../server/core/rules.ts'
import { Hub } from '../../server/core/hub.ts'
import { Commits } from '../../server/core/commit.ts'
import { StoreTail } from '../../server/gateway/store-tail.ts'
import { LiveHub } from '../../server/core/live.ts'
import { Presence } from '../../server/core/presence.ts'
import { Signals } from '../../server/core/signals.ts'
import { Connection } from '../../server/gateway/connection.ts'
import { DeviceLinks } from '../../server/core/device-links.ts'
import { SharedReads } from '../../server/gateway/shared-reads.ts'
import type { ConnectionOptions } from '../../server/gateway/connection-options.ts'
import { eventBytes, frameBytes, joinBytes, type SharedBytes } from '../../server/gateway/shared-bytes.ts'
import type { FrameOrigin } from '../../server/gateway/frame-end.ts'
import { Deadlines } from '../../server/gateway/deadlines.ts'
import { Gathering } from '../../server/gateway/gathering.ts'
import { Ticks } from '../../server/gateway/writer.ts'
import { openSession, refreshSession, type Grant } from '../../server/http/session-grants.ts'
import type { HttpOptions } from '../../server/http/options.ts'
import { MemoryDatabase, type DatabaseCopy } from '../../server/testing/memory-database.ts'
import { tail as tailOf } from '../../server/testing/memory-reading.ts'
import { MemoryStore } from '../../server/testing/memory-store.ts'
import type { CommittedEvent, Outcome, Submission, SubmitResult } from '../../server/ports/submission.ts'
import { CLOSE } from '../../relay/protocol/close-codes.ts'
import { refuse, type Refusal } from '../../relay/protocol/errors.ts'
import type { CommandId, DeviceId, SessionId } from '../../relay/protocol/ids.ts'
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
  readonly hub: Hub<SharedBytes>
  readonly commits: Commits
  readonly tail: StoreTail
  readonly gathering: Gathering
  readonly ticks: Ticks
  readonly connections: Map<Connection, Link>
  readonly byDevice: Map<DeviceId, Connection>
  readonly options: ConnectionOptions
}

export const PEOPLE = ['kim', 'lee', 'park'] as const
export const API_KEY = 'key-1'
/** Wall time of the server when the world begins. */
const BEGAN = Date.UTC(2026, 10, 20, 6)
const log = pino({ level: 'silent' })
const rules = createRules(domains)

export class SimulatedServer {
  readonly database: MemoryDatabase
  /** Whether what is committed fails to reach the hub, as a bug would have it: only then it may be behind the store (U1). */
  losing: 'never' | 'now' | 'before' = 'never'
  /** Whether it sees what is committed; of several nodes one may not (U6). */
  isCurrent = true
  /** Channels of which the hub had to read what it missed. */
  readonly behind: string[] = []
  /** Devices that went on by another link. */
  moves = 0
  /** How long the next `auth` or `subscribe` of anybody has to wait, milliseconds (V8). */
  frameWaitMs: () => number = () => 0
  readonly #options: SimulatedServerOptions
  #process: Process | null = null
  readonly #links = new WeakMap<FrameOrigin, Link>()

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

  get now(): string {
    return this.#now()
  }

  get isUp(): boolean {
    return this.#process !== null
  }

  start(): void {
    if (this.#process !== null) return
    const { time, latency, ringSize } = this.#options
    const ticks = new Ticks()
    const { position, tops } = tailOf(this.database.tables, null)
    const hub: Hub<SharedBytes> = new Hub<SharedBytes>({
      encode: eventBytes,
      join: joinBytes,
      tops,
      ringSize,
      schedule: (channel) => gathering.schedule(channel),
      behind: (channel) => tail.hear(channel),
      reloaded: (_channel, why) => this.#options.failed('the hub loaded a channel anew', String(why)),
    })
    const gathering = new Gathering(ticks, () => hub.flush())
    const store = new MemoryStore(this.database, { later: (run) => void time.after(latency(), run) })
    const connections = new Map<Connection, Link>()
    const commits = new Commits({
      hub,
      followers: [],
      sessionsEnded: (sessions, end) => {
        for (const connection of connections.keys()) connection.served?.sessionsEnded(sessions, end)
      },
      revokedElsewhere: (operator) => this.#options.failed('there is no other node', operator),
    })
    const tail = new StoreTail({
      store,
      hub,
      commits,
      position,
      monotonic: () => 0,
      behind: (channel) => {
        this.behind.push(channel)
        // Nobody else commits to this store.
        if (this.losing === 'never') this.#options.failed('the hub does not have what was committed', channel)
      },
      failed: (cause) => this.#options.failed('the store could not be read', cause),
    })
    const process = { store, hub, commits, tail, gathering, ticks, connections, byDevice: new Map() }
    this.#process = { ...process, options: this.#connectionOptions(process) }
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
    const origin: FrameOrigin = { source: '127.0.0.1', way: link.way, belongsToDevice: () => {} }
    this.#links.set(origin, link)
    const connection = new Connection(link.end, origin, process.options)
    process.connections.set(connection, link)
    connection.start()
  }

  /** What all connections of one process share. */
  #connectionOptions(process: Omit<Process, 'options'>): ConnectionOptions {
    const { store, hub, ticks, connections, byDevice } = process
    const nowMs = (): number => Date.parse(this.#now())
    const trials = new Map<DeviceId, Connection>()
    const live = new LiveHub<SharedBytes>({ encode: frameBytes, join: joinBytes, schedule: () => {} })
    return {
      store,
      hub,
      live,
      presence: new Presence({
        live,
        wall: nowMs,
        iso: () => this.#now(),
        areas: [],
        startedAt: nowMs(),
        leaseMs: 35_000,
      }),
      signals: new Signals({
        put: (channel, put, now) => live.put(channel, put, now),
        forget: (channel, key) => live.forget(channel, key),
        time: () => this.#now(),
      }),
      monotonic: nowMs,
      reads: new SharedReads(store, nowMs),
      pace: {
        command: () => 0,
        receipts: () => 0,
        frame: () => this.frameWaitMs(),
        refusal: () => 0,
        track: () => 0,
        signal: () => 0,
      },
      ticks,
      deadlines: new Deadlines(nowMs),
      tokens: this.#tokens(),
      links: new DeviceLinks(),
      submit: (submission) => this.#submit(process, submission),
      log,
      now: () => this.#now(),
      newDeviceAreas: ['line-3'],
      heartbeatMs: 10_000,
      isCurrent: () => this.isCurrent,
      prove: (proof) => Promise.resolve({ device: proof as DeviceId, publicKey: '{}' }),
      host: {
        hello: () => 0,
        givesWay: ({ yields, life, attempt = 0 }, device) => {
          const living = byDevice.get(device)
          const isOlder = life !== undefined && living?.greeted?.life === life && attempt < living.greeted.attempt
          return living !== undefined && (yields === true || isOlder)
        },
        living: (device) => byDevice.get(device) ?? null,
        tried: (connection: Connection, device) => {
          trials.get(device)?.close(CLOSE.replaced)
          trials.set(device, connection)
        },
        trial: (device, name) => {
          const trial = trials.get(device)
          return trial?.trial?.name === name ? trial : null
        },
        moved: (connection: Connection) => {
          this.moves += 1
          const link = this.#links.get(connection.origin)
          if (link !== undefined) connections.set(connection, link)
        },
        welcomed: (connection: Connection, device) => {
          const older = byDevice.get(device)
          byDevice.set(device, connection)
          if (older !== undefined && older !== connection) older.close(CLOSE.replaced)
        },
        used: () => {},
        holding: () => {},
        receiptsDropped: () => {},
        closed: (connection: Connection) => {
          connections.delete(connection)
          const { device, trial } = connection
          if (trial !== null && trials.get(trial.device) === connection) trials.delete(trial.device)
          if (device !== null && byDevice.get(device) === connection) byDevice.delete(device)
        },
        gone: () => {},
      },
    }
  }

  /** Calls of these methods from now on wait for what `before` answers. */
  intercept(before: (method: 'submit' | 'confirm' | 'recordReceipts' | 'session') => Promise<void>): void {
    const store = this.#process?.store
    if (store === undefined) return
    const [submit, confirm] = [store.submit.bind(store), store.confirm.bind(store)]
    const recordReceipts = store.recordReceipts.bind(store)
    const session = store.session.bind(store)
    Object.assign(store, {
      submit: async (...args: Parameters<typeof submit>) => (await before('submit'), submit(...args)),
      session: async (...args: Parameters<typeof session>) => (await before('session'), session(...args)),
      confirm: async (...args: Parameters<typeof confirm>) => (await before('confirm'), confirm(...args)),
      recordReceipts: async (...args: Parameters<typeof recordReceipts>) => (
        await before('recordReceipts'),
        recordReceipts(...args)
      ),
    })
  }

  /** As the server does every ten seconds. */
  async look(): Promise<void> {
    await this.#process?.tail.look()
  }

  /** A program with an API key, which does not wait for the answer. */
  publish(type: string, data: unknown, id: CommandId): void {
    if (this.#process === null) return
    const source = { kind: 'api', keyId: API_KEY, idempotency: null } as const
    this.#submit(this.#process, { source, id, type, data }).catch((cause: unknown) => {
      this.#options.failed('a submission failed', String(cause))
    })
  }

  /** Bytes that wait in the process for each connection, and how many subscriptions it has. */
  buffers(): readonly { readonly waitingBytes: number; readonly subscriptions: number }[] {
    return [...(this.#process?.connections.keys() ?? [])].map(({ waitingBytes, served }) => ({
      waitingBytes,
      subscriptions: served?.subscriptions.size ?? 0,
    }))
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
      config: { demo: false, demoOpen: false, tls: null, origins: [], publicUrl: null, trustProxy: [], sessionMs },
      sessionEnded: (ids, end) => {
        for (const connection of process.connections.keys()) connection.served?.sessionsEnded(ids, end)
      },
    }
  }

  #tokens() {
    const { accessTokenMs } = this.#options
    return simulatedTokens({ accessTokenMs, nowMs: () => Date.parse(this.#now()) })
  }

  #submit({ store, commits, gathering }: Omit<Process, 'options'>, submission: Submission): Promise<SubmitResult> {
    return gathering.during(async () => {
      const result = await store.submit(submission)
      return this.losing === 'now' ? result : commits.here(result)
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
