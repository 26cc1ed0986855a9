import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { ERRORS, type ErrorCode } from '../../../relay/protocol/errors.ts'
import { sayRefused, SocketOrigin, type DoorOptions } from './door.ts'
import { refuseMethod, refuseUpgrade } from './refuse-upgrade.ts'
import { WebSocketEnd } from './web-socket-end.ts'
import { shakeHands } from './web-socket-handshake.ts'

export interface WebSocketDoorOptions extends DoorOptions {
  /** Whoever offers permessage-deflate has it (PROTOCOL Z2). */
  readonly isDeflating?: boolean
}

/** The upgrade of `/sync`: who may come in becomes a `WebSocketEnd`, everybody else an answer (V22). */
export class WebSocketDoor {
  readonly #options: WebSocketDoorOptions
  #refused = 0

  constructor(options: WebSocketDoorOptions) {
    this.#options = options
  }

  /** Upgrades that were answered with a problem, since the start. */
  get refused(): number {
    return this.#refused
  }

  /** Takes over upgrades of `/sync`; others are answered with 404. */
  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      // Every listener here lives as long as the socket: none of them may hold the request.
      socket.on('error', destroyed)
      const refusal = this.#refusal(request)
      if (refusal === null) this.#upgrade(request, socket, head)
      else this.#refuse(request, socket, refusal)
    })
  }

  #refusal(request: IncomingMessage): ErrorCode | null {
    // Null for a target such as `//`; `new URL` would throw, and whatever throws here ends the process.
    const path = URL.parse(request.url ?? '/', 'http://host')?.pathname
    if (path !== '/sync') return 'not-found'
    return this.#options.gateway.isOpen ? this.#options.admit(request) : 'unavailable'
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const { gateway, guard, sourceOf, isDeflating = false } = this.#options
    if (request.method !== 'GET') return refuseMethod(socket)
    const handshake = shakeHands(request, { canDeflate: isDeflating })
    if (handshake === null) return this.#refuse(request, socket, 'bad-request')
    // It has gone meanwhile, or ends its half before it said anything.
    if (!socket.readable || !socket.writable) return void socket.destroy()
    socket.setTimeout(0)
    socket.setNoDelay()
    socket.write(handshake.answer)
    if (head.length > 0) socket.unshift(head)
    const origin = new SocketOrigin(sourceOf(request), 'ws', { guard, socket })
    return gateway.enter(new WebSocketEnd(socket, handshake), origin)
  }

  #refuse(request: IncomingMessage, socket: Socket, code: ErrorCode): void {
    this.#refused += 1
    const level = ERRORS[code].who === 'admin' ? 'warn' : 'info'
    sayRefused(this.#options.say, level, 'upgrade-refused', code, request)
    refuseUpgrade(socket, code)
  }
}

function destroyed(this: Duplex): void {
  this.destroy()
}
