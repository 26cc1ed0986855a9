import type { CloseRow } from '../../../relay/protocol/close-codes.ts'
import type { Framing } from '../shared-bytes.ts'

/**
 * Text frames as events of a stream (PROTOCOL N8): `data: <JSON>` and an empty line. JSON has no line breaks outside of its
 * texts, and in them they are escaped, so a frame is one line.
 */
export const STREAM_FRAMING: Framing = {
  frame: (texts) => Buffer.from(texts.map((text) => `data: ${text}\n\n`).join('')),
}

/** The last event of a stream. */
export function closeEvent({ code, says }: Pick<CloseRow, 'code' | 'says'>): string {
  return `event: close\ndata: ${JSON.stringify({ code, says })}\n\n`
}
