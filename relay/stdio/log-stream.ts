import { printable } from '../protocol/printable.ts'
import { nonBlocking, writeNow } from './non-blocking.ts'
import { PatientLines } from './patient-lines.ts'

/** What `pino` writes to. */
export interface LogStream {
  write(line: string): void
}

/** What waits at the end of the process gets this long, in steps, milliseconds: a reader that lives has read it by then. */
const FLUSH_MS = 500
const FLUSH_STEP_MS = 5

/**
 * stderr for a log: never waits for a reader (`PatientLines`), and at the end of the process, by `process.exit` or a crash,
 * waits for one half a second. Names and titles of others stand in it, and a terminal is where it is read: JSON of the same
 * meaning that does nothing to it. `lost` makes the line that stands for so many dropped ones.
 */
export function openLogStream(lost: (count: number) => string): LogStream {
  const fd = nonBlocking(2)
  const lines = new PatientLines({
    write: (bytes) => writeNow(fd, bytes),
    after: (ms, run) => void setTimeout(run, ms).unref(),
    lost,
  })
  process.on('exit', () => {
    const cell = new Int32Array(new SharedArrayBuffer(4))
    for (let ms = 0; !lines.push() && ms < FLUSH_MS; ms += FLUSH_STEP_MS) Atomics.wait(cell, 0, 0, FLUSH_STEP_MS)
  })
  return { write: (line) => lines.write(`${printable(line.trimEnd())}\n`) }
}
