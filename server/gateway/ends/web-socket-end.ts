import type { Duplex } from 'node:stream'
import { WebSocket, type RawData } from 'ws'
import type { CloseRow } from '../../../relay/protocol/close-codes.ts'
import type { FrameEnd, FrameTaker } from '../frame-end.ts'
import type { SharedBytes } from '../shared-bytes.ts'
import { MessageMeter } from './message-meter.ts'
import { DEFLATED_WEB_SOCKET_FRAMING, WEB_SOCKET_FRAMING } from './web-socket-framing.ts'

/**
 * The `WebSocket` of `ws`, telling its end that it closes, whoever began: the peer, a frame that was none, or the end itself.
 * Asking it before each write instead would be one more object to fetch from memory for each delivery.
 */
export class AnnouncingWebSocket extends WebSocket {
  closing: (() => void) | null = null

  override close(code?: number, says?: string | Buffer): void {
    this.closing?.()
    super.close(code, says)
  }
}

/**
 * A WebSocket. `ws` reads, and speaks control frames and the closing handshake; data frames are framed once for everybody and
 * go past it, straight to the socket, which costs a fan-out half as much. Neither interrupts the other: `ws` writes its own
 * frames to the same socket in one piece each, and what is closing gets no data frame any more (RFC 6455 §5.5.1).
 *
 * `ws` holds it to `CLOSE_MS` (`closeTimeout`) and to twice the frame limit (`maxPayload`): `WebSocketDoor` makes it so.
 */
export class WebSocketEnd implements FrameEnd {
  readonly #ws: AnnouncingWebSocket
  readonly #socket: Duplex
  #taker: FrameTaker | null = null
  /** Until either side begins to close. */
  #isOpen = true
  /** The system has enough, and the taker was told so. */
  #isBlocked = false
  #cause: Error | null = null
  /** The peer inflates what is marked for it. */
  readonly #isDeflating: boolean
  readonly #meter = new MessageMeter()
  #held = 0

  constructor(ws: AnnouncingWebSocket, socket: Duplex) {
    this.#ws = ws
    this.#socket = socket
    this.#isDeflating = ws.extensions !== ''
    ws.closing = () => (this.#isOpen = false)
    // What broke it shows as its close; without a listener it would end the process.
    ws.on('error', (cause) => (this.#cause = cause))
    // Behind the listener of `ws`, so that a frame is taken first and then no longer held.
    socket.on('data', (chunk: Buffer) => this.#came(chunk))
  }

  start(taker: FrameTaker): void {
    this.#taker = taker
    const ws = this.#ws
    ws.on('message', (data, isBinary) => this.#took(data, isBinary))
    ws.on('close', () => taker.ended(this.#cause))
    this.#socket.on('drain', () => this.#drained())
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
    if (this.#isOpen) this.#ws.pause()
  }

  resume(): void {
    this.#ws.resume()
  }

  close(row: CloseRow): void {
    this.#ws.close(row.code, row.says)
    // The peer's half of the handshake has to be read.
    this.#ws.resume()
  }

  cut(): void {
    this.#socket.destroy()
  }

  #framed(bytes: SharedBytes): Buffer {
    const framing = this.#isDeflating && bytes.deflated !== null ? DEFLATED_WEB_SOCKET_FRAMING : WEB_SOCKET_FRAMING
    return bytes.framedBy(framing)
  }

  #isWritable(): boolean {
    return this.#isOpen && this.#socket.writable
  }

  /** `ws` hands over what comes until the peer has closed as well. */
  #took(data: RawData, isBinary: boolean): void {
    if (this.#isOpen && Buffer.isBuffer(data)) this.#taker?.took(data, isBinary ? 'binary' : 'text')
  }

  #came(chunk: Buffer): void {
    this.#meter.add(chunk)
    const bytes = this.#meter.unfinishedBytes
    if (this.#isOpen && (bytes > 0 || this.#held > 0)) {
      this.#held = bytes
      this.#taker?.holding(bytes)
    }
    if (!this.#isOpen && bytes > 0) this.#dropAll()
  }

  /** Somebody closed in the middle of a frame: `ws` would hold the rest of it while it waits for the peer's close. */
  #dropAll(): void {
    this.#socket.removeAllListeners('data')
    this.#socket.resume()
  }

  #drained(): void {
    if (!this.#isBlocked) return
    this.#isBlocked = false
    this.#taker?.drained()
  }
}
