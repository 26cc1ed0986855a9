import type { Duplex } from 'node:stream'
import type { CloseRow } from '../../../relay/protocol/close-codes.ts'
import { CLOSE_MS, type FrameEnd, type FrameForm, type FrameTaker } from '../frame-end.ts'
import type { SharedBytes } from '../shared-bytes.ts'
import { MessageReader, type BreachCode, type MessageHost } from './message-reader.ts'
import {
  closeFrame,
  controlFrame,
  DEFLATED_WEB_SOCKET_FRAMING,
  OPCODE,
  WEB_SOCKET_FRAMING,
} from './web-socket-framing.ts'

/** Answers to pings that the system has not taken. Whoever sends more does not read them, and is cut off. */
const MAX_PONGS = 1_000

/** The end that a socket belongs to: what the socket tells is one function for all, and no closure for each. */
const END = Symbol('end')
type Served = Duplex & { [END]?: WebSocketEnd }

/**
 * A WebSocket, on a socket whose handshake is over (RFC 6455). Data frames are framed once for everybody and written as they
 * are; everything goes to the socket in whole frames, so none interrupts another, and behind a close goes none (RFC 6455 §5.5.1).
 *
 *   open ─▶ closing ─▶ closed       open ─▶ closed: the peer closes first
 *
 * `closing`: our close is written, the peer's is awaited. `closed`: both were, and the socket ends. `CLOSE_MS` after it left
 * `open` the socket is cut off. The server ends it first (RFC 6455 §7.1.1), and a peer that ends its half without a close has ours ended.
 */
export class WebSocketEnd implements FrameEnd, MessageHost {
  readonly #socket: Duplex
  readonly #reader: MessageReader
  /** The peer inflates what is marked for it. */
  readonly #isDeflating: boolean
  #taker: FrameTaker | null = null
  #state: 'open' | 'closing' | 'closed' = 'open'
  /** The system has enough, and the taker was told so. */
  #isBlocked = false
  #held = 0
  #pongs = 0
  #cause: Error | null = null
  #cutting: NodeJS.Timeout | null = null

  constructor(socket: Duplex, { isDeflating }: { readonly isDeflating: boolean }) {
    this.#socket = socket
    this.#isDeflating = isDeflating
    this.#reader = new MessageReader(this, { isDeflating })
    const served: Served = socket
    served[END] = this
    served.allowHalfOpen = false
    served.on('data', came).on('drain', drained).on('close', gone)
  }

  start(taker: FrameTaker): void {
    this.#taker = taker
  }

  get unwrittenBytes(): number {
    return this.#socket.writableLength
  }

  write(bytes: SharedBytes): boolean {
    if (!this.#isWritable()) return true
    const hasRoom = this.#socket.write(this.#framed(bytes))
    if (!hasRoom) this.#isBlocked = true
    return hasRoom
  }

  writeAll(parts: readonly SharedBytes[]): boolean {
    if (!this.#isWritable()) return true
    let hasRoom = true
    this.#socket.cork()
    for (const bytes of parts) hasRoom = this.#socket.write(this.#framed(bytes))
    this.#socket.uncork()
    if (!hasRoom) this.#isBlocked = true
    return hasRoom
  }

  pause(): void {
    if (this.#state === 'open') this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  close(row: CloseRow): void {
    this.#close(row.code, row.says)
  }

  cut(): void {
    this.#socket.destroy()
  }

  // ------------------------------------------------------------------------------------------ what the socket says

  came(piece: Buffer): void {
    this.#reader.add(piece)
    const bytes = this.#reader.unfinishedBytes
    if (this.#state !== 'open') {
      // Somebody closed in the middle of a frame: the rest of it is nobody's.
      if (bytes > 0) this.#reader.stop()
    } else if (bytes > 0 || this.#held > 0) {
      this.#held = bytes
      this.#taker?.holding(bytes)
    }
  }

  drained(): void {
    if (!this.#isBlocked) return
    this.#isBlocked = false
    this.#taker?.drained()
  }

  gone(): void {
    if (this.#cutting !== null) clearTimeout(this.#cutting)
    this.#taker?.ended(this.#cause)
  }

  // ------------------------------------------------------------------------------------------ what the reader says

  message(payload: Buffer, form: FrameForm): void {
    if (this.#state === 'open') this.#taker?.took(payload, form)
  }

  ping(payload: Buffer): void {
    if (!this.#isWritable()) return
    if (this.#pongs >= MAX_PONGS) return this.cut()
    this.#pongs += 1
    this.#socket.write(controlFrame(OPCODE.pong, payload), () => (this.#pongs -= 1))
  }

  peerClosed(code: number): void {
    this.#close(code, '')
    this.#state = 'closed'
    this.#socket.end()
  }

  broken(code: BreachCode): void {
    if (this.#state !== 'open') return
    this.#cause = new Error(`The peer sent what is no message (${code}).`)
    this.#close(code, '')
  }

  #close(code: number, says: string): void {
    if (this.#state !== 'open') return
    if (this.#isWritable()) this.#socket.write(closeFrame(code, says))
    this.#state = 'closing'
    this.#cutting = setTimeout(() => this.#socket.destroy(), CLOSE_MS)
    // The peer's half of the handshake has to be read.
    this.#socket.resume()
  }

  #framed(bytes: SharedBytes): Buffer {
    const framing = this.#isDeflating && bytes.deflated !== null ? DEFLATED_WEB_SOCKET_FRAMING : WEB_SOCKET_FRAMING
    return bytes.framedBy(framing)
  }

  #isWritable(): boolean {
    return this.#state === 'open' && this.#socket.writable
  }
}

function came(this: Served, piece: Buffer): void {
  this[END]?.came(piece)
}

function drained(this: Served): void {
  this[END]?.drained()
}

function gone(this: Served): void {
  this[END]?.gone()
}
