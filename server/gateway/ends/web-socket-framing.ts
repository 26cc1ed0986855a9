import type { Message } from '../../../relay/protocol/binary.ts'
import type { Framing } from '../shared-bytes.ts'

/**
 * Frames as they go on a WebSocket, header and payload in one buffer (RFC 6455 §5.2: FIN, opcode 1 of text and 2 of bytes, no
 * mask from the server), one behind the other.
 *
 *   0x81 or 0x82 | len ≤ 125          | payload
 *   0x81 or 0x82 | 126 | uint16 len   | payload
 *   0x81 or 0x82 | 127 | uint64 len   | payload
 */
export const WEB_SOCKET_FRAMING: Framing = {
  frame(messages) {
    const lengths = messages.map((message) => Buffer.byteLength(message))
    const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + headerBytes(length) + length, 0))
    let at = 0
    for (const [index, message] of messages.entries()) {
      at = writeHeader(bytes, at, typeof message === 'string' ? TEXT : BINARY, lengths[index] ?? 0)
      at += put(bytes, at, message)
    }
    return bytes
  },
}

/**
 * The same for whoever negotiated it (RFC 7692 §7.2.1): what was deflated has RSV1, and not the empty block at its end.
 *
 *   0xc1 | len …              | deflated payload
 */
export const DEFLATED_WEB_SOCKET_FRAMING: Framing = {
  frame: (messages, deflated) =>
    Buffer.concat(
      messages.map((message, at) => {
        const form = deflated?.[at] ?? null
        return form === null ? WEB_SOCKET_FRAMING.frame([message]) : inDeflatedFrame(form)
      }),
    ),
}

function inDeflatedFrame(deflated: Buffer): Buffer {
  const length = deflated.length - TAIL_BYTES
  const bytes = Buffer.allocUnsafe(headerBytes(length) + length)
  deflated.copy(bytes, writeHeader(bytes, 0, DEFLATED_TEXT, length), 0, length)
  return bytes
}

/** Kinds of frames (RFC 6455 §5.2). */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** What is not for everybody: one frame of control, its payload 125 bytes at most. */
export function controlFrame(kind: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([FINAL | kind, payload.length]), payload])
}

/** Code and sentence of a close; a code of 1005 stands for none (RFC 6455 §7.4.1). */
export function closeFrame(code: number, says: string): Buffer {
  if (code === 1_005) return controlFrame(OPCODE.close, Buffer.alloc(0))
  const payload = Buffer.from(`  ${says}`)
  payload.writeUInt16BE(code)
  return controlFrame(OPCODE.close, payload)
}

const FINAL = 0x80
const TEXT = FINAL | OPCODE.text
const BINARY = FINAL | OPCODE.binary
/** With RSV1. */
const DEFLATED_TEXT = TEXT | 0x40
/** `00 00 ff ff`. */
const TAIL_BYTES = 4

/** How many bytes it took. */
function put(bytes: Buffer, at: number, message: Message): number {
  if (typeof message === 'string') return bytes.write(message, at)
  bytes.set(message, at)
  return message.length
}

function headerBytes(length: number): number {
  return length < 126 ? 2 : length < 65_536 ? 4 : 10
}

/** Where the payload begins. */
function writeHeader(bytes: Buffer, at: number, first: number, length: number): number {
  const begins = at + headerBytes(length)
  bytes[at] = first
  if (length < 126) bytes[at + 1] = length
  else if (length < 65_536) {
    bytes[at + 1] = 126
    bytes.writeUInt16BE(length, at + 2)
  } else {
    bytes[at + 1] = 127
    bytes.writeBigUInt64BE(BigInt(length), at + 2)
  }
  return begins
}
