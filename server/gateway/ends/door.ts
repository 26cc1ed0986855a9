import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { ErrorCode } from '../../../relay/protocol/errors.ts'
import type { Way } from '../../../relay/protocol/ways.ts'
import type { Say } from '../../core/paced-log.ts'
import type { FrameEnd, FrameOrigin } from '../frame-end.ts'
import type { SocketGuard } from './socket-guard.ts'

/** What every door of `/sync` is made with. */
export interface DoorOptions {
  /** Whether this request may open a connection at all: origin, demo gate. Null when it may. */
  readonly admit: (request: IncomingMessage) => ErrorCode | null
  /** Where a request comes from, as limits count it. */
  readonly sourceOf: (request: IncomingMessage) => string
  readonly guard: Pick<SocketGuard, 'belongsToDevice'>
  readonly say: Say
  /** Who takes the ends. */
  readonly gateway: {
    /** False while a drain lets nobody in. */
    readonly isOpen: boolean
    enter(end: FrameEnd, origin: FrameOrigin): void
  }
}

/**
 * Where a link comes from, and the sockets that serve it: the one it was opened on, and the one that served it last where it goes
 * by requests. It listens to none of them: a proxy lets one socket serve any number of links.
 */
export class SocketOrigin implements FrameOrigin {
  readonly source: string
  readonly way: Way
  readonly #guard: DoorOptions['guard']
  readonly #first: Socket
  #last: Socket
  #isDevice = false

  constructor(source: string, way: Way, { guard, socket }: Pick<DoorOptions, 'guard'> & { readonly socket: Socket }) {
    this.source = source
    this.way = way
    this.#guard = guard
    this.#first = socket
    this.#last = socket
  }

  /** Comes with every command that takes effect, and is news once. */
  belongsToDevice(): void {
    if (this.#isDevice) return
    this.#isDevice = true
    this.#guard.belongsToDevice(this.#first)
    if (this.#last !== this.#first) this.#guard.belongsToDevice(this.#last)
  }

  servedBy(socket: Socket): void {
    if (socket === this.#first || socket === this.#last) return
    this.#last = socket
    if (this.#isDevice) this.#guard.belongsToDevice(socket)
  }
}

/** Says in the log who was not let in. What strangers cause as often as they like is said at the pace of `say` (V22). */
export function sayRefused(say: Say, level: 'warn' | 'info', event: string, code: ErrorCode, request: IncomingMessage) {
  const { origin, host } = request.headers
  say(level, { event, code, origin, host })
}
