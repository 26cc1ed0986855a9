import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { CLOSE, type CloseRow } from '../../relay/protocol/close-codes.ts'
import { decodeClientFrame } from '../../relay/protocol/codec.ts'
import { ERRORS, type ErrorCode } from '../../relay/protocol/errors.ts'
import type { ClientFrame, ClientFrameOf, ServerFrame } from '../../relay/protocol/frames.ts'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { unreachable } from '../../relay/protocol/rights.ts'
import { MIN_PROTOCOL_VERSION, PROTOCOL_VERSION } from '../../relay/protocol/version.ts'
import { StoreUnavailable, type DeviceRow } from '../ports/store.ts'
import { CommandLanes } from './command-lanes.ts'
import type { ConnectionOptions } from './connection-options.ts'
import { DeviceEvidence } from './device-evidence.ts'
import { checkProof } from './device-proof.ts'
import { frameBytes } from './frame-bytes.ts'
import { Person } from './person.ts'
import { Pulls } from './pulls.ts'
import { Subscriptions } from './subscriptions.ts'
import { Writer, type WriteLane } from './writer.ts'

/** Bad frames a connection may send before it is closed (C1). */
const MAX_BAD_FRAMES = 16
/** When evidence that the disk did not take is tried again, milliseconds. */
const EVIDENCE_RETRY_MS = 2_000
/** Frames not yet worked off, before the socket is not read any more. */
const MAX_WAITING_FRAMES = 256

type PauseReason = 'frames' | 'commands' | 'draining'

type State =
  | { readonly kind: 'challenged'; readonly nonce: string }
  | { readonly kind: 'greeting' }
  | {
      readonly kind: 'welcomed'
      readonly device: DeviceRow
      readonly person: Person
      readonly subscriptions: Subscriptions
      readonly lanes: CommandLanes
      readonly evidence: DeviceEvidence
    }
  | { readonly kind: 'closed' }

/** One `/sync` connection: greets, then hands each frame to the part it belongs to. */
export class Connection {
  readonly #ws: WebSocket
  readonly #options: ConnectionOptions
  readonly #writer: Writer
  readonly #socket: Duplex
  #state: State = { kind: 'challenged', nonce: randomUUID() }
  #badFrames = 0
  #isEvidenceLate = false
  #patience: NodeJS.Timeout | null = null
  /** Frames before this one that are still being worked off: `auth` must take effect before the `subscribe` behind it. */
  #turn: Promise<void> = Promise.resolve()
  #waitingFrames = 0
  readonly #pauses = new Set<PauseReason>()

  constructor(ws: WebSocket, socket: Duplex, options: ConnectionOptions) {
    this.#ws = ws
    this.#socket = socket
    this.#options = options
    this.#writer = new Writer(socket, options.ticks, {
      drained: () => this.#drained(),
      overflowed: () => this.#hangUp(CLOSE.tooSlow),
    })
  }

  get device(): DeviceId | null {
    return this.#state.kind === 'welcomed' ? this.#state.device.id : null
  }
  get subscriptions(): number {
    return this.#state.kind === 'welcomed' ? this.#state.subscriptions.size : 0
  }
  get waitingBytes(): number {
    return this.#writer.waitingBytes
  }

  start(): void {
    this.#ws.on('message', (data, isBinary) => this.#received(data, isBinary))
    // What broke a connection shows as its close; without a listener it would end the process.
    this.#ws.on('error', (cause) => this.#options.log.info({ event: 'socket-error', cause: cause.message }))
    this.#ws.on('close', () => this.#ended())
    this.#waitAtMost(LIMITS.greetingMs)
    if (this.#state.kind === 'challenged') {
      this.send({
        t: 'challenge',
        nonce: this.#state.nonce,
        minVersion: MIN_PROTOCOL_VERSION,
        maxVersion: PROTOCOL_VERSION,
      })
    }
  }

  send(frame: ServerFrame, lane: WriteLane = 'urgent'): void {
    // Behind the closing handshake nothing may follow: what is answered late is asked for again.
    if (this.#state.kind !== 'closed') this.#writer.write(frameBytes(frame), lane)
  }

  close(row: CloseRow): void {
    // If that is too much for the peer, it closes, too.
    this.#writer.flush()
    if (this.#state.kind === 'closed') return
    this.#ws.close(row.code, row.says)
    this.#leave()
  }

  /** Reads nothing more, and resolves when everything that was read is answered. */
  async settled(): Promise<void> {
    this.#pause('draining')
    await this.#turn
    if (this.#state.kind === 'welcomed') await this.#state.lanes.idle()
    this.#writer.flush()
    // The closing handshake has to be read.
    this.#resume('draining')
  }

  bye(retryAfterMs: number): void {
    this.send({ t: 'bye', retryAfterMs })
    this.close(CLOSE.goingAway)
  }

  destroy(): void {
    this.#socket.destroy()
  }

  sessionsEnded(sessions: readonly SessionId[], code: 'session-ended' | 'session-revoked'): void {
    if (this.#state.kind === 'welcomed') this.#state.person.sessionsEnded(sessions, code)
  }

  #received(data: unknown, isBinary: boolean): void {
    if (this.#state.kind === 'closed') return
    if (isBinary || !Buffer.isBuffer(data)) return this.#bad('bad-frame', 'Only text messages are spoken here.')
    if (data.length > (this.#state.kind === 'welcomed' ? LIMITS.maxFrameBytes : LIMITS.maxGreetingBytes)) {
      this.#refuse('frame-too-large')
      return this.close(CLOSE.frameTooLarge)
    }
    const decoded = decodeClientFrame(data.toString('utf8'))
    if (!decoded.ok) return this.#bad(decoded.code, decoded.message)
    if (this.#state.kind === 'welcomed') this.#waitForLife()
    this.#queue(decoded.value)
  }

  #queue(frame: ClientFrame): void {
    this.#waitingFrames += 1
    if (this.#waitingFrames === MAX_WAITING_FRAMES) this.#pause('frames')
    this.#turn = this.#turn
      .then(() => this.#handle(frame))
      .catch((cause: unknown) => this.#failed('frame-failed', cause, { frame: frame.t }))
      .finally(() => {
        if (this.#waitingFrames === MAX_WAITING_FRAMES) this.#resume('frames')
        this.#waitingFrames -= 1
      })
  }

  /** Returns a promise only where the next frame has to wait for it. */
  #handle(frame: ClientFrame): Promise<void> | void {
    const state = this.#state
    if (state.kind === 'closed') return
    if (state.kind !== 'welcomed') {
      if (frame.t === 'hello' && state.kind === 'challenged') return this.#greet(frame, state.nonce)
      return this.#refuse('unexpected-frame', frame.t)
    }
    switch (frame.t) {
      case 'hello':
        return this.#refuse('unexpected-frame', frame.t)
      case 'auth':
        return state.person.bind(frame.token, frame.generation)
      case 'deauth':
        return state.person.unbind(null)
      case 'command':
        return state.lanes.take(frame)
      case 'confirm':
        return state.lanes.confirm(frame)
      case 'receipts':
        return this.#takeReceipts(frame, state.evidence)
      case 'signal':
        // Nothing is live yet: a signal is dropped unless live (DESIGN §3), and there is nobody to hear it.
        return
      case 'subscribe':
        return state.subscriptions.subscribe(frame)
      case 'credit':
        return state.subscriptions.credit(frame)
      case 'unsubscribe':
        return state.subscriptions.unsubscribe(frame)
      case 'ping':
        state.evidence.passed(frame, state.subscriptions.writtenUrgent())
        // Behind what it calls written (H1), in whichever lane that waits for the tick: ahead of it, it would look like a gap.
        return this.send(
          {
            t: 'pong',
            nonce: frame.nonce,
            serverTime: this.#options.now(),
            channels: state.subscriptions.positions(),
          },
          'normal',
        )
      case 'bye':
        return
      default:
        return unreachable(frame)
    }
  }

  async #greet(hello: ClientFrameOf<'hello'>, nonce: string): Promise<void> {
    this.#state = { kind: 'greeting' }
    const { store, tokens, log } = this.#options
    if (hello.version < MIN_PROTOCOL_VERSION || hello.version > PROTOCOL_VERSION)
      return this.#turnAway('unsupported-version', CLOSE.unsupportedVersion)
    const { prove = checkProof } = this.#options
    const proven = await prove(hello.proof, nonce)
    if (proven === null) return this.#turnAway('bad-proof', CLOSE.unauthenticated)
    const yields = (): boolean => hello.yields === true && this.#options.isConnected(proven.device)
    if (yields()) return this.close(CLOSE.replaced)
    const greeting = await store.greet({
      device: proven.device,
      publicKey: proven.publicKey,
      name: hello.name,
      defaultAreas: this.#options.newDeviceAreas,
      epoch: hello.outbox.epoch,
      incarnation: hello.outbox.incarnation,
      oldest: hello.outbox.oldest,
      ...(hello.session !== undefined && { session: hello.session }),
    })
    if (greeting.device.status === 'revoked') return this.#turnAway('device-revoked', CLOSE.revoked)
    const [deviceToken, areas] = await Promise.all([tokens.issueDevice(proven.device), store.areas()])
    if (this.#state.kind !== 'greeting') return
    // The other may have been welcomed meanwhile.
    if (yields()) return this.close(CLOSE.replaced)
    const { device } = greeting
    const subscriptions = new Subscriptions(
      {
        store,
        hub: this.#options.hub,
        live: this.#options.live,
        monotonic: this.#options.monotonic,
        reads: this.#options.reads,
        pulls: new Pulls(),
        writer: this.#writer,
        send: (frame, lane) => this.send(frame, lane),
        failed: (channel, cause) => this.#failed('subscription-failed', cause, { channel: channel.name }),
      },
      {
        deviceAreas: device.areas,
        siteAreas: areas,
        refuse: (code, channel) => this.#refuse(code, 'subscribe', channel),
      },
    )
    const person = new Person({
      store,
      tokens,
      device: device.id,
      nowMs: () => Date.parse(this.#options.now()),
      send: (frame) => this.send(frame),
      changed: (author) => subscriptions.setAuthor(author),
    })
    const lanes = new CommandLanes({
      device: device.id,
      epoch: hello.outbox.epoch,
      submit: this.#options.submit,
      store,
      pace: (session) => this.#options.pace(device.id, person.authorOf(session)),
      send: (frame, lane) => this.send(frame, lane),
      refuse: (code, message) => this.#refuse(code, 'command', undefined, message),
      crowded: (isCrowded) => (isCrowded ? this.#pause('commands') : this.#resume('commands')),
      failed: (cause) => this.#failed('submit-failed', cause),
    })
    const evidence = new DeviceEvidence({
      store,
      evidence: this.#options.evidence,
      device: device.id,
      pace: (count) => this.#options.pace(device.id, null, count),
      dropped: this.#options.receiptsDropped,
      now: this.#options.now,
      log,
    })
    this.#state = { kind: 'welcomed', device, person, subscriptions, lanes, evidence }
    this.#waitForLife()
    this.#options.welcomed(device.id)
    this.send({
      t: 'welcome',
      version: hello.version,
      device: device.id,
      incarnation: greeting.incarnation,
      deviceToken,
      deviceAreas: [...device.areas],
      areas: [...areas],
      serverTime: this.#options.now(),
      heartbeatMs: this.#options.heartbeatMs,
      outbox: greeting.outbox,
      marks: greeting.marks,
      ...(greeting.session !== null && { session: greeting.session }),
    })
  }

  async #takeReceipts(frame: ClientFrameOf<'receipts'>, evidence: DeviceEvidence): Promise<void> {
    try {
      await evidence.take(frame)
    } catch (cause) {
      if (!(cause instanceof StoreUnavailable)) throw cause
      return this.#takeLater(frame)
    }
    this.send({ t: 'receipted', ref: frame.ref }, 'normal')
  }

  /** No screen goes dark because evidence cannot be kept. A relay has one batch under way; of several the first is tried again. */
  #takeLater({ t, ref, items }: ClientFrameOf<'receipts'>): void {
    if (this.#isEvidenceLate) return
    this.#isEvidenceLate = true
    const older = items.map((item) => ({ ...item, agoMs: item.agoMs + EVIDENCE_RETRY_MS }))
    setTimeout(() => {
      this.#isEvidenceLate = false
      this.#queue({ t, ref, items: older })
    }, EVIDENCE_RETRY_MS).unref()
  }

  #turnAway(code: ErrorCode, row: CloseRow): void {
    this.#refuse(code, 'hello')
    this.close(row)
  }

  #bad(code: ErrorCode, message: string): void {
    this.#badFrames += 1
    this.#refuse(code, undefined, undefined, message)
    if (this.#badFrames >= MAX_BAD_FRAMES) this.close(CLOSE.badFrame)
  }

  #refuse(code: ErrorCode, about?: string, channel?: string, message: string = ERRORS[code].says): void {
    this.send({
      t: 'error',
      code,
      message,
      ...(about === undefined ? {} : { about }),
      ...(channel === undefined ? {} : { channel }),
    })
  }

  /** Stops reading. Several may want that at once; it is read again when none of them does. */
  #pause(why: PauseReason): void {
    this.#pauses.add(why)
    this.#ws.pause()
  }

  #resume(why: PauseReason): void {
    this.#pauses.delete(why)
    if (this.#pauses.size === 0) this.#ws.resume()
  }

  #drained(): void {
    if (this.#state.kind === 'welcomed') this.#state.subscriptions.pump()
  }

  /** Closes the connection unless it is told to wait again before that. */
  #waitAtMost(ms: number): void {
    if (this.#patience !== null) clearTimeout(this.#patience)
    this.#patience = setTimeout(() => this.#hangUp(CLOSE.silent), ms)
  }

  /** Whatever it sends is a sign of life (H2). */
  #waitForLife(): void {
    this.#waitAtMost(this.#options.heartbeatMs * (LIMITS.missedHeartbeats + 1))
  }

  /** Closes, with little patience: a dead link, or a peer that does not read, does not answer the handshake either. */
  #hangUp(row: CloseRow): void {
    this.close(row)
    setTimeout(() => this.destroy(), LIMITS.probeMs).unref()
  }

  /** An answer will never come, and whoever waits for one does so for as long as this connection lives. */
  #failed(event: string, cause: unknown, about: { readonly frame?: string; readonly channel?: string } = {}): void {
    const isDisk = cause instanceof StoreUnavailable
    this.#options.log[isDisk ? 'warn' : 'error']({ event, ...about, cause })
    this.#refuse(isDisk ? 'unavailable' : 'internal', about.frame, about.channel)
    this.close(isDisk ? CLOSE.overloaded : CLOSE.internal)
  }

  #leave(): void {
    if (this.#patience !== null) clearTimeout(this.#patience)
    if (this.#state.kind === 'welcomed') {
      this.#state.subscriptions.end()
      this.#state.person.end()
    }
    this.#options.closed()
    this.#state = { kind: 'closed' }
  }

  #ended(): void {
    if (this.#state.kind !== 'closed') this.#leave()
    this.#options.gone()
  }
}
