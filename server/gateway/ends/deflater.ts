import { constants, deflateRaw } from 'node:zlib'
import type { Deflates, SharedBytes } from '../shared-bytes.ts'

/** Below this a frame is not worth its thread, bytes (PROTOCOL Z1). */
export const MIN_DEFLATED_BYTES = 1_024
/** Threads of Node's pool that may be busy with it at once: of its four, two are left for the disk and for names. */
const MAX_RUNNING = 2
/** Frames that wait for one of those: a quarter of a second of them. What comes then leaves as it is. */
const MAX_WAITING = 256
/** A page of 64 KB takes 2 ms at this level, half of what the usual one takes, for a twentieth more bytes. */
const LEVEL = 3

/**
 * Deflates frames that everybody gets the same, each once and on a thread, without a context that would tie it to a connection
 * (RFC 7692 §7.1.1.1): the bytes are good for every WebSocket that deflates, and in the body of an answer.
 *
 * They end on a byte, behind an empty block that is not the last one (`00 00 ff ff`).
 */
export class Deflater implements Deflates {
  #running = 0
  readonly #waiting: (() => void)[] = []
  readonly #max: number
  #leftPlain = 0

  constructor(maxWaiting = MAX_WAITING) {
    this.#max = maxWaiting
  }

  /** Frames that left as they are because too many waited, since the start. */
  get leftPlain(): number {
    return this.#leftPlain
  }

  isWorthwhile({ messages, length }: SharedBytes): boolean {
    return messages.length === 1 && typeof messages[0] === 'string' && length >= MIN_DEFLATED_BYTES
  }

  async deflated(bytes: SharedBytes): Promise<SharedBytes> {
    const [text] = bytes.messages
    if (typeof text !== 'string' || !this.isWorthwhile(bytes)) return bytes
    if (this.#running >= MAX_RUNNING) {
      if (this.#waiting.length >= this.#max) {
        this.#leftPlain += 1
        return bytes
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else this.#running += 1
    try {
      return bytes.withDeflated(await deflate(text))
    } catch {
      // There was no memory for it, and it is as good as it is.
      return bytes
    } finally {
      // Whoever waits takes the place over.
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next()
    }
  }
}

function deflate(text: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    deflateRaw(text, { level: LEVEL, finishFlush: constants.Z_SYNC_FLUSH }, (cause, bytes) =>
      cause === null ? resolve(bytes) : reject(cause),
    )
  })
}
