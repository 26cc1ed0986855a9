/** One device of a simulated world: its disk, its relay's lives, the program that uses it, and its place in the network. */
import { Relay } from '../../relay/relay.ts'
import type { Hint, Observation, Random } from '../../relay/ports.ts'
import type { CommandId, DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import type { Lane } from '../../relay/protocol/lanes.ts'
import type { PortMessage, RelayView } from '../../relay/protocol/local.ts'
import { WAYS } from '../../relay/protocol/ways.ts'
import type { Ledger, Violate } from './ledger.ts'
import { Reader } from './reader.ts'
import { SimulatedDisk, SimulatedStore } from './simulated-disk.ts'
import type { SimulatedServer } from './simulated-server.ts'
import { simulatedSessions } from './simulated-sessions.ts'
import { DeviceClock, type SimulatedTime } from './simulated-time.ts'
import { NO_OBSTACLE, SimulatedUplinks } from './simulated-uplinks.ts'
import { triedBefore, type Watched } from './uplink-watch.ts'

export const CHANNELS = ['alerts/urgent', 'chat/line-3', 'alerts/line-3'] as const

/** What is on one disk, and what a program with that disk was told: a copy of the disk is a copy of this. */
export interface Memory {
  readonly disk: SimulatedDisk
  readonly reader: Reader
  /** Commands that were told saved, by reference. */
  readonly saved: Map<string, CommandId>
  readonly savedUrgent: Set<string>
  readonly results: Map<string, { readonly outcome: string; readonly code: string | null }>
  refreshToken: string | null
}

export interface DeviceOptions {
  readonly id: DeviceId
  readonly time: SimulatedTime
  readonly server: SimulatedServer
  readonly ledger: Ledger
  readonly violate: Violate
  readonly random: Random
}

interface Life {
  readonly relay: Relay
  readonly clock: DeviceClock
  readonly store: SimulatedStore
  readonly watched: Watched
  /** Undefined until the relay has said who is signed in. */
  session: SessionId | null | undefined
  hint: (hint: Hint) => void
  status: string
}

export class SimulatedDevice {
  readonly #options: DeviceOptions
  memory: Memory
  /** Another copy of the disk, in a drawer. */
  spare: Memory | null = null
  readonly uplinks: SimulatedUplinks
  isSlow = false
  #life: Life | null = null
  #wallAhead = Date.UTC(2026, 10, 20, 6)
  #isAsleep = false
  #asked = 0
  readonly #refs: { readonly ref: string; readonly type: string; readonly data: unknown }[] = []
  readonly #follows = new Set<string>(CHANNELS)

  constructor(options: DeviceOptions) {
    this.#options = options
    const { ledger, violate } = options
    this.uplinks = new SimulatedUplinks(options)
    this.memory = {
      disk: new SimulatedDisk(),
      reader: new Reader(ledger, violate),
      saved: new Map(),
      savedUrgent: new Set(),
      results: new Map(),
      refreshToken: null,
    }
  }

  get id(): DeviceId {
    return this.#options.id
  }
  get status(): string {
    return this.#life?.status ?? 'off'
  }
  get isSignedIn(): boolean {
    return typeof this.#life?.session === 'string'
  }
  get isIdle(): boolean {
    const pending = this.#life?.relay.pending()
    return pending !== undefined && pending.urgent + pending.normal === 0
  }

  // -------------------------------------------------------------------------------------------------------- lives

  start(): void {
    if (this.#life !== null) return
    const { time, random, server } = this.#options
    const clock = new DeviceClock(time, { wallAhead: this.#wallAhead })
    const { disk, savedUrgent } = this.memory
    const watched: Watched = { disk, savedUrgent, answered: new Set(), urgentTried: triedBefore(disk) }
    const store = new SimulatedStore(disk, clock, () => Math.floor(random.next() * 8))
    const catchUp = (): void => relay.unsubscribe('nothing')
    const relay: Relay = new Relay({
      serverUrl: 'http://server.test',
      name: 'Terminal',
      build: 'model',
      kind: 'kiosk',
      store,
      socket: { open: (_url, way, events) => this.uplinks.open(way, events, { clock, watched, catchUp }) },
      ways: WAYS,
      identity: { device: this.id, prove: () => Promise.resolve(this.id) },
      sessions: simulatedSessions({
        server,
        clock,
        random,
        jar: this.memory,
        isReachable: () => this.uplinks.network === 'on',
      }),
      clock,
      random,
      hints: {
        listen: (hinted) => {
          life.hint = hinted
          return () => (life.hint = () => undefined)
        },
      },
      log: (_level, event, fields) => this.#logged(event, fields),
      observe: (observation) => this.#observed(life, observation),
    })
    const life: Life = { relay, clock, store, watched, session: undefined, hint: () => undefined, status: 'idle' }
    this.#life = life
    this.#isAsleep = false
    this.isSlow = false
    this.memory.reader.newLife()
    void relay.start()
    for (const channel of this.#follows) relay.subscribe(channel)
  }

  /** `serverAfterMs` null: the power is cut, and nobody tells the server. */
  crash(serverAfterMs: number | null): void {
    if (this.#life === null) return
    this.#wallAhead = this.#life.clock.wallAhead
    this.#life.clock.off()
    this.#life = null
    this.uplinks.died(serverAfterMs)
  }

  sleep(): void {
    if (this.#life === null || this.#isAsleep) return
    this.#isAsleep = true
    this.#life.clock.sleep()
    this.uplinks.isReading = false
  }

  wake(monotonic: 'stood-still' | 'went-on'): void {
    if (this.#life === null || !this.#isAsleep) return
    this.#isAsleep = false
    this.#life.clock.wake(monotonic)
    if (!this.isSlow) this.uplinks.isReading = true
  }

  /** Two disks from now on; `swap` changes them. */
  clone(): void {
    const { disk, reader, saved, savedUrgent, results, refreshToken } = this.memory
    this.#options.ledger.cloned.add(this.id)
    this.spare = {
      disk: disk.copy(),
      reader: reader.copy(),
      saved: new Map(saved),
      savedUrgent: new Set(savedUrgent),
      results: new Map(results),
      refreshToken,
    }
  }

  swap(): void {
    if (this.spare === null) return
    this.crash(0)
    const { memory } = this
    this.memory = this.spare
    this.spare = memory
    this.start()
  }

  // -------------------------------------------------------------------------------------------------- the program

  /** Asks the relay for a command, under a new reference or the last one. */
  submit(type: string, data: unknown): void {
    this.#asked += 1
    const ref = `${this.id.slice(0, 2)}-${this.#asked}`
    this.#refs.push({ ref, type, data })
    this.#submit(ref, type, data)
  }

  repeat(): void {
    const last = this.#refs.at(-1)
    if (last !== undefined) this.#submit(last.ref, last.type, last.data)
  }

  #submit(ref: string, type: string, data: unknown): void {
    const life = this.#life
    if (life === null || this.#isAsleep) return
    const { ledger, violate, random, server } = this.#options
    const id = random.uuid() as CommandId
    const { memory } = this
    ledger.asked.set(id, {
      device: this.id,
      ref,
      type,
      data,
      session: life.session,
      order: ledger.asked.size,
      at: server.now,
    })
    void life.relay.submit({ ref, type, data, id }).then((checked) => {
      if (!checked.ok || this.#life !== life) return
      const { id: saved, repeated } = checked.value
      const before = memory.saved.get(ref)
      if (before !== undefined && before !== saved) violate('a reference has two commands', { ref, before, saved })
      memory.saved.set(ref, saved)
      if (type.startsWith('alert.') && !memory.results.has(ref)) memory.savedUrgent.add(saved)
      if (!repeated) this.#checkSaved(ref, saved)
    })
  }

  signIn(operator: string): void {
    if (!this.#isAsleep) void this.#life?.relay.signIn(operator, '1111')
  }
  signOut(): void {
    if (!this.#isAsleep) void this.#life?.relay.signOut()
  }
  retry(): void {
    if (!this.#isAsleep) this.#life?.relay.retry()
  }
  hint(hint: Hint): void {
    if (!this.#isAsleep) this.#life?.hint(hint)
  }
  /** Its WebSocket is blocked, so that it takes another way; a while later that is over, and the system says that it may be. */
  detour(backMs: number): void {
    this.uplinks.obstacle = { ways: ['ws'], how: 'answered' }
    this.retry()
    this.#options.time.after(backMs, () => {
      this.uplinks.obstacle = NO_OBSTACLE
      this.hint('online')
    })
  }
  jump(ms: number): void {
    this.#life?.clock.jump(ms)
  }
  set isDiskFailing(isFailing: boolean) {
    if (this.#life !== null) this.#life.store.failing = isFailing
  }

  follow(channel: string): void {
    this.#follows.add(channel)
    if (!this.#isAsleep) this.#life?.relay.subscribe(channel)
  }
  leave(channel: string): void {
    if (this.#isAsleep) return
    this.#follows.delete(channel)
    this.#life?.relay.unsubscribe(channel)
    this.memory.reader.left(channel)
  }

  /** The program stops taking what the network brings. */
  slow(isSlow: boolean): void {
    this.isSlow = isSlow
    if (isSlow) this.uplinks.isReading = false
    else if (!this.#isAsleep) this.uplinks.isReading = true
  }

  view(): RelayView | null {
    let view: RelayView | null = null
    const port = this.#life?.relay.attach({
      post: (message) => {
        const heard = message as PortMessage
        if (heard.t === 'view') ({ view } = heard)
      },
    })
    port?.receive({ t: 'open', shows: [...CHANNELS] })
    port?.detach()
    return view
  }

  /** A saved command is on the disk, or its end is. */
  checkAllSaved(memory: Memory): void {
    const rows = new Set<string>()
    for (const key of memory.disk.keys('outbox')) rows.add((memory.disk.get('outbox', key) as { id: string }).id)
    for (const [ref, id] of memory.saved) {
      const known = memory.disk.get('refs', ref) as { readonly settled?: unknown } | null
      if (known?.settled === undefined && !rows.has(id)) this.#options.violate('a saved command is lost', { ref, id })
    }
  }

  #checkSaved(ref: string, id: CommandId): void {
    const { disk } = this.memory
    const row = disk.get('refs', ref) as { readonly id: string } | null
    if (row?.id !== id) this.#options.violate('a command was called saved that is not on the disk', { ref, id })
  }

  #observed(life: Life, observation: Observation): void {
    if (this.#life !== life) return
    const { memory } = this
    if (this.uplinks.isOldSpeaking) this.#options.violate('an older socket changed something', observation)
    if (observation.kind === 'session') life.session = observation.session?.id ?? null
    else if (observation.kind === 'status') life.status = observation.status.state
    else if (observation.kind === 'result' && observation.outcome !== 'retry-later') this.#ended(memory, observation)
    memory.reader.observe(observation)
  }

  #ended(memory: Memory, { ref, outcome, code }: Extract<Observation, { kind: 'result' }>): void {
    const before = memory.results.get(ref)
    if (before !== undefined && before.outcome !== outcome)
      this.#options.violate('a result changed', { ref, before, outcome })
    memory.results.set(ref, { outcome, code })
    const id = memory.saved.get(ref)
    if (id !== undefined) memory.savedUrgent.delete(id)
  }

  #logged(event: string, fields: Readonly<Record<string, unknown>> | undefined): void {
    // Between a correct server and a correct relay nothing is ever missed; what hides a bug by asking again is one too.
    if (event === 'channel-gap' && fields?.['why'] !== 'no page') this.#options.violate('a gap', fields)
    if (event === 'lane-stalled') this.uplinks.watch?.stalled(fields?.['lane'] as Lane, fields?.['seq'] as number)
    if (event === 'observer-failed') this.#options.violate('the observer failed', fields)
  }
}
