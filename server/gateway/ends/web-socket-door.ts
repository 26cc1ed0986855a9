import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { ERRORS, type ErrorCode } from '../../../relay/protocol/errors.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import { SUBPROTOCOL } from '../../../relay/protocol/version.ts'
import { CLOSE_MS } from '../frame-end.ts'
import { DeflatingServer } from './deflating-server.ts'
import { sayRefused, SocketOrigin, type DoorOptions } from './door.ts'
import { refuseUpgrade } from './refuse-upgrade.ts'
import { AnnouncingWebSocket, WebSocketEnd } from './web-socket-end.ts'

export interface WebSocketDoorOptions extends DoorOptions {
  /** Whoever offers permessage-deflate has it (PROTOCOL Z2). */
  readonly isDeflating?: boolean
}

/** The upgrade of `/sync`: who may come in becomes a `WebSocketEnd`, everybody else an answer (V22). */
export class WebSocketDoor {
  readonly #options: WebSocketDoorOptions
  readonly #server: ReturnType<typeof webSocketServer>
  #refused = 0

  constructor(options: WebSocketDoorOptions) {
    this.#options = options
    this.#server = webSocketServer(options)
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
    const { gateway, guard, sourceOf } = this.#options
    const origin = new SocketOrigin(sourceOf(request), 'ws', { guard, socket })
    this.#server.handleUpgrade(request, socket, head, (ws) => gateway.enter(new WebSocketEnd(ws, socket), origin))
  }

  #refuse(request: IncomingMessage, socket: Socket, code: ErrorCode): void {
    this.#refused += 1
    const level = ERRORS[code].who === 'admin' ? 'warn' : 'info'
    sayRefused(this.#options.say, level, 'upgrade-refused', code, request)
    refuseUpgrade(socket, code)
  }
}

/** `ws` as a `WebSocketEnd` needs it. */
function webSocketServer({ isDeflating = false }: WebSocketDoorOptions) {
  const options = {
    WebSocket: AnnouncingWebSocket,
    noServer: true,
    // Twice the limit, so that the connection can say what was wrong; beyond that `ws` itself closes with 1009.
    maxPayload: 2 * LIMITS.maxFrameBytes,
    // Where it is wanted, it is our own.
    perMessageDeflate: false,
    clientTracking: false,
    closeTimeout: CLOSE_MS,
    handleProtocols: (offered: ReadonlySet<string>): string | false => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  }
  // The types of `ws` do not know `closeTimeout` yet.
  return isDeflating ? new DeflatingServer(options) : new WebSocketServer(options)
}

function destroyed(this: Duplex): void {
  this.destroy()
}
