import type { Writable } from 'node:stream'
import { printable } from '../../relay/protocol/printable.ts'

/**
 * Where a command reads and writes; tests bring their own. The one printer for terminals: much of what is printed was written
 * by others, and a terminal obeys control characters, so each line is one line and does nothing else (X9).
 */
export interface Streams {
  /** Lines of the answer. */
  readonly out: (...lines: readonly string[]) => void
  /** One sentence about what went wrong. */
  readonly err: (line: string) => void
  readonly isTerminal: boolean
}

export function processStreams(): Streams {
  return streamsTo(process.stdout, process.stderr)
}

export function streamsTo(
  stdout: { write(words: string): unknown; readonly isTTY?: boolean },
  stderr: { write(words: string): unknown },
): Streams {
  return {
    out: (...lines) => void stdout.write(lines.map((line) => `${printable(line)}\n`).join('')),
    err: (line) => void stderr.write(`andon: ${printable(line)}\n`),
    isTerminal: stdout.isTTY === true,
  }
}

/** Resolves when whoever reads has everything, or is gone: `process.exit` drops what a slow reader of a pipe has not taken. */
export async function taken(...streams: readonly Writable[]): Promise<void> {
  await Promise.all(
    streams.map(
      (stream) =>
        new Promise<void>((resolve) => {
          stream.once('error', () => resolve())
          stream.write('', () => resolve())
        }),
    ),
  )
}
