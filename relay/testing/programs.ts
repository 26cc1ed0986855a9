/** Andon's programs as other programs start them: processes with pipes. For integration tests. */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

const ROOT = join(import.meta.dirname, '../..')

/** One line of stdout. */
export interface Line {
  readonly kind?: string
  readonly [field: string]: unknown
}

/** A program of ours that prints JSON lines. */
export class Program {
  readonly lines: Line[] = []
  stderr = ''
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #exited: Promise<number | NodeJS.Signals>
  readonly #waiting = new Set<() => void>()
  #state: 'running' | 'ended' = 'running'

  constructor(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(process.execPath, [join(ROOT, script), ...args], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#child.stdin.on('error', () => undefined) // it may end before it has read everything
    this.#child.stderr.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()))
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.lines.push(JSON.parse(line) as Line)
      this.#wake()
    })
    this.#exited = once(this.#child, 'close').then(([code, signal]) => {
      this.#state = 'ended'
      this.#wake()
      return (code ?? signal) as number | NodeJS.Signals
    })
  }

  send(...lines: unknown[]): void {
    this.#child.stdin.write(lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''))
  }

  endInput(): void {
    this.#child.stdin.end()
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** The exit code, or the signal that ended it; everything it printed is in `lines` then. */
  exited(): Promise<number | NodeJS.Signals> {
    return this.#exited
  }

  of(kind: string): readonly Line[] {
    return this.lines.filter((line) => line.kind === kind)
  }

  /** The first line, past or to come, that fits; fails with all that was printed when the program ends without one. */
  async until(fits: (line: Line) => boolean): Promise<Line> {
    for (;;) {
      const line = this.lines.find(fits)
      if (line !== undefined) return line
      if (this.#state === 'ended') throw new Error(`it ended first:\n${JSON.stringify(this.lines)}\n${this.stderr}`)
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}
