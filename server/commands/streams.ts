/** Where a command reads and writes; tests bring their own. */
export interface Streams {
  /** One line of the answer. */
  readonly out: (line: string) => void
  /** One sentence about what went wrong. */
  readonly err: (line: string) => void
  readonly isTerminal: boolean
}

export function processStreams(): Streams {
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`andon: ${line}\n`),
    isTerminal: process.stdout.isTTY,
  }
}
