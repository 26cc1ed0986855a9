import { Writable } from 'node:stream'
import { nonBlocking, writeNow } from './non-blocking.ts'

/** How soon a stopped terminal is tried again, milliseconds: nobody sees the difference. */
const RETRY_MS = 20

/**
 * stdout for a program that must go on when nobody reads: what was written and not taken waits in the stream, and shows
 * there (`writableLength`, `drain`). Node's own stream does that for pipes; at a terminal it stops the whole program (Ctrl+S).
 */
export function openOutputStream(): Writable {
  return process.stdout.isTTY ? new TerminalStream(nonBlocking(1)) : process.stdout
}

class TerminalStream extends Writable {
  readonly #fd: number
  constructor(fd: number) {
    super()
    this.#fd = fd
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    this.#put(chunk, done)
  }

  #put(bytes: Uint8Array, done: () => void): void {
    const taken = writeNow(this.#fd, bytes)
    if (taken === bytes.length) return done()
    const rest = taken === 'full' ? bytes : bytes.subarray(taken)
    setTimeout(() => this.#put(rest, done), RETRY_MS)
  }
}
