import { randomBytes, randomUUID } from 'node:crypto'
import { CLOSE, type CloseRow } from '../../relay/protocol/close-codes.ts'
import { decodeClientFrame } from '../../relay/protocol/codec.ts'
import { ERRORS, type ErrorCode } from '../../relay/protocol/errors.ts'
import { TAKES, type ClientFrame, type ClientFrameOf, type ServerFrame } from '../../relay/protocol/frames.ts'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { unreachable } from '../../relay/protocol/rights.ts'
import { VERSIONS } from '../../relay/protocol/version.ts'
import { StoreUnavailable } from '../ports/store-errors.ts'
import type { ConnectionOptions, Released } from './connection-options.ts'
import type { FrameEnd, FrameForm, FrameOrigin, FrameTaker } from './frame-end.ts'
import { greet, greetedBy, welcomeFrame, type Accepted, type Greeted, type GreetingOutcome } from './greeting.ts'
import { Patience, type PatienceHost } from './patience.ts'
import { Pauses } from './pauses.ts'
import { Seat } from './seat.ts'
import { frameBytes } from './shared-bytes.ts'
import { Trial } from './trial.ts'
import { Turns, type TurnsHost } from './turns.ts'
import { WelcomedDevice, type DeviceConnection } from './welcomed-device.ts'
import { Writer, type WriteLane, type WriterHost } from './writer.ts'

/** Bad frames a connection may send before it is closed (C1). */
const MAX_BAD_FRAMES = 16

/** What an end adds to a frame on its way: headers and masks, of fragments too. */
const FRAMING_BYTES = 256

type State =
  | { readonly kind: 'challenged'; readonly nonce: string }
  | { readonly kind: 'greeting' }
  | { readonly kind: 'trial'; readonly trial: Trial }
  | { readonly kind: 'welcomed'; readonly served: WelcomedDevice; readonly greeted: Greeted }
  | { readonly kind: 'closed' }

/**
 * One connection of a device, over whatever end its frames come and go by: challenges it, has it greeted, and from then on
 * hands each frame to what serves it.
 *
 *   challenged ─▶ greeting ─▶ welcomed        any ─▶ closed
 *                     └─────▶ trial ─ its end goes to the one that is welcomed ─▶ closed
 */
export class Connection implements FrameTaker, TurnsHost, WriterHost, PatienceHost, DeviceConnection {
  readonly options: ConnectionOptions
  readonly writer: Writer
  readonly pauses: Pauses
  #seat: Seat
  readonly #turns = new Turns(this)
  readonly #patience: Patience
  /** Name of this greeting (A8). No UUID: that text is kept in the thirteen pieces it was put together from. */
  readonly #link = randomBytes(16).toString('base64url')
  #state: State = { kind: 'challenged', nonce: randomUUID() }
  #badFrames = 0

  constructor(end: FrameEnd, origin: FrameOrigin, options: ConnectionOptions) {
    this.#seat = new Seat(end, origin, this)
    this.options = options
    this.writer = new Writer(end, options.ticks, this)
    this.pauses = new Pauses(end)
    this.#patience = new Patience(this, options.deadlines)
  }

  /** Of the end that serves it now. */
  get origin(): FrameOrigin {
    return this.#seat.origin
  }
  /** What it was welcomed for; null before. */
  get greeted(): Greeted | null {
    return this.#state.kind === 'welcomed' ? this.#state.greeted : null
  }
  get trial(): Trial | null {
    return this.#state.kind === 'trial' ? this.#state.trial : null
  }
  /** What serves its device; null before it is welcomed. */
  get served(): WelcomedDevice | null {
    return this.#state.kind === 'welcomed' ? this.#state.served : null
  }
  get device(): DeviceId | null {
    return this.served?.device.id ?? null
  }
  get waitingBytes(): number {
    return this.writer.waitingBytes
  }

  start(): void {
    this.#seat.end.start(this.#seat)
    this.#patience.atMost(LIMITS.greetingMs)
    if (this.#state.kind !== 'challenged') return
    const { min, max } = this.options.versions ?? VERSIONS
    this.send({ t: 'challenge', nonce: this.#state.nonce, minVersion: min, maxVersion: max, takes: [...TAKES] })
  }

  send(frame: ServerFrame, lane: WriteLane = 'urgent'): void {
    // Behind the close nothing may follow: what is answered late is asked for again.
    if (this.#state.kind !== 'closed') this.writer.write(frameBytes(frame), lane)
  }

  /** A dead link, or a peer that does not read, is let go in the time that its end has for that. */
  close(row: CloseRow): void {
    // If that is too much for the peer, it closes, too.
    this.writer.flush()
    if (this.#state.kind === 'closed') return
    this.#seat.end.close(row)
    this.#leave()
  }

  /** Reads nothing more, and resolves when everything that was read is answered. */
  async settled(): Promise<void> {
    this.pauses.begin('draining')
    if (this.#state.kind === 'welcomed') this.#state.served.drain()
    await this.#turns.idle()
    if (this.#state.kind === 'welcomed') await this.#state.served.idle()
    this.writer.flush()
  }

  bye(retryAfterMs: number): void {
    this.send({ t: 'bye', retryAfterMs })
    this.close(CLOSE.goingAway)
  }

  /** Makes room for another: it has said nothing for a while, and whoever it comes from holds more than anybody (V7). */
  giveWay(): void {
    this.close(CLOSE.overloaded)
  }

  /** Nothing was heard of it for longer than its heartbeats allow (H2). */
  silent(): void {
    this.close(CLOSE.silent)
  }

  /** Ends it without a word. */
  cut(): void {
    this.#seat.end.cut()
  }

  used(): void {
    if (this.#state.kind === 'welcomed') this.options.host.used(this, this.#state.served.device.id)
  }

  // ------------------------------------------------------------------------------------------------ what the end says

  took(payload: Buffer, form: FrameForm): void {
    if (this.#state.kind === 'closed') return
    if (payload.length > (this.#isStranger() ? LIMITS.maxGreetingBytes : LIMITS.maxFrameBytes)) return this.tooLarge()
    if (form === 'binary' && !this.#takesBytes) return this.#bad('bad-frame', 'Nobody said "bytes" in "hello.takes".')
    const decoded = decodeClientFrame(form === 'binary' ? payload : payload.toString('utf8'))
    if (!decoded.ok) return this.#bad(decoded.code, decoded.message)
    // Whatever it sends is a sign of life (H2); a stranger has the time of its greeting and no more.
    if (this.#state.kind === 'welcomed') this.#alive(decoded.value)
    if (this.#state.kind === 'trial') this.#try(this.#state.trial, decoded.value)
    else this.#turns.take(decoded.value)
  }

  /** A stranger has the room of a greeting, whole or not; beyond that, what everybody together may hold is the host's (V23). */
  holding(bytes: number): void {
    if (this.#state.kind === 'closed') return
    if (this.#isStranger() && bytes > LIMITS.maxGreetingBytes + FRAMING_BYTES) return this.tooLarge()
    this.options.host.holding(this, bytes)
  }

  /** Ends it for what it holds, or would. */
  tooLarge(): void {
    this.refuse('frame-too-large')
    this.close(CLOSE.frameTooLarge)
  }

  ended(cause: Error | null): void {
    if (cause !== null) this.options.log.info({ event: 'socket-error', cause: cause.message })
    if (this.#state.kind !== 'closed') this.#leave()
    this.options.host.gone(this)
  }

  drained(): void {
    this.writer.drained()
  }

  // ------------------------------------------------------------------------------------------- what writer and turns say

  hasRoom(): void {
    if (this.#state.kind === 'welcomed') this.#state.served.subscriptions.pump()
  }

  overflowed(): void {
    this.close(CLOSE.tooSlow)
  }

  crowded(isCrowded: boolean): void {
    this.pauses.set('frames', isCrowded)
  }

  handle(frame: ClientFrame): Promise<void> | void {
    const state = this.#state
    switch (state.kind) {
      case 'closed':
        return
      case 'welcomed':
        return state.served.handle(frame)
      case 'challenged':
        if (frame.t === 'hello') return this.#greet(frame, state.nonce)
        return this.refuse('unexpected-frame', frame.t)
      case 'greeting':
      case 'trial':
        return this.refuse('unexpected-frame', frame.t)
      default:
        return unreachable(state)
    }
  }

  frameFailed(frame: ClientFrame, cause: unknown): void {
    this.failed('frame-failed', cause, { frame: frame.t })
  }

  // -------------------------------------------------------------------------------------------------------- greeting

  async #greet(hello: ClientFrameOf<'hello'>, nonce: string): Promise<void> {
    this.#state = { kind: 'greeting' }
    const { host } = this.options
    const outcome = await greet(
      {
        hello,
        nonce,
        link: this.#link,
        source: this.origin.source,
        stayAwayMs: (claimed) => host.hello(this, claimed),
      },
      this.options,
    )
    // The end may be over meanwhile.
    if (this.#state.kind !== 'greeting') return
    switch (outcome.kind) {
      case 'turn-away':
        this.refuse(outcome.code, 'hello')
        return this.close(outcome.row)
      case 'come-back':
        this.send({ t: 'bye', retryAfterMs: outcome.afterMs })
        return this.close(CLOSE.overloaded)
      case 'yield':
        return this.close(CLOSE.replaced)
      case 'welcome':
        // The other may have been welcomed meanwhile.
        if (host.givesWay(hello, outcome.greeting.device.id)) return this.close(CLOSE.replaced)
        return this.#welcome(outcome)
      case 'trial':
        return this.#beginTrial(outcome)
      default:
        return unreachable(outcome)
    }
  }

  #welcome(accepted: Accepted): void {
    const { device } = accepted.greeting
    const { host, links } = this.options
    const greeted = greetedBy(accepted)
    this.#state = { kind: 'welcomed', served: new WelcomedDevice(this, accepted, this.#link), greeted }
    this.#keepPace(0)
    links.welcomed(device.id, this.#link)
    host.welcomed(this, device.id)
    this.send(welcomeFrame(greeted, accepted.deviceToken, this.options))
  }

  #alive(frame: ClientFrame): void {
    if (frame.t === 'ping') this.#keepPace(frame.everyMs ?? 0)
    else this.#patience.renew()
  }

  /** How often it will be heard from here on (H5); a device is never held to less than the site's own pace. */
  #keepPace(everyMs: number): void {
    const paceMs = Math.max(this.options.heartbeatMs, everyMs)
    if (this.#state.kind === 'welcomed') this.#state.served.heartbeatMs = paceMs
    this.#patience.atMost(paceMs * (LIMITS.missedHeartbeats + 1))
    this.#seat.end.holdAtMost?.(paceMs)
  }

  // ------------------------------------------------------------------------------------------- trials, and moving to one

  /** How a trial of this device is welcomed; null while nobody is welcomed here. */
  welcomeOfTrial(name: string): ServerFrame | null {
    if (this.#state.kind !== 'welcomed') return null
    return { ...welcomeFrame(this.#state.greeted, '', this.options), trial: name }
  }

  #beginTrial({ device, takesBytes: takes }: Extract<GreetingOutcome, { kind: 'trial' }>): void {
    const trial = new Trial(device, takes)
    const welcome = this.options.host.living(device)?.welcomeOfTrial(trial.name) ?? null
    // The other one is gone meanwhile.
    if (welcome === null) return this.close(CLOSE.greetAgain)
    this.#state = { kind: 'trial', trial }
    this.#patience.atMost(LIMITS.trialMs)
    this.options.host.tried(this, device)
    return this.send(welcome)
  }

  #try(trial: Trial, frame: ClientFrame): void {
    const outcome = trial.take(frame, this.options.now())
    if (outcome.kind === 'answer') this.send(outcome.frame)
    if (outcome.kind === 'wait') this.pauses.begin('moving')
  }

  /** The device goes on by another link: its end, and what came by it. Null where it is no trial any more. */
  release(): Released | null {
    if (this.#state.kind !== 'trial') return null
    const { held } = this.#state.trial
    this.writer.flush()
    // What the system did not take ends it as any other connection.
    if (this.#state.kind !== 'trial') return null
    this.#leave()
    this.options.host.gone(this)
    return { seat: this.#seat, held }
  }

  async take(name: string): Promise<void> {
    if (this.#state.kind !== 'welcomed') return
    const { served } = this.#state
    const trial = this.options.host.trial(served.device.id, name)
    if (trial === null) return this.refuse('unexpected-frame', 'take')
    this.pauses.begin('moving')
    await served.idle()
    const link = await this.options.store.moveLink({ device: served.device.id })
    served.link = link
    const moved = this.#state.kind === 'welcomed' ? trial.release() : null
    if (this.#isClosed()) return
    if (moved === null) this.refuse('unexpected-frame', 'take')
    else this.#moveTo(moved.seat)
    for (const frame of moved?.held ?? []) this.#turns.take(frame)
    this.pauses.over('moving')
  }

  /** One step: everything before leaves by the old end, everything after by the new one. */
  #moveTo(seat: Seat): void {
    this.writer.flush()
    if (this.#isClosed()) return seat.end.cut()
    const { end } = this.#seat
    end.write(frameBytes({ t: 'taken' }))
    end.close(CLOSE.normal)
    this.#seat.taker = null
    this.#seat = seat
    seat.taker = this
    this.writer.moveTo(seat.end)
    this.pauses.moveTo(seat.end)
    this.#patience.renew()
    this.options.host.moved(this)
  }

  #isClosed(): boolean {
    return this.#state.kind === 'closed'
  }

  /** Whoever is neither welcomed nor proven. */
  #isStranger(): boolean {
    return this.#state.kind === 'challenged' || this.#state.kind === 'greeting'
  }

  get #takesBytes(): boolean {
    return (this.trial ?? this.greeted)?.takesBytes ?? false
  }

  // ------------------------------------------------------------------------------------------------ refusing, leaving

  #bad(code: ErrorCode, message: string): void {
    this.#badFrames += 1
    this.#sayError({ code, message })
    if (this.#badFrames >= MAX_BAD_FRAMES) this.close(CLOSE.badFrame)
  }

  refuse(code: ErrorCode, about?: string, channel?: string): void {
    const message = ERRORS[code].says
    this.#sayError({ code, message, ...(about !== undefined && { about }), ...(channel !== undefined && { channel }) })
  }

  #sayError(error: Omit<Extract<ServerFrame, { readonly t: 'error' }>, 't'>): void {
    this.send({ t: 'error', ...error })
  }

  /** Whoever waits for the answer does so for as long as this connection lives, so it ends. */
  failed(event: string, cause: unknown, about: { readonly frame?: string; readonly channel?: string } = {}): void {
    const isDisk = cause instanceof StoreUnavailable
    this.options.log[isDisk ? 'warn' : 'error']({ event, ...about, cause })
    this.refuse(isDisk ? 'unavailable' : 'internal', about.frame, about.channel)
    this.close(isDisk ? CLOSE.overloaded : CLOSE.internal)
  }

  #leave(): void {
    this.#patience.end()
    if (this.#state.kind === 'welcomed') {
      const { served } = this.#state
      served.end(this.#patience.heardAt)
      this.options.links.left(served.device.id, this.#link)
    }
    this.options.host.closed(this)
    this.#state = { kind: 'closed' }
  }
}
