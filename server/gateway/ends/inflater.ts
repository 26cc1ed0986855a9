import { constants, inflateRawSync } from 'node:zlib'
import { LIMITS } from '../../../relay/protocol/limits.ts'

/** What a sender leaves away at the end of a message (RFC 7692 §7.2.1). */
const TAIL = Buffer.from([0, 0, 0xff, 0xff])
const NOTHING = Buffer.alloc(0)
const OPTIONS = {
  finishFlush: constants.Z_SYNC_FLUSH,
  // As of a message that comes as it is: beyond that nobody answers (`WebSocketDoor`).
  maxOutputLength: 2 * LIMITS.maxFrameBytes,
}

/**
 * What is inflated into at a time, bytes: four times what came, of which a heartbeat needs little. Each message has a buffer of
 * that size until the collector comes round: Node's usual 16 KB are 8 MB for one heartbeat of 500 screens.
 */
const MIN_CHUNK = 1_024
const MAX_CHUNK = 16 * 1_024

/** Codes of RFC 6455 §7.4.1 for a message that is too long, and for one that is not what it says. */
export type InflateFailure = 1007 | 1009

/**
 * What a client deflated, message by message: it keeps no context (`answerToOffer`), so this end has none either, and an idle
 * connection costs nothing. Nothing is inflated before the message is whole: until then it is held as it came, which is what
 * is counted of it (V23), however much it would become.
 *
 * It has the form of the extension of `ws`, whose receiver hands it the fragments of each message with RSV1.
 */
export class Inflater {
  /** Told before `ws` is: what broke it, which `ws` knows only of errors of its own. */
  failed: (code: InflateFailure) => void = () => {}
  #fragments: Buffer[] = []

  /** `done` is called behind this call, which the receiver's loop relies on. */
  decompress(fragment: Buffer, isLast: boolean, done: (cause: Error | null, data?: Buffer) => void): void {
    if (fragment.length > 0) this.#fragments.push(fragment)
    if (!isLast) return process.nextTick(done, null, NOTHING)
    const message = Buffer.concat([...this.#fragments, TAIL])
    this.#fragments = []
    process.nextTick(() => this.#inflate(message, done))
  }

  /** `ws` has closed. */
  cleanup(): void {
    this.#fragments = []
  }

  #inflate(message: Buffer, done: (cause: Error | null, data?: Buffer) => void): void {
    let data: Buffer
    try {
      const chunkSize = Math.min(MAX_CHUNK, Math.max(MIN_CHUNK, 4 * message.length))
      data = inflateRawSync(message, { ...OPTIONS, chunkSize })
    } catch (cause) {
      const isTooLong = cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE'
      this.failed(isTooLong ? 1009 : 1007)
      return done(cause instanceof Error ? cause : new Error('not inflated'))
    }
    done(null, data)
  }
}
