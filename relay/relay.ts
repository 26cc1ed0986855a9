/**
 * The engine in the world, and the only mutable object of a relay: feeds inputs to `core/engine.ts` one after the other,
 * hands its effects to `shell/`. What happens while effects are carried out waits its turn.
 */
import { refuseSubscription } from './core/channels/demand.ts'
import { createEngine, deadline, isIdle, step } from './core/engine.ts'
import { refuseTrack } from './core/rooms/rooms.ts'
import type { OwnTrack } from './protocol/presence.ts'
import type { Input } from './core/step/inputs.ts'
import type { Origin } from './core/tell/slice.ts'
import { pendingCounts } from './core/outbox/counts.ts'
import { DEFAULT_PAGING } from './core/disk/paging.ts'
import { endingRows } from './core/disk/rows.ts'
import type { EngineState } from './core/state.ts'
import type { Moment } from './core/step/turn.ts'
import type { ContentHash, FilePlace } from './protocol/attachments.ts'
import type { ChannelName } from './protocol/channels.ts'
import type { Checked } from './protocol/check.ts'
import type { Refusal } from './protocol/errors.ts'
import type { CommandId } from './protocol/ids.ts'
import type { Lane } from './protocol/lanes.ts'
import type { FileBytes, SessionView } from './protocol/local.ts'
import { VERSIONS } from './protocol/version.ts'
import { checkWindowMessage } from './protocol/window-messages.ts'
import type { SessionFailure, WindowPort } from './ports.ts'
import { Disk } from './shell/disk.ts'
import { Hands, STOPPED } from './shell/hands.ts'
import type { RelayOptions } from './shell/options.ts'
import { readStart } from './shell/start.ts'
import { Timers } from './shell/timers.ts'

export type { RelayOptions }

export type SignInResult =
  | { readonly ok: true; readonly session: SessionView }
  | { readonly ok: false; readonly code: string; readonly message: string }

/** One relay per device. Nothing happens before `start`; what is asked of it earlier waits for that. */
export class Relay {
  readonly #options: RelayOptions
  #state: EngineState | null = null
  #life: 'new' | 'starting' | 'running' | 'stopped' = 'new'
  readonly #inputs: Input[] = []
  #isTaking = false
  readonly #disk: Disk
  readonly #hands: Hands
  readonly #timers: Timers
  #releaseHints: () => void = () => undefined
  #lastNumber = 0
  #idleWaiters: (() => void)[] = []

  constructor(options: RelayOptions) {
    this.#options = options
    this.#disk = new Disk(options, (input) => this.#takeAlways(input))
    this.#hands = new Hands(options, this.#disk, (input) => this.#take(input))
    this.#timers = new Timers(options.clock, (input) => this.#take(input))
  }

  /** Reads the store, then connects and keeps connecting. Rejects when the store cannot be read, or is newer than this program. */
  async start(): Promise<void> {
    if (this.#life !== 'new') throw new Error('a relay starts once')
    this.#life = 'starting'
    const { name, build, kind, warnings = [], random, hints, ways } = this.#options
    const { paging = DEFAULT_PAGING, versions = VERSIONS } = this.#options
    const tables = await readStart(this.#options, paging)
    if (this.#hasStopped()) return
    const endingIds = endingRows(tables.meta).map(() => random.uuid())
    const network = hints.network?.() ?? ''
    const start = { tables, outboxEpoch: random.uuid(), life: random.uuid(), endingIds, network, paging }
    const created = createEngine({ name, build, kind, warnings, versions, ways }, start, this.#moment())
    this.#life = 'running'
    this.#state = created.state
    this.#isTaking = true
    for (const effect of created.effects) this.#hands.carryOut(effect)
    this.#isTaking = false
    this.#releaseHints = hints.listen((hint) => this.#take({ kind: 'hinted', hint, network: hints.network?.() ?? '' }))
    this.#timers.startTicking()
    this.#takeWaiting()
  }

  /** Says goodbye, closes the uplink, and writes what is still to be written; what is saved is sent at the next start. */
  async stop(): Promise<void> {
    if (this.#life === 'stopped') return
    if (this.#state !== null) this.#take({ kind: 'stopped' })
    this.#life = 'stopped'
    this.#releaseHints()
    this.#timers.stop()
    await this.#disk.stop()
    this.#hands.refuseAll(STOPPED)
    for (const resolve of this.#idleWaiters) resolve()
    this.#idleWaiters = []
  }

  /** A window's port. What it says is checked here; `detach` when it is gone. */
  attach(port: WindowPort): { receive(message: unknown): void; detach(): void } {
    const number = this.#number()
    this.#hands.addPort(number, port)
    this.#take({ kind: 'windowAttached', port: number })
    const detach = () => {
      if (this.#hands.removePort(number)) this.#take({ kind: 'windowDetached', port: number })
    }
    const receive = (message: unknown) => {
      if (!this.#hands.hasPort(number)) return
      const checked = checkWindowMessage(message)
      if (!checked.ok) return this.#hands.refuseWindow(port, message, checked)
      if (checked.value.t === 'close') return detach()
      this.#take({ kind: 'windowSpoke', port: number, message: checked.value, fresh: this.#options.random.uuid() })
    }
    return { receive, detach }
  }

  /** Resolves ok only when the command is on disk. A repeated `ref` is not sent twice: `repeated`, with the first id. */
  submit(request: {
    readonly ref: string
    readonly type: string
    readonly data: unknown
    readonly id?: string
  }): Promise<Checked<{ readonly id: CommandId; readonly repeated: boolean }>> {
    const { ref, type, data, id = this.#options.random.uuid() } = request
    return this.#ask((origin) => ({ kind: 'submitted', origin, ref, id, type, data }))
  }

  /**
   * Follows a channel as an observer; a refusal of the server comes as an observation `refused`. `maxHz`: how often values of a
   * live channel come at most, per second, 1 to `LIMITS.maxLiveHz`.
   */
  subscribe(channel: string, options: { readonly from?: 'start'; readonly maxHz?: number } = {}): Refusal | null {
    const { from = null, maxHz = null } = options
    const refusal = refuseSubscription(channel, { from, maxHz })
    if (refusal !== null) return refusal
    this.#take({ kind: 'subscribed', channel: channel as ChannelName, from, maxHz })
    return null
  }

  /**
   * This device is in the room `presence/{area}` or `presence/{area}/{id}` until it says null, over reconnects too. Null, or why
   * it cannot be; one room too many, and what the server refuses, comes as an observation `refused`.
   */
  track(channel: string, state: OwnTrack | null): Refusal | null {
    const refusal = refuseTrack(channel, state)
    if (refusal !== null) return refusal
    this.#take({ kind: 'tracked', channel: channel as ChannelName, state })
    return null
  }

  /**
   * Says something to whoever reads `room/{area}/{id}` or `typing/{area}` now; the latest of each `key` counts. It is kept
   * nowhere: without a live connection it is refused.
   */
  signal(channel: string, data: unknown, key?: string): Promise<Checked<null>> {
    return this.#ask((origin) => ({ kind: 'signalled', origin, channel, data, ...(key !== undefined && { key }) }))
  }

  unsubscribe(channel: string): void {
    this.#take({ kind: 'unsubscribed', channel })
  }

  /** The observer is behind with what it is told: what it follows is not read until it says `false`, urgent alerts excepted. */
  hostLags(isBehind: boolean): void {
    this.#take({ kind: 'hostLagged', isBehind })
  }

  /** The result of this reference was taken note of: it is not told again at the next start. */
  async seen(ref: string): Promise<void> {
    await this.#ask((origin) => ({ kind: 'resultSeen', ref, origin }))
  }

  /** Never rejects. Code `unreachable` when the server does not answer. */
  async signIn(operator: string, pin: string): Promise<SignInResult> {
    const signed = await this.#ask<Checked<SessionView>>((origin) => ({ kind: 'signInAsked', origin, operator, pin }))
    return signed.ok ? { ok: true, session: signed.value } : { ok: false, code: signed.code, message: signed.message }
  }

  /** Reading and authorship end at once, also offline; resolves when that is on disk. `everywhere`: on all their devices. */
  async signOut({ everywhere = false }: { readonly everywhere?: boolean } = {}): Promise<void> {
    const scope = everywhere ? { everywhere: true as const } : {}
    await this.#ask((origin) => ({ kind: 'signOutAsked', origin, fresh: this.#options.random.uuid(), ...scope }))
  }

  /** Keeps the bytes of a photo or file for a message of the person who is signed in (`chat.share`). Ok: they are on disk. */
  keepFile(bytes: Uint8Array<ArrayBuffer>): Promise<Checked<ContentHash>> {
    return this.#ask((origin) => ({ kind: 'fileGiven', origin, bytes }))
  }

  /** A photo or file of a message, as the person who is signed in; `small`: of a photo, as it stands in a list. */
  readFile(place: FilePlace, size: 'small' | 'whole'): Promise<Checked<FileBytes> | SessionFailure> {
    return this.#ask((origin) => ({ kind: 'fileAsked', origin, place, size }))
  }

  /** A person wants the connection tried now. */
  retry(): void {
    this.#take({ kind: 'retryPressed' })
  }

  /** Commands that are saved and not yet durably ended. */
  pending(): Readonly<Record<Lane, number>> {
    return this.#state === null ? { urgent: 0, normal: 0 } : pendingCounts(this.#state.outbox)
  }

  /** Resolves when no command is on its way and every result is durable; also when the relay is stopped. */
  idle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve()
    return new Promise((resolve) => this.#idleWaiters.push(resolve))
  }

  // ------------------------------------------------------------------------------------------------------- inputs

  #take(input: Input): void {
    if (this.#life === 'stopped') return
    this.#inputs.push(input)
    if (this.#state !== null && !this.#isTaking) this.#takeWaiting()
  }

  /** Of the disk: taken even while stopping, when nothing else is. */
  #takeAlways(input: Input): void {
    this.#inputs.push(input)
    if (!this.#isTaking) this.#takeWaiting()
  }

  #takeWaiting(): void {
    this.#isTaking = true
    try {
      for (let input = this.#inputs.shift(); input !== undefined; input = this.#inputs.shift()) {
        if (this.#state === null) return
        const next = step(this.#state, input, this.#moment())
        this.#state = next.state
        for (const effect of next.effects) this.#hands.carryOut(effect)
      }
    } finally {
      this.#isTaking = false
    }
    this.#timers.plan(this.#state === null || this.#life !== 'running' ? null : deadline(this.#state))
    this.#disk.flush()
    if (this.#idleWaiters.length === 0 || !this.#isIdle()) return
    const waiters = this.#idleWaiters
    this.#idleWaiters = []
    for (const resolve of waiters) resolve()
  }

  /** Asked after an `await`, where the compiler still believes what was true before it. */
  #hasStopped(): boolean {
    return this.#life === 'stopped'
  }

  #moment(): Moment {
    const { clock, random } = this.#options
    return { now: clock.monotonic(), wall: clock.wall(), chance: random.next() }
  }

  #number(): number {
    this.#lastNumber += 1
    return this.#lastNumber
  }

  /** One question to the engine; what it answers has the type of the question by the contract of its input. */
  #ask<T>(input: (origin: Origin) => Input): Promise<T> {
    const request = this.#number()
    if (this.#life === 'stopped') return Promise.resolve(STOPPED as T)
    return new Promise((resolve) => {
      this.#hands.await(request, resolve as (answer: unknown) => void)
      this.#take(input({ kind: 'host', request }))
    })
  }

  #isIdle(): boolean {
    return this.#state !== null && isIdle(this.#state) && this.#disk.isDrained
  }
}
