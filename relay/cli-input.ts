/** Longest line a program may send, bytes. A command's data is limited to half of it; the rest is room for escapes. */
export const MAX_LINE_BYTES = 64 * 1024

export type InputLine =
  | { readonly kind: 'text'; readonly text: string }
  /** The rest of the line was skipped, not kept. */
  | { readonly kind: 'too-long' }
  | { readonly kind: 'not-utf8' }

const NEWLINE = 0x0a

/**
 * Cuts a stream of bytes into lines. Never holds more than one line of the limit; ends of line are `\n` or `\r\n`; empty
 * lines are left out; a last line without an end counts.
 */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<InputLine, void> {
  const line = new PartialLine()
  for await (const chunk of chunks) {
    let start = 0
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start)
      if (end === -1) break
      line.add(chunk.subarray(start, end))
      const whole = line.take()
      if (whole !== null) yield whole
      start = end + 1
    }
    line.add(chunk.subarray(start))
  }
  const last = line.take()
  if (last !== null) yield last
}

class PartialLine {
  #parts: Uint8Array[] = []
  #bytes = 0

  add(part: Uint8Array): void {
    this.#bytes += part.length
    if (this.#bytes > MAX_LINE_BYTES) this.#parts = []
    else if (part.length > 0) this.#parts.push(part)
  }

  /** The line and an empty start for the next; null for an empty one. */
  take(): InputLine | null {
    const isTooLong = this.#bytes > MAX_LINE_BYTES
    const bytes = Buffer.concat(this.#parts)
    this.#parts = []
    this.#bytes = 0
    return isTooLong ? { kind: 'too-long' } : decode(bytes)
  }
}

function decode(bytes: Uint8Array): InputLine | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim()
    return text === '' ? null : { kind: 'text', text }
  } catch {
    return { kind: 'not-utf8' } // replacing what is broken would change what somebody wrote
  }
}
