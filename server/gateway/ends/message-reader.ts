import { isUtf8 } from 'node:buffer'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import type { FrameForm } from '../frame-end.ts'
import { GrowingBytes } from './growing-bytes.ts'
import { inflate } from './inflate.ts'
import { OPCODE } from './web-socket-framing.ts'

/** Codes of RFC 6455 §7.4.1 for what keeps no rule, for a text that is none, and for a message that is too long. */
export type BreachCode = 1002 | 1007 | 1009

/** Who is told what comes, in its order. */
export interface MessageHost {
  /** A message, whole; its bytes are the host's. */
  message(payload: Buffer, form: FrameForm): void
  ping(payload: Buffer): void
  /** The peer closes; without a code it says 1005. Nothing follows. */
  peerClosed(code: number): void
  /** What came is no message. Nothing follows. */
  broken(code: BreachCode): void
}

// The first two bytes of a frame (RFC 6455 §5.2).
const FINAL = 0x80
const DEFLATED = 0x40
const RESERVED = 0x30
const KIND = 0x0f
const CONTROL = 0x08
const MASKED = 0x80
const LENGTH = 0x7f

const MASK_BYTES = 4
const MAX_CONTROL_BYTES = 125
/** Twice the limit, so that the connection can say what was wrong. */
const MAX_MESSAGE_BYTES = 2 * LIMITS.maxFrameBytes
const NO_CODE = 1005

/**
 * Reads what a client sends on a WebSocket: frames out of pieces, messages out of frames. It holds what is not whole, and nothing
 * else; while nothing comes it is a few numbers.
 *
 *   FIN RSV opcode | MASK len ≤ 125 | mask | payload          or 126 and uint16, or 127 and uint64, in the place of the length
 *
 * 1. What breaks a rule shows by its header, before anything of the payload is held (RFC 6455 §5.2, §5.4, §5.5).
 * 2. A message is handed over when its last frame is whole; control frames between its frames go first.
 * 3. A deflated one is held as it came, and inflated when it is whole (PROTOCOL Z3).
 */
export class MessageReader {
  readonly #host: MessageHost
  readonly #isDeflating: boolean
  /** Of a frame that is not whole, from its first byte on, and how many of them are worth another look. */
  #frame: GrowingBytes | null = null
  #needed = 0
  /** The kind of the message whose frames come; 0 between messages. */
  #kind = 0
  #isDeflated = false
  #payload: GrowingBytes | null = null
  /** All whole frames of that message, and those of control between them. */
  #frameBytes = 0
  #isOver = false

  constructor(host: MessageHost, { isDeflating }: { readonly isDeflating: boolean }) {
    this.#host = host
    this.#isDeflating = isDeflating
  }

  /** What came since the last message ended, headers included. */
  get unfinishedBytes(): number {
    return this.#frameBytes + (this.#frame?.length ?? 0)
  }

  add(piece: Buffer): void {
    if (this.#isOver) return
    let bytes = piece
    if (this.#frame !== null) {
      this.#frame.add(piece)
      if (this.#frame.length < this.#needed) return
      bytes = this.#frame.whole()
      this.#frame = null
    }
    let at = 0
    while (at < bytes.length) {
      const needed = this.#neededAt(bytes, at)
      if (this.#isOver) return
      if (at + needed > bytes.length) {
        this.#frame = new GrowingBytes(bytes.subarray(at))
        this.#needed = needed
        return
      }
      this.#take(bytes, at, needed)
      if (this.#isOver) return
      at += needed
    }
  }

  /** Nothing that comes is looked at any more, and nothing is held. */
  stop(): void {
    this.#isOver = true
    this.#frame = null
    this.#payload = null
    this.#frameBytes = 0
  }

  /** The length of the frame that begins there; of its header, while that is not whole. */
  #neededAt(bytes: Buffer, at: number): number {
    const has = bytes.length - at
    if (has < 2) return 2
    const [first = 0, second = 0] = [bytes[at], bytes[at + 1]]
    if (!this.#isAllowed(first, second)) return this.#break(1002)
    const header = headerBytes(second)
    if (has < header) return header
    const short = second & LENGTH
    const length =
      short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short === 126 ? bytes.readUInt16BE(at + 2) : short
    const before = (first & CONTROL) === 0 ? (this.#payload?.length ?? 0) : 0
    return before + length > MAX_MESSAGE_BYTES ? this.#break(1009) : header + length
  }

  #isAllowed(first: number, second: number): boolean {
    const kind = first & KIND
    const isDeflated = (first & DEFLATED) !== 0
    if ((first & RESERVED) !== 0 || (second & MASKED) === 0 || (isDeflated && !this.#isDeflating)) return false
    switch (kind) {
      case OPCODE.continuation:
        return this.#kind !== 0 && !isDeflated
      case OPCODE.text:
      case OPCODE.binary:
        return this.#kind === 0
      case OPCODE.close:
      case OPCODE.ping:
      case OPCODE.pong: {
        const length = second & LENGTH
        const isWhole = (first & FINAL) !== 0 && length <= MAX_CONTROL_BYTES
        return isWhole && !isDeflated && !(kind === OPCODE.close && length === 1)
      }
      default:
        return false
    }
  }

  #take(bytes: Buffer, at: number, length: number): void {
    const [first = 0, second = 0] = [bytes[at], bytes[at + 1]]
    const begins = at + headerBytes(second)
    const payload = bytes.subarray(begins, at + length)
    unmask(payload, bytes.subarray(begins - MASK_BYTES, begins))
    const kind = first & KIND
    if (this.#kind !== 0) this.#frameBytes += length
    if ((kind & CONTROL) !== 0) return this.#control(kind, payload)
    if (kind !== OPCODE.continuation) {
      this.#kind = kind
      this.#isDeflated = (first & DEFLATED) !== 0
      this.#frameBytes = length
    }
    if ((first & FINAL) !== 0) return this.#end(payload)
    if (this.#payload === null) this.#payload = new GrowingBytes(payload)
    else this.#payload.add(payload)
  }

  /** The last frame of a message. */
  #end(payload: Buffer): void {
    let whole = payload
    if (this.#payload !== null) {
      this.#payload.add(payload)
      whole = this.#payload.whole()
    }
    const isText = this.#kind === OPCODE.text
    this.#kind = 0
    this.#payload = null
    this.#frameBytes = 0
    if (this.#isDeflated) {
      const inflated = inflate(whole)
      if (!inflated.ok) return void this.#break(inflated.code)
      whole = inflated.bytes
    }
    if (isText && !isUtf8(whole)) return void this.#break(1007)
    return this.#host.message(whole, isText ? 'text' : 'binary')
  }

  #control(kind: number, payload: Buffer): void {
    if (kind === OPCODE.ping) return this.#host.ping(payload)
    if (kind === OPCODE.pong) return
    const code = payload.length === 0 ? NO_CODE : payload.readUInt16BE()
    if (code !== NO_CODE && !isCloseCode(code)) return void this.#break(1002)
    if (!isUtf8(payload.subarray(2))) return void this.#break(1007)
    this.stop()
    return this.#host.peerClosed(code)
  }

  #break(code: BreachCode): number {
    this.stop()
    this.#host.broken(code)
    return 0
  }
}

function headerBytes(second: number): number {
  const short = second & LENGTH
  return 2 + (short === 127 ? 8 : short === 126 ? 2 : 0) + MASK_BYTES
}

/** In its place (RFC 6455 §5.3). */
function unmask(payload: Buffer, mask: Buffer): void {
  const [a = 0, b = 0, c = 0, d = 0] = mask
  if ((a | b | c | d) === 0) return
  for (let at = 0; at < payload.length; at += 1) payload[at] = (payload[at] ?? 0) ^ (mask[at & 3] ?? 0)
}

/** What may stand in a close frame (RFC 6455 §7.4): what is registered, and what is free to use. */
function isCloseCode(code: number): boolean {
  if (code >= 3_000 && code <= 4_999) return true
  return code >= 1_000 && code <= 1_014 && code !== 1_004 && code !== 1_005 && code !== 1_006
}
