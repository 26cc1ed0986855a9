import type { Writable } from 'node:stream'
import type { OutputLine } from './cli-lines.ts'
import type { LineOutput } from './cli-program.ts'
import { printableJson } from './protocol/printable.ts'

/** Printed and not yet read, bytes: what is not held back, urgent alerts and results, when nobody reads for very long. */
export const MAX_UNREAD_BYTES = 64 * 1024 * 1024

/** Printed and not yet read, bytes, from which on no more events are asked for: some thousand of them. */
export const BEHIND_BYTES = 1024 * 1024

/** `closed`: nobody is there to read. `stalled`: beyond `MAX_UNREAD_BYTES`. */
export type OutputFailure = 'closed' | 'stalled'

/** stdout as JSON lines. Lines of one tick leave in one write. `failed` is called at most once; nothing is printed after. */
export class StreamOutput implements LineOutput {
  readonly #stream: Writable
  readonly #failed: (why: OutputFailure) => void
  #state: 'open' | 'failed' = 'open'
  #isCorked = false

  constructor(stream: Writable, failed: (why: OutputFailure) => void) {
    this.#stream = stream
    this.#failed = failed
    stream.on('error', () => this.#fail('closed')) // EPIPE: what else happens to a pipe
  }

  print(line: OutputLine): void {
    if (this.#state === 'failed') return
    this.#cork()
    this.#stream.write(`${printableJson(line)}\n`)
    if (this.#stream.writableLength > MAX_UNREAD_BYTES) this.#fail('stalled')
  }

  isBehind(): boolean {
    return this.#state === 'open' && this.#stream.writableLength > BEHIND_BYTES
  }

  caughtUp(): Promise<void> {
    if (this.#state === 'failed' || !this.#stream.writableNeedDrain) return Promise.resolve()
    return new Promise((resolve) => this.#stream.once('drain', () => resolve()))
  }

  /** Resolves once everything printed was handed to the reader, or cannot be. */
  flushed(): Promise<void> {
    if (this.#state === 'failed') return Promise.resolve()
    return new Promise((resolve) => {
      this.#stream.once('error', () => resolve())
      this.#stream.write('', () => resolve())
    })
  }

  #cork(): void {
    if (this.#isCorked) return
    this.#isCorked = true
    this.#stream.cork()
    process.nextTick(() => {
      this.#isCorked = false
      this.#stream.uncork()
    })
  }

  #fail(why: OutputFailure): void {
    if (this.#state === 'failed') return
    this.#state = 'failed'
    this.#failed(why)
  }
}
