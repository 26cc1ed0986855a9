import type { Message } from '../../../relay/protocol/binary.ts'
import type { CloseRow } from '../../../relay/protocol/close-codes.ts'
import { inBase64, type Framing } from '../shared-bytes.ts'

/**
 * Frames as events of a stream (PROTOCOL N8): `data: <JSON>` and an empty line, a binary one in base64 as an event of its own
 * name. JSON has no line breaks outside of its texts, and in them they are escaped, so a frame is one line.
 */
export const STREAM_FRAMING: Framing = {
  frame: (messages) => Buffer.from(eventsOf(messages)),
}

/** The same in a response that comes in chunks, each piece as one chunk (RFC 9112 §7.1). */
export const CHUNKED_FRAMING: Framing = {
  frame: (messages) => Buffer.from(inChunk(eventsOf(messages))),
}

/** The last event of a stream, as that framing has it. */
export function closeEvent({ code, says }: Pick<CloseRow, 'code' | 'says'>, framing: Framing): Buffer {
  const event = `event: close\ndata: ${JSON.stringify({ code, says })}\n\n`
  return Buffer.from(framing === CHUNKED_FRAMING ? inChunk(event) : event)
}

function eventsOf(messages: readonly Message[]): string {
  return messages
    .map((message) =>
      typeof message === 'string' ? `data: ${message}\n\n` : `event: bytes\ndata: ${inBase64(message)}\n\n`,
    )
    .join('')
}

function inChunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
}
