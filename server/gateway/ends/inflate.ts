import { constants, inflateRawSync } from 'node:zlib'
import { LIMITS } from '../../../relay/protocol/limits.ts'

/** What a sender leaves away at the end of a message (RFC 7692 §7.2.1). */
const TAIL = Buffer.from([0, 0, 0xff, 0xff])
const OPTIONS = {
  finishFlush: constants.Z_SYNC_FLUSH,
  // As of a message that comes as it is: beyond that nobody answers (`MessageReader`).
  maxOutputLength: 2 * LIMITS.maxFrameBytes,
}

/**
 * What is inflated into at a time, bytes: four times what came, of which a heartbeat needs little. Each message has a buffer of
 * that size until the collector comes round: Node's usual 16 KB are 8 MB for one heartbeat of 500 screens.
 */
const MIN_CHUNK = 1_024
const MAX_CHUNK = 16 * 1_024

/** The message, or the code of RFC 6455 §7.4.1 for one that is not what it says, or that is too long. */
export type Inflated =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly code: 1007 | 1009 }

/**
 * What a client deflated, message by message: it keeps no context (`answerToOffer`), so this end has none either, and an idle
 * connection costs nothing.
 */
export function inflate(message: Buffer): Inflated {
  const chunkSize = Math.min(MAX_CHUNK, Math.max(MIN_CHUNK, 4 * message.length))
  try {
    return { ok: true, bytes: inflateRawSync(Buffer.concat([message, TAIL]), { ...OPTIONS, chunkSize }) }
  } catch (cause) {
    // Every other way a message can be wrong is the same answer: it is no deflate.
    const isTooLong = cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE'
    return { ok: false, code: isTooLong ? 1009 : 1007 }
  }
}
