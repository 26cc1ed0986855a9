import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { Server as TlsServer, TLSSocket } from 'node:tls'
import { clientOf } from '../../core/client-address.ts'
import type { Say } from '../../core/paced-log.ts'
import { Sockets } from '../../core/sockets.ts'

/** Sockets of a process, for as many devices as one process serves, with pages and programs beside them. */
const MAX_SOCKETS = 16_384
/** Descriptors for everything that is no socket of a client: database, logs, backups, pages on their way out. */
const SPARE_DESCRIPTORS = 256
/** Where the system does not say how many there may be. */
const USUAL_DESCRIPTORS = 8_192

export interface SocketGuardOptions {
  readonly monotonic: () => number
  readonly random: () => number
  readonly say: Say
  /** Sockets at once; what the system allows unless a test says otherwise. */
  readonly maxSockets?: number
}

/** Every socket of the server, and since the start those that found no room, or were cut off to make some. */
export interface SocketCounts {
  readonly sockets: number
  readonly socketsRefused: number
  readonly socketsCut: number
}

/** Holds the bound on all sockets of the server (V21), from before the first byte to after the last. */
export class SocketGuard {
  readonly #options: SocketGuardOptions
  readonly #sockets: Sockets<Socket>
  readonly #max: number
  /** Of those that were accepted to speak TLS: who speaks there has another socket, of the same peer. */
  readonly #byPeer = new Map<string, Socket>()
  /** One for all sockets. */
  readonly #closed: (this: Socket) => void
  #refused = 0
  #cut = 0

  constructor(options: SocketGuardOptions) {
    this.#options = options
    this.#max = options.maxSockets ?? allowedSockets()
    this.#sockets = new Sockets(this.#max)
    const sockets = this.#sockets
    this.#closed = function closed(this: Socket) {
      sockets.left(this)
    }
  }

  watch(server: Server): void {
    const isTls = server instanceof TlsServer
    server.on('connection', (socket: Socket) => {
      if (this.#enter(socket) && isTls) this.#remember(socket)
    })
  }

  /** What runs on this connection is a known device. Over TLS `socket` is not the one that was accepted, but has its peer. */
  belongsToDevice(socket: Socket): void {
    const accepted = socket instanceof TLSSocket ? this.#byPeer.get(peerOf(socket)) : socket
    if (accepted !== undefined) this.#sockets.belongsToDevice(accepted)
  }

  /** Cuts off whatever is still open: half-open peers and handshakes that never end keep no server from stopping. */
  cutAll(): void {
    for (const socket of this.#sockets.all()) socket.destroy()
  }

  counts(): SocketCounts {
    return { sockets: this.#sockets.size, socketsRefused: this.#refused, socketsCut: this.#cut }
  }

  /** False where there was no room. */
  #enter(socket: Socket): boolean {
    const { monotonic, random, say } = this.#options
    const { address, source } = clientOf(socket.remoteAddress, {}, [])
    const entry = this.#sockets.enter(socket, source, { now: monotonic(), chance: random() })
    if (entry.kind === 'full') {
      this.#refused += 1
      say('warn', { event: 'socket-refused', code: 'too-many-connections', address, max: this.#max })
      socket.destroy()
      return false
    }
    if (entry.leaves !== null) {
      this.#cut += 1
      say('warn', {
        event: 'socket-cut',
        code: 'too-many-connections',
        address: entry.leaves.remoteAddress,
        max: this.#max,
      })
      entry.leaves.destroy()
    }
    socket.on('close', this.#closed)
    return true
  }

  #remember(socket: Socket): void {
    const peer = peerOf(socket)
    this.#byPeer.set(peer, socket)
    socket.on('close', () => {
      if (this.#byPeer.get(peer) === socket) this.#byPeer.delete(peer)
    })
  }
}

function peerOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`
}

/**
 * As many as the system has descriptors for. Beyond that it takes connections and drops them, and no program hears of it, so
 * that nothing could be said or counted.
 */
function allowedSockets(): number {
  return Math.max(SPARE_DESCRIPTORS, Math.min(MAX_SOCKETS, descriptors() - SPARE_DESCRIPTORS))
}

function descriptors(): number {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return soft === undefined ? USUAL_DESCRIPTORS : Number(soft)
  } catch {
    return USUAL_DESCRIPTORS // no Linux
  }
}
