/**
 * Carries effects out on the ports, and brings back how they ended as inputs. Decides nothing: what it does not know any
 * more (an older socket, a window that left) it drops.
 */
import type { Effect } from '../core/step/effects.ts'
import type { Input } from '../core/step/inputs.ts'
import { CLOSE } from '../protocol/close-codes.ts'
import { decodeServerFrame, encodeFrame } from '../protocol/codec.ts'
import { refuse, type Refusal } from '../protocol/errors.ts'
import { unreachable } from '../protocol/rights.ts'
import { SUBPROTOCOL } from '../protocol/version.ts'
import type {
  PastResult,
  SearchResult,
  SeriesResult,
  SessionFailure,
  SessionGrant,
  SocketEvents,
  SocketHandle,
  WindowPort,
} from '../ports.ts'
import type { Disk } from './disk.ts'
import { Files } from './files.ts'
import type { RelayOptions } from './options.ts'

const BROKEN = { ok: false, code: 'unreachable', message: 'Signing in failed on this device.' } as const

export class Hands {
  readonly #options: RelayOptions
  readonly #disk: Disk
  readonly #take: (input: Input) => void
  /** By the number under which the engine knows them. */
  readonly #sockets = new Map<number, SocketHandle>()
  readonly #ports = new Map<number, WindowPort>()
  readonly #files: Files
  readonly #answers = new Map<number, (answer: unknown) => void>()

  constructor(options: RelayOptions, disk: Disk, take: (input: Input) => void) {
    this.#options = options
    this.#disk = disk
    this.#take = take
    this.#files = new Files(options, take)
  }

  carryOut(effect: Effect): void {
    const { identity, sessions, series, search, random, log, observe } = this.#options
    switch (effect.kind) {
      case 'openSocket':
        return this.#open(effect)
      case 'closeSocket':
        return this.#close(effect)
      case 'adoptSocket': {
        const { generation, from } = effect
        const handle = this.#sockets.get(from)
        this.#close({ generation, code: CLOSE.normal.code, reason: 'moved' })
        this.#sockets.delete(from)
        if (handle !== undefined) this.#sockets.set(generation, handle)
        return
      }
      case 'send':
        this.#sockets.get(effect.generation)?.send(encodeFrame(effect.frame))
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
        return this.#disk.save(effect)
      case 'read':
        return this.#disk.read(effect)
      case 'observe':
        return this.#guard('observer-failed', () => observe?.(effect.observation))
      case 'postBus':
        return this.#postBus(effect)
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
      case 'readSeries': {
        const { port, ref, query, bearer } = effect
        const ended = (result: SeriesResult): Input => ({ kind: 'seriesRead', port, ref, result })
        const page = series?.read(query, bearer) ?? Promise.resolve(refuse('unavailable'))
        return this.#follow(page, 'series-failed', { ended, failed: () => ended(refuse('unavailable')) })
      }
      case 'readSearch': {
        const { port, ref, session, query, bearer } = effect
        const ended = (result: SearchResult): Input => ({ kind: 'searchRead', port, ref, session, result })
        const page = search?.find(query, bearer) ?? Promise.resolve(refuse('unavailable'))
        return this.#follow(page, 'search-failed', { ended, failed: () => ended(refuse('unavailable')) })
      }
      case 'readPast': {
        const { port, ref, session, query, bearer } = effect
        const ended = (result: PastResult): Input => ({ kind: 'pastRead', port, ref, session, result })
        const page = search?.past(query, bearer) ?? Promise.resolve(refuse('unavailable'))
        return this.#follow(page, 'past-failed', { ended, failed: () => ended(refuse('unavailable')) })
      }
      case 'keepFile':
      case 'dropFiles':
      case 'askUpload':
      case 'sendPiece':
      case 'abortUpload':
      case 'holdReads':
      case 'readFile':
        return this.#files.carryOut(effect)
      case 'log':
        return log(effect.level, effect.event, effect.fields)
      default:
        return unreachable(effect)
    }
  }

  /** The engine's answer to this request ends that promise. */
  await(request: number, answer: (answer: unknown) => void): void {
    this.#answers.set(request, answer)
  }

  /** The relay has stopped: whoever still waits is told. */
  refuseAll(refusal: Refusal): void {
    for (const answer of this.#answers.values()) answer(refusal)
    this.#answers.clear()
  }

  addPort(number: number, port: WindowPort): void {
    this.#ports.set(number, port)
  }

  /** False when it was not there. */
  removePort(number: number): boolean {
    return this.#ports.delete(number)
  }

  hasPort(number: number): boolean {
    return this.#ports.has(number)
  }

  /** Says no to something malformed, and to whom if the message still names its `ref`. */
  refuseWindow(port: WindowPort, message: unknown, refusal: Refusal): void {
    const { code, message: says } = refusal
    this.#options.log('warn', 'window-message-refused', { code, says })
    const ref = typeof message === 'object' && message !== null && 'ref' in message ? message.ref : null
    if (typeof ref === 'string')
      this.#guard('port-failed', () => port.post({ t: 'reply', ref, ok: false, code, message: says }))
  }

  #open({ generation, way }: Extract<Effect, { kind: 'openSocket' }>): void {
    const { socket, serverUrl, log, random } = this.#options
    // Only a trial is opened beside another, and it has to come to the node of that.
    const near = [...this.#sockets.values()].map((each) => each.node?.()).find((node) => node !== undefined)
    const events: SocketEvents = {
      opened: () => this.#take({ kind: 'socketOpened', generation, fresh: random.uuid() }),
      received: (message) => {
        const frame = decodeServerFrame(message)
        if (frame.ok) return this.#take({ kind: 'frameReceived', generation, frame: frame.value })
        // A newer server may say more (C4); what is broken is worth a line.
        const { code, message: says } = frame
        return log(code === 'unknown-frame' ? 'debug' : 'warn', 'frame-ignored', { code, message: says })
      },
      closed: (code, _reason, refusal) => {
        for (const [number, each] of this.#sockets) if (each === handle) this.#sockets.delete(number)
        this.#take({ kind: 'socketClosed', generation, code, ...(refusal !== undefined && { refusal }) })
      },
    }
    const handle = socket.open(serverUrl, way, events, near)
    this.#sockets.set(generation, handle)
  }

  #close({ generation, code, reason }: Omit<Extract<Effect, { kind: 'closeSocket' }>, 'kind'>): void {
    const handle = this.#sockets.get(generation)
    this.#sockets.delete(generation)
    handle?.close(code, reason)
  }

  #postBus({ message, everyPort }: Extract<Effect, { kind: 'postBus' }>): void {
    const { bus } = this.#options
    if (bus !== undefined) this.#guard('bus-failed', () => bus.post(message))
    if (bus !== undefined && !everyPort) return
    for (const port of this.#ports.values()) this.#guard('port-failed', () => port.post({ t: 'copy', message }))
  }

  /** A host or window that throws must not stop the engine between two effects of one step. */
  #guard(event: string, call: () => void): void {
    try {
      call()
    } catch (cause) {
      this.#options.log('error', event, { cause })
    }
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
}

export const STOPPED = refuse('unavailable', 'The relay was stopped.')
