/**
 * The shell of the engine and the only mutable object of a relay: feeds inputs to `core/engine.ts`, carries its effects
 * out on ports. It decides two things only: how writes are grouped, and how a failing disk is retried.
 *
 * Invariants
 *   1. Inputs are taken one after the other; what happens while effects are carried out waits its turn.
 *   2. At most one `store.write` is in flight; what gathers meanwhile is the next one, in order (group commit).
 *   3. Nothing is told `written` that the store has not confirmed.
 */
import { refuseSubscription } from './core/channels.ts'
import type { Effect } from './core/effects.ts'
import { createEngine, deadline, step } from './core/engine.ts'
import type { Input, Origin, StartTables } from './core/inputs.ts'
import { isEmpty, pendingCounts } from './core/outbox.ts'
import { addSave, batchFailed, batchWritten, isDrained, newSaveQueue, resume, takeBatch } from './core/save-queue.ts'
import type { EngineState } from './core/state.ts'
import type { Moment } from './core/turn.ts'
import type { ChannelName } from './protocol/channels.ts'
import type { Checked } from './protocol/check.ts'
import { decodeServerFrame, encodeFrame } from './protocol/codec.ts'
import { refuse, type Refusal } from './protocol/errors.ts'
import type { CommandId } from './protocol/ids.ts'
import type { Lane } from './protocol/lanes.ts'
import type { SessionView } from './protocol/local.ts'
import { unreachable } from './protocol/rights.ts'
import { SUBPROTOCOL } from './protocol/version.ts'
import { checkWindowMessage } from './protocol/window-messages.ts'
import type {
  BusPort,
  Clock,
  IdentityPort,
  Log,
  NetworkHints,
  Observer,
  Random,
  RelayStore,
  SessionFailure,
  SessionGrant,
  SessionPort,
  SocketHandle,
  SocketPort,
  WindowPort,
} from './ports.ts'

export interface RelayOptions {
  /** The server's base, `http://host:7070`. */
  readonly serverUrl: string
  /** The device's name as people read it. */
  readonly name: string
  readonly build: string
  readonly kind: 'kiosk' | 'web' | 'headless'
  /** Open, and this relay's alone; whoever opened it closes it after `stop`. */
  readonly store: RelayStore
  readonly socket: SocketPort
  readonly identity: IdentityPort
  readonly sessions: SessionPort
  readonly clock: Clock
  readonly random: Random
  readonly hints: NetworkHints
  readonly log: Log
  /** Without one every bus message goes by every port. */
  readonly bus?: BusPort
  readonly observe?: Observer
  /** What this device cannot promise, in words; shown with the status. */
  readonly warnings?: readonly string[]
}

export type SignInResult =
  | { readonly ok: true; readonly session: SessionView }
  | { readonly ok: false; readonly code: string; readonly message: string }

/** Between two tries of a failing disk or of a sick read. */
const RETRY_MS = 1_000
const TICK_MS = 1_000

/** One relay per device. Nothing happens before `start`; what is asked of it earlier waits for that. */
export class Relay {
  readonly #options: RelayOptions
  #state: EngineState | null = null
  #life: 'new' | 'starting' | 'running' | 'stopped' = 'new'
  readonly #inputs: Input[] = []
  #isTaking = false
  #socket: { readonly generation: number; readonly handle: SocketHandle } | null = null
  readonly #ports = new Map<number, WindowPort>()
  readonly #answers = new Map<number, (answer: unknown) => void>()
  #lastNumber = 0
  readonly #saves = newSaveQueue()
  #flushWaiters: (() => void)[] = []
  #timer: { readonly at: number; readonly cancel: () => void } | null = null
  readonly #releases: (() => void)[] = []
  #idleWaiters: (() => void)[] = []

  constructor(options: RelayOptions) {
    this.#options = options
  }

  /** Reads the store, then connects and keeps connecting. Rejects only when the store cannot be read. */
  async start(): Promise<void> {
    if (this.#life !== 'new') throw new Error('a relay starts once')
    this.#life = 'starting'
    const { store, name, build, kind, warnings = [], random, hints } = this.#options
    const [meta, outbox, refs, channels, receipts] = await Promise.all([
      store.read('meta'),
      store.read('outbox'),
      store.read('refs'),
      store.read('channels'),
      store.read('receipts'),
    ])
    if (this.#hasStopped()) return
    const tables: StartTables = { meta, outbox, refs, channels, receipts }
    const start = { tables, outboxEpoch: random.uuid(), life: random.uuid() }
    const created = createEngine({ name, build, kind, warnings }, start, this.#moment())
    this.#life = 'running'
    this.#state = created.state
    this.#isTaking = true
    this.#carryOutAll(created.effects)
    this.#isTaking = false
    this.#releases.push(hints.listen((hint) => this.#take({ kind: 'hinted', hint })))
    this.#planTick()
    this.#takeWaiting()
  }

  /** Says goodbye, closes the uplink, and writes what is still to be written; what is saved is sent at the next start. */
  async stop(): Promise<void> {
    if (this.#life === 'stopped') return
    if (this.#state !== null) this.#take({ kind: 'stopped' })
    this.#life = 'stopped'
    for (const release of this.#releases) release()
    this.#timer?.cancel()
    await this.#flushed()
    for (const answer of this.#answers.values()) answer(refuse('unavailable', 'The relay was stopped.'))
    this.#answers.clear()
    for (const resolve of this.#idleWaiters) resolve()
    this.#idleWaiters = []
  }

  /** A window's port. What it says is checked here; `detach` when it is gone. */
  attach(port: WindowPort): { receive(message: unknown): void; detach(): void } {
    const number = this.#number()
    this.#ports.set(number, port)
    this.#take({ kind: 'windowAttached', port: number })
    const detach = () => {
      if (this.#ports.delete(number)) this.#take({ kind: 'windowDetached', port: number })
    }
    const receive = (message: unknown) => {
      if (!this.#ports.has(number)) return
      const checked = checkWindowMessage(message)
      if (!checked.ok) return this.#refuseWindow(port, message, checked)
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

  /** Follows a channel as an observer; a refusal of the server comes as an observation `refused`. */
  subscribe(channel: string, options: { readonly from?: 'start' } = {}): Refusal | null {
    const from = options.from ?? null
    const refusal = refuseSubscription(channel, from)
    if (refusal !== null) return refusal
    this.#take({ kind: 'subscribed', channel: channel as ChannelName, from })
    return null
  }

  unsubscribe(channel: string): void {
    this.#take({ kind: 'unsubscribed', channel })
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

  /** Reading and authorship end at once, also offline; resolves when that is on disk. */
  async signOut(): Promise<void> {
    await this.#ask((origin) => ({ kind: 'signOutAsked', origin, fresh: this.#options.random.uuid() }))
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

  #takeWaiting(): void {
    this.#isTaking = true
    try {
      for (let input = this.#inputs.shift(); input !== undefined; input = this.#inputs.shift()) {
        if (this.#state === null) return
        const next = step(this.#state, input, this.#moment())
        this.#state = next.state
        this.#carryOutAll(next.effects)
      }
    } finally {
      this.#isTaking = false
    }
    this.#planTimer()
    this.#flush()
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
    if (this.#life === 'stopped') return Promise.resolve(refuse('unavailable', 'The relay was stopped.') as T)
    return new Promise((resolve) => {
      this.#answers.set(request, resolve as (answer: unknown) => void)
      this.#take(input({ kind: 'host', request }))
    })
  }

  #isIdle(): boolean {
    return this.#state !== null && isEmpty(this.#state.outbox) && isDrained(this.#saves)
  }

  // ------------------------------------------------------------------------------------------------------ effects

  #carryOutAll(effects: readonly Effect[]): void {
    for (const effect of effects) this.#carryOut(effect)
  }

  #carryOut(effect: Effect): void {
    const { identity, sessions, random, log, observe, bus } = this.#options
    switch (effect.kind) {
      case 'openSocket':
        return this.#open(effect.generation)
      case 'closeSocket':
        if (this.#socket?.generation !== effect.generation) return
        this.#socket.handle.close(effect.code, effect.reason)
        this.#socket = null
        return
      case 'send':
        if (this.#socket?.generation === effect.generation) this.#socket.handle.send(encodeFrame(effect.frame))
        return
      case 'prove': {
        const { generation, nonce } = effect
        const proof = identity.prove(nonce, SUBPROTOCOL)
        return this.#follow(proof, 'proof-failed', {
          ended: (value) => ({ kind: 'proved', generation, proof: value }),
          failed: () => ({ kind: 'proofFailed', generation }),
        })
      }
      case 'save':
        return addSave(this.#saves, effect)
      case 'loadChannel':
        return this.#load(effect)
      case 'observe':
        return this.#guard('observer-failed', () => observe?.(effect.observation))
      case 'postBus':
        if (bus !== undefined) this.#guard('bus-failed', () => bus.post(effect.message))
        if (bus !== undefined && !effect.everyPort) return
        for (const port of this.#ports.values()) {
          this.#guard('port-failed', () => port.post({ t: 'copy', message: effect.message }))
        }
        return
      case 'postPort': {
        const port = this.#ports.get(effect.port)
        if (port !== undefined) this.#guard('port-failed', () => port.post(effect.message))
        return
      }
      case 'answer':
        this.#answers.get(effect.request)?.(effect.answer)
        this.#answers.delete(effect.request)
        return
      case 'signIn': {
        const { attempt, operator, pin, deviceToken } = effect
        const fresh = random.uuid()
        const ended = (result: SessionGrant | SessionFailure): Input => ({ kind: 'signedIn', attempt, result, fresh })
        const grant = sessions.signIn({ operator, pin, deviceToken })
        return this.#follow(grant, 'sign-in-failed', { ended, failed: () => ended(BROKEN) })
      }
      case 'refreshSession': {
        const { attempt, session, deviceToken } = effect
        const ended = (result: SessionGrant | SessionFailure): Input => ({ kind: 'refreshed', attempt, result })
        const grant = sessions.refresh({ session, deviceToken })
        return this.#follow(grant, 'refresh-failed', { ended, failed: () => ended(BROKEN) })
      }
      case 'forgetSession':
        sessions.forget().catch((cause: unknown) => log('warn', 'forget-failed', { cause }))
        return
      case 'log':
        return log(effect.level, effect.event, effect.fields)
      default:
        return unreachable(effect)
    }
  }

  #open(generation: number): void {
    const { socket, serverUrl, log, random } = this.#options
    const handle = socket.open(serverUrl, {
      opened: () => this.#take({ kind: 'socketOpened', generation, fresh: random.uuid() }),
      received: (text) => {
        const frame = decodeServerFrame(text)
        if (frame.ok) return this.#take({ kind: 'frameReceived', generation, frame: frame.value })
        // A newer server may say more (C4); what is broken is worth a line.
        const { code, message } = frame
        return log(code === 'unknown-frame' ? 'debug' : 'warn', 'frame-ignored', { code, message })
      },
      closed: (code) => {
        if (this.#socket?.generation === generation) this.#socket = null
        this.#take({ kind: 'socketClosed', generation, code })
      },
    })
    this.#socket = { generation, handle }
  }

  #load(effect: Extract<Effect, { kind: 'loadChannel' }>): void {
    const { channel, table, range } = effect
    this.#options.store.read(table, range).then(
      (rows) => this.#take({ kind: 'channelLoaded', channel, rows }),
      (cause: unknown) => {
        this.#options.log('error', 'read-failed', { channel, cause })
        this.#options.clock.after(RETRY_MS, () => {
          if (this.#life === 'running') this.#load(effect)
        })
      },
    )
  }

  /** A host or window that throws must not stop the engine between two effects of one step. */
  #guard(event: string, call: () => void): void {
    try {
      call()
    } catch (cause) {
      this.#options.log('error', event, { cause })
    }
  }

  #refuseWindow(port: WindowPort, message: unknown, refusal: Refusal): void {
    const { code, message: says } = refusal
    this.#options.log('warn', 'window-message-refused', { code, says })
    const ref = typeof message === 'object' && message !== null && 'ref' in message ? message.ref : null
    if (typeof ref === 'string')
      this.#guard('port-failed', () => port.post({ t: 'reply', ref, ok: false, code, message: says }))
  }

  /** Work of a port: how it ends is an input, and a failure is logged with its cause. */
  #follow<T>(
    work: Promise<T>,
    event: string,
    { ended, failed }: { readonly ended: (value: T) => Input; readonly failed: () => Input },
  ): void {
    work.then(
      (value) => this.#take(ended(value)),
      (cause: unknown) => {
        this.#options.log('error', event, { cause })
        this.#take(failed())
      },
    )
  }

  // --------------------------------------------------------------------------------------------------------- disk

  #flush(): void {
    const writes = takeBatch(this.#saves)
    if (writes === null) return
    const { store, log, clock } = this.#options
    const written = writes.length === 0 ? Promise.resolve() : store.write(writes)
    written.then(
      () => this.#heardOfDisk({ kind: 'written', upTo: batchWritten(this.#saves) }),
      (cause: unknown) => {
        log('error', 'write-failed', { cause })
        batchFailed(this.#saves)
        clock.after(RETRY_MS, () => {
          if (this.#life === 'stopped') return
          resume(this.#saves)
          this.#flush()
        })
        this.#heardOfDisk({ kind: 'writeFailed' })
      },
    )
  }

  /** Taken even while stopping, when nothing else is. */
  #heardOfDisk(input: Input): void {
    this.#inputs.push(input)
    if (!this.#isTaking) this.#takeWaiting()
    if (!this.#isFlushed()) return
    const waiters = this.#flushWaiters
    this.#flushWaiters = []
    for (const resolve of waiters) resolve()
  }

  /** A disk that fails while the relay stops is not waited for: what it lacks was not promised. */
  #isFlushed(): boolean {
    return this.#saves.phase.kind === 'pausing' || isDrained(this.#saves)
  }

  #flushed(): Promise<void> {
    this.#flush()
    return this.#isFlushed() ? Promise.resolve() : new Promise((resolve) => this.#flushWaiters.push(resolve))
  }

  // --------------------------------------------------------------------------------------------------------- time

  #planTick(): void {
    const cancel = this.#options.clock.after(TICK_MS, () => {
      this.#releases.splice(this.#releases.indexOf(cancel), 1)
      if (this.#life !== 'running') return
      this.#planTick()
      this.#take({ kind: 'ticked' })
    })
    this.#releases.push(cancel)
  }

  /** One timer for the earliest deadline of everything. */
  #planTimer(): void {
    const at = this.#state === null || this.#life !== 'running' ? null : deadline(this.#state)
    if (this.#timer?.at === at) return
    this.#timer?.cancel()
    this.#timer = null
    if (at === null) return
    const { clock } = this.#options
    const cancel = clock.after(Math.max(at - clock.monotonic(), 0), () => {
      this.#timer = null
      this.#take({ kind: 'timeReached' })
    })
    this.#timer = { at, cancel }
  }
}

const BROKEN = { ok: false, code: 'unreachable', message: 'Signing in failed on this device.' } as const
