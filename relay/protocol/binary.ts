/**
 * Frames whose bytes travel as bytes (PROTOCOL B1). A binary message, by whichever way it goes:
 *
 *   uint16, big-endian: length of the header | header: JSON in UTF-8 | payload: all the rest
 *
 * The header is the frame without the one field that the payload is.
 */
import { refuse, type Refusal } from './errors.ts'
import { LIMITS } from './limits.ts'

/** One frame as it is sent: its JSON, or a binary message. */
export type Message = string | Uint8Array

/** The frames that may be binary, and the field of each that the payload is. */
export const PAYLOADS: ReadonlyMap<string, string> = new Map([
  ['ping', 'pad'],
  ['pong', 'pad'],
])

const LENGTH_BYTES = 2

export function joinMessage(header: string, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(header)
  const message = new Uint8Array(LENGTH_BYTES + bytes.length + payload.length)
  new DataView(message.buffer).setUint16(0, bytes.length)
  message.set(bytes, LENGTH_BYTES)
  message.set(payload, LENGTH_BYTES + bytes.length)
  return message
}

/** The payload is a view of the message. What the header says is not looked at here. */
export function splitMessage(
  message: Uint8Array,
): { readonly ok: true; readonly header: string; readonly payload: Uint8Array } | Refusal {
  if (message.length < LENGTH_BYTES)
    return refuse('bad-frame', 'A binary message begins with the length of its header.')
  const length = new DataView(message.buffer, message.byteOffset).getUint16(0)
  if (length > LIMITS.maxHeaderBytes)
    return refuse('bad-frame', `The header of a binary message has at most ${LIMITS.maxHeaderBytes} bytes.`)
  const begins = LENGTH_BYTES + length
  if (begins > message.length) return refuse('bad-frame', 'The header of this binary message is not whole.')
  try {
    const header = new TextDecoder('utf-8', { fatal: true }).decode(message.subarray(LENGTH_BYTES, begins))
    return { ok: true, header, payload: message.subarray(begins) }
  } catch {
    return refuse('bad-json')
  }
}
