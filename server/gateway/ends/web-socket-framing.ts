import type { Framing } from '../shared-bytes.ts'

/**
 * Text frames as they go on a WebSocket, header and payload in one buffer (RFC 6455 §5.2: FIN, opcode 1, no mask from the
 * server), one behind the other.
 *
 *   0x81 | len ≤ 125          | payload
 *   0x81 | 126 | uint16 len   | payload
 *   0x81 | 127 | uint64 len   | payload
 */
export const WEB_SOCKET_FRAMING: Framing = {
  frame(texts) {
    const lengths = texts.map((text) => Buffer.byteLength(text))
    const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + headerBytes(length) + length, 0))
    let at = 0
    for (const [index, text] of texts.entries()) {
      at = writeHeader(bytes, at, lengths[index] ?? 0)
      at += bytes.write(text, at)
    }
    return bytes
  },
}

function headerBytes(length: number): number {
  return length < 126 ? 2 : length < 65_536 ? 4 : 10
}

/** Where the payload begins. */
function writeHeader(bytes: Buffer, at: number, length: number): number {
  const begins = at + headerBytes(length)
  bytes[at] = 0x81
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
