/** A relay on a floor that a test holds in its hands: clock, chance, disk, wire, people and windows. */
import type { Paging } from '../core/disk/paging.ts'
import { Relay } from '../relay.ts'
import type { Versions } from '../protocol/version.ts'
import type { Way } from '../protocol/ways.ts'
import type { CommandId, SessionId } from '../protocol/ids.ts'
import type { BusMessage, PortMessage } from '../protocol/local.ts'
import type {
  AttachmentPort,
  AttachmentStore,
  Hint,
  LogLevel,
  Observation,
  SearchPort,
  SeriesPort,
  SessionFailure,
  SessionGrant,
  SessionPort,
} from '../ports.ts'
import { MemoryDisk, MemoryStore } from './memory-store.ts'
import { DEVICE, ModelServer } from './model-server.ts'
import { seededRandom } from './seeded-random.ts'
import { SocketPair, type Wire } from './socket-pair.ts'
import { settle, VirtualClock } from './virtual-clock.ts'

/** People who can sign in: any name with PIN 1111. `refuseRefresh` makes the next refreshes fail. */
export class FakeSessions implements SessionPort {
  readonly calls: string[] = []
  refuseRefresh: SessionFailure | null = null
  /** Called with the device token of each sign-in; what it answers is the answer. */
  refuseSignIn: (deviceToken: string) => SessionFailure | null | Promise<SessionFailure | null> = () => null
  expiresInMs = 15 * 60_000
  readonly #uuid: () => string
  #generation = 1
  #last: { readonly session: SessionId; readonly operator: string } | null = null

  constructor(uuid: () => string) {
    this.#uuid = uuid
  }

  async signIn({
    operator,
    pin,
    deviceToken,
  }: {
    readonly operator: string
    readonly pin: string
    readonly deviceToken: string
  }): Promise<SessionGrant | SessionFailure> {
    this.calls.push(`sign-in ${operator}`)
    const refused = await this.refuseSignIn(deviceToken)
    if (refused !== null) return refused
    if (pin !== '1111') return { ok: false, code: 'bad-pin', message: 'The name or the PIN is wrong.' }
    this.#last = { session: this.#uuid() as SessionId, operator }
    return this.#grant()
  }

  refresh({ session }: { readonly session: SessionId }): Promise<SessionGrant | SessionFailure> {
    this.calls.push('refresh')
    if (this.refuseRefresh !== null) return Promise.resolve(this.refuseRefresh)
    this.#last ??= { session, operator: 'kim' }
    return Promise.resolve(this.#grant())
  }

  forget(): Promise<void> {
    this.calls.push('forget')
    return Promise.resolve()
  }

  #grant(): SessionGrant {
    this.#generation += 1
    const { session, operator } = this.#last ?? { session: '' as SessionId, operator: '' }
    const generation = this.#generation
    const accessToken = `token-of-${operator}-${generation}`
    const { expiresInMs } = this
    return { ok: true, session, operator, role: 'operator', areas: ['line-3'], accessToken, generation, expiresInMs }
  }
}

export class FakeWindow {
  readonly heard: PortMessage[] = []
  readonly #attached: { receive(message: unknown): void; detach(): void }

  constructor(relay: Relay) {
    this.#attached = relay.attach({ post: (message) => this.heard.push(message as PortMessage) })
  }

  say(message: unknown): void {
    this.#attached.receive(message)
  }

  detach(): void {
    this.#attached.detach()
  }

  of<T extends PortMessage['t']>(t: T): readonly Extract<PortMessage, { t: T }>[] {
    return this.heard.filter((message): message is Extract<PortMessage, { t: T }> => message.t === t)
  }
}

export interface FloorOptions {
  readonly seed?: number
  readonly disk?: MemoryDisk
  readonly server?: ModelServer
  readonly clock?: VirtualClock
  readonly sessions?: FakeSessions
  readonly bus?: 'none'
  readonly paging?: Paging
  readonly versions?: Versions
  readonly ways?: readonly [Way, ...Way[]]
  readonly series?: SeriesPort
  readonly search?: SearchPort
  readonly attachments?: AttachmentStore
  readonly files?: AttachmentPort
}

/** One life of a relay. `again()` is the next one, on the same disk and with the same server. */
export class Floor {
  readonly clock: VirtualClock
  readonly disk: MemoryDisk
  readonly store: MemoryStore
  readonly sockets = new SocketPair()
  readonly server: ModelServer
  readonly sessions: FakeSessions
  readonly observed: Observation[] = []
  readonly bus: BusMessage[] = []
  readonly logged: { readonly level: LogLevel; readonly event: string; readonly fields: unknown }[] = []
  readonly relay: Relay
  readonly #seed: number
  readonly #paging: Paging | undefined
  readonly #files: Pick<FloorOptions, 'attachments' | 'files'>
  readonly #ways: readonly [Way, ...Way[]]
  network = 'plant'
  hint: (hint: Hint) => void = () => undefined

  constructor({
    seed = 1,
    disk = new MemoryDisk(),
    server,
    clock = new VirtualClock(),
    sessions,
    bus,
    paging,
    versions,
    ways = ['ws'],
    series,
    search,
    attachments,
    files,
  }: FloorOptions = {}) {
    this.#seed = seed
    this.#files = { ...(attachments !== undefined && { attachments }), ...(files !== undefined && { files }) }
    this.#paging = paging
    this.#ways = ways
    this.clock = clock
    this.disk = disk
    this.store = new MemoryStore(disk)
    // Each part its own chance: how often one asks must not change what another gets.
    this.server = server ?? new ModelServer(seededRandom(seed + 1_000_000))
    const random = seededRandom(seed)
    this.sessions = sessions ?? new FakeSessions(() => random.uuid())
    this.relay = new Relay({
      serverUrl: 'http://server.test',
      name: 'Terminal 12',
      build: 'test',
      kind: 'kiosk',
      store: this.store,
      socket: this.sockets,
      identity: { device: DEVICE, prove: () => Promise.resolve('proof') },
      sessions: this.sessions,
      clock: this.clock,
      random,
      hints: {
        listen: (hinted) => {
          this.hint = hinted
          return () => (this.hint = () => undefined)
        },
        network: () => this.network,
      },
      log: (level, event, fields) => this.logged.push({ level, event, fields }),
      ...(bus !== 'none' && { bus: { post: (message) => this.bus.push(structuredClone(message) as BusMessage) } }),
      ...(paging !== undefined && { paging }),
      ...(versions !== undefined && { versions }),
      ways,
      ...(series !== undefined && { series }),
      ...(search !== undefined && { search }),
      ...this.#files,
      observe: (observation) => this.observed.push(structuredClone(observation)),
    })
  }

  get wire(): Wire {
    return this.sockets.wire
  }

  /** Starts, connects, and serves until nothing moves. */
  async live(): Promise<this> {
    await this.relay.start()
    await settle()
    await this.connect()
    return this
  }

  /** Lets the newest connection through. */
  async connect(): Promise<void> {
    this.server.accept(this.wire)
    await this.serve()
  }

  /** Carries frames to and fro until both ends are silent. */
  async serve(): Promise<void> {
    for (;;) {
      await settle()
      const moved = this.server.serve(this.wire) + this.wire.flushDown()
      await settle()
      if (moved === 0) return
    }
  }

  window(...shows: readonly string[]): FakeWindow {
    const window = new FakeWindow(this.relay)
    window.say({ t: 'open', shows })
    return window
  }

  /** The process is killed: what was not durable is gone. Returns its next life, not started. */
  again(): Floor {
    this.store.crash()
    const { disk, server, clock, sessions } = this
    sessions.calls.length = 0
    const paging = this.#paging
    const ways = this.#ways
    return new Floor({
      seed: this.#seed + 1,
      disk,
      server,
      clock,
      sessions,
      ways,
      ...this.#files,
      ...(paging !== undefined && { paging }),
    })
  }

  seen<K extends Observation['kind']>(kind: K): readonly Extract<Observation, { kind: K }>[] {
    return this.observed.filter((each): each is Extract<Observation, { kind: K }> => each.kind === kind)
  }

  status(): string {
    return this.seen('status').at(-1)?.status.state ?? 'idle'
  }

  sent(t: string): readonly Record<string, unknown>[] {
    return this.sockets.wires.flatMap((wire) => wire.received).filter((frame) => frame.t === t)
  }

  appliedIds(): readonly CommandId[] {
    return this.server.effects.map((effect) => effect.id)
  }
}
