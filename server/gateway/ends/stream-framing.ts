import type { Message } from '../../../relay/protocol/binary.ts'
import type { CloseRow } from '../../../relay/protocol/close-codes.ts'
import { inBase64, type DeflatedForms, type Framing } from '../shared-bytes.ts'
import { stored, sumOf, type PieceSum } from './gzip.ts'

/**
 * Frames as events of a stream (PROTOCOL N8): `data: <JSON>` and an empty line, a binary one in base64 as an event of its own
 * name. JSON has no line breaks outside of its texts, and in them they are escaped, so a frame is one line.
 */
export const STREAM_FRAMING: Framing = {
  frame: (messages) => Buffer.from(messages.map(eventOf).join('')),
}

/**
 * The same in a stream that is gzip: of a frame that was deflated its form, between blocks that are stored, everything else stored
 * as it is. Nothing of it waits in a compressor, and what is of one reader is not compressed (PROTOCOL Z4).
 */
export const GZIP_STREAM_FRAMING: Framing = {
  frame: (messages, deflated) => packed(messages, deflated ?? null),
}

/** What these frames add to the sum of such a stream, as `readSum` reads it. */
export const GZIP_STREAM_SUM: Framing = {
  frame(messages) {
    const { crc, length, shift } = sumOf(STREAM_FRAMING.frame(messages))
    const bytes = Buffer.alloc(12)
    for (const [at, number] of [crc, length, shift].entries()) bytes.writeUInt32LE(number, 4 * at)
    return bytes
  },
}

export function readSum(bytes: Buffer): PieceSum {
  return { crc: bytes.readUInt32LE(0), length: bytes.readUInt32LE(4), shift: bytes.readUInt32LE(8) }
}

/** Either of them in a response that comes in chunks, each piece as one chunk (RFC 9112 §7.1). */
export const CHUNKED_FRAMING: Framing = { frame: (messages) => inChunk(STREAM_FRAMING.frame(messages)) }
export const CHUNKED_GZIP_FRAMING: Framing = {
  frame: (messages, deflated) => inChunk(GZIP_STREAM_FRAMING.frame(messages, deflated)),
}

export function inChunk(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, CRLF])
}
const CRLF = Buffer.from('\r\n')

/** The last event of a stream. */
export function closeEvent({ code, says }: Pick<CloseRow, 'code' | 'says'>): Buffer {
  return Buffer.from(`event: close\ndata: ${JSON.stringify({ code, says })}\n\n`)
}

function eventOf(message: Message): string {
  return typeof message === 'string' ? `${FIELD}${message}${END}` : `event: bytes\n${FIELD}${inBase64(message)}${END}`
}

function packed(messages: readonly Message[], deflated: DeflatedForms): Buffer {
  const pieces: Buffer[] = []
  let plain = ''
  for (const [at, message] of messages.entries()) {
    const form = deflated?.[at] ?? null
    if (form === null) plain += eventOf(message)
    else {
      pieces.push(stored(Buffer.from(plain + FIELD)), form)
      plain = END
    }
  }
  if (plain !== '') pieces.push(stored(Buffer.from(plain)))
  return Buffer.concat(pieces)
}

const FIELD = 'data: '
const END = '\n\n'
