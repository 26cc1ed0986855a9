import type { CloseRow } from '../../../relay/protocol/close-codes.ts'
import type { Framing } from '../shared-bytes.ts'

/**
 * Text frames as events of a stream (PROTOCOL N8): `data: <JSON>` and an empty line. JSON has no line breaks outside of its
 * texts, and in them they are escaped, so a frame is one line.
 */
export const STREAM_FRAMING: Framing = {
  frame: (texts) => Buffer.from(eventsOf(texts)),
}

/** The same in a response that comes in chunks, each piece as one chunk (RFC 9112 §7.1). */
export const CHUNKED_FRAMING: Framing = {
  frame: (texts) => Buffer.from(inChunk(eventsOf(texts))),
}

/** The last event of a stream, as that framing has it. */
export function closeEvent({ code, says }: Pick<CloseRow, 'code' | 'says'>, framing: Framing): Buffer {
  const event = `event: close\ndata: ${JSON.stringify({ code, says })}\n\n`
  return Buffer.from(framing === CHUNKED_FRAMING ? inChunk(event) : event)
}

function eventsOf(texts: readonly string[]): string {
  return texts.map((text) => `data: ${text}\n\n`).join('')
}

function inChunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
}
