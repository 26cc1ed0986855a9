import type { Message } from '../protocol/binary.ts'
import { LIMITS } from '../protocol/limits.ts'
import { WAY_LIMITS } from '../protocol/ways.ts'
import { toBase64 } from './base64.ts'

/** Characters of the frames of one batch together; a frame that is longer goes alone. Below the bound in bytes, whatever they are. */
const MAX_BATCH_CHARS = Math.floor(LIMITS.maxFrameBytes / 3)

export interface UpBatch {
  readonly batch: number
  /** Each as JSON: text as it is, bytes in base64. */
  readonly frames: readonly string[]
  readonly close: { readonly code: number; readonly says: string } | null
}

/** What waits to go up, and leaves in numbered batches (PROTOCOL N3). The server says when it is too much. */
export class UpFrames {
  #waiting: string[] = []
  #chars = 0
  #last = 0
  #close: UpBatch['close'] = null

  /** Characters that were not put into a batch yet. */
  get chars(): number {
    return this.#chars
  }
  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#close === null
  }

  add(message: Message): void {
    const frame = typeof message === 'string' ? message : `"${toBase64(message)}"`
    this.#waiting.push(frame)
    this.#chars += frame.length
  }

  /** Goes behind everything that waits. */
  close(code: number, says: string): void {
    this.#close ??= { code, says }
  }

  /** As much as fits, in order; an empty batch when nothing waits. */
  take(): UpBatch {
    let chars = 0
    let count = 0
    for (const text of this.#waiting) {
      if (count === WAY_LIMITS.maxBatchFrames || (count > 0 && chars + text.length > MAX_BATCH_CHARS)) break
      chars += text.length
      count += 1
    }
    const frames = this.#waiting.splice(0, count)
    this.#chars -= chars
    this.#last += 1
    const close = this.#waiting.length === 0 ? this.#close : null
    if (close !== null) this.#close = null
    return { batch: this.#last, frames, close }
  }
}

/** A batch as the body of its request. Frames are JSON already. */
export function batchBody(
  { batch, frames, close }: UpBatch,
  poll?: { readonly ack: number; readonly holdMs: number },
): string {
  const asks = poll === undefined ? '' : `"ack":${poll.ack},"holdMs":${poll.holdMs},`
  const end = close === null ? '' : `,"close":${JSON.stringify(close)}`
  return `{"batch":${batch},${asks}"frames":[${frames.join(',')}]${end}}`
}
