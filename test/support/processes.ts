/** Real processes of the product, spoken to as a script would: JSON lines in and out, signals. */
import { spawn, type ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const ROOT = join(import.meta.dirname, '..', '..')
/** Ends a program when whoever started it is gone, even by SIGKILL: no test leaves a server behind. */
const LIFELINE = pathToFileURL(join(ROOT, 'build/lifeline.mjs')).href
const LIFELINE_FD = 3
/** Of stderr only the end is of interest. */
const MAX_STDERR = 16 * 1024

export type Line = Readonly<Record<string, unknown>> & { readonly kind?: string }

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>
  /** The checkout it is started from; this one unless said otherwise. */
  readonly root?: string
  /** Told every line as it comes. */
  readonly onLine?: (line: Line) => void
  /** Told every line of stderr as it comes. */
  readonly onStderr?: (line: string) => void
  /** Lines to keep in `lines`; all of them unless said otherwise. */
  readonly keep?: number
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A process and every JSON line it printed. */
export class Program {
  readonly lines: Line[] = []
  /** What it printed that is no JSON. A killed process may leave half a line, once, at the end. */
  readonly broken: string[] = []
  readonly exited: Promise<number | null>
  readonly #child: ChildProcess
  readonly #options: ProgramOptions
  #stderr = ''
  #exit: Exit | null = null
  #waiting: (() => void)[] = []

  constructor(script: string, args: readonly string[], options: ProgramOptions = {}) {
    this.#options = options
    const env = { ...process.env, ...options.env, ANDON_LIFELINE_FD: String(LIFELINE_FD) }
    this.#child = spawn(process.execPath, ['--import', LIFELINE, join(options.root ?? ROOT, script), ...args], {
      env,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    })
    const { stdin, stdout, stderr, stdio } = this.#child
    if (stdin === null || stdout === null || stderr === null) throw new Error('spawned without pipes')
    createInterface({ input: stdout }).on('line', (line) => this.#take(line))
    createInterface({ input: stderr }).on('line', (line) => {
      this.#stderr = `${this.#stderr}${line}\n`.slice(-MAX_STDERR)
      options.onStderr?.(line)
    })
    // A child that was killed takes its pipes with it; what could not be written is what the test is about.
    stdin.on('error', () => {})
    stdio[LIFELINE_FD]?.on('error', () => {})
    this.exited = new Promise((resolve) =>
      this.#child.on('close', (code, signal) => {
        this.#exit = { code, signal }
        resolve(code)
        this.#wake()
      }),
    )
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }
  get stderr(): string {
    return this.#stderr
  }
  /** Null while it runs. */
  get exit(): Exit | null {
    return this.#exit
  }

  send(line: object): void {
    this.sendRaw(`${JSON.stringify(line)}\n`)
  }
  sendRaw(text: string): void {
    this.#child.stdin?.write(text)
  }
  endInput(): void {
    this.#child.stdin?.end()
  }

  /** The first line that fits, waiting for it; lines before index `after` do not count. */
  async until(fits: (line: Line) => boolean, after = 0): Promise<Line> {
    for (;;) {
      const line = this.lines.slice(after).find(fits)
      if (line !== undefined) return line
      if (this.#exit !== null) throw new Error(`ended while waiting; it printed:\n${this.#printed()}`)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exited
  }

  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM')
    return this.exited
  }

  #take(text: string): void {
    const line = parse(text)
    if (line === null) {
      this.broken.push(text)
      return
    }
    this.lines.push(line)
    const { keep = Infinity, onLine } = this.#options
    if (this.lines.length > keep) this.lines.shift()
    onLine?.(line)
    this.#wake()
  }

  #printed(): string {
    return [...this.lines.slice(-20).map((line) => JSON.stringify(line)), ...this.broken, this.#stderr].join('\n')
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

function parse(text: string): Line | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Line) : null
  } catch {
    return null
  }
}

/** A free port on loopback, so that a server can be started again where it was. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

export interface ServerArguments extends ProgramOptions {
  readonly extra?: readonly string[]
}

/** A demonstration server that answers. */
export async function startServer(
  folder: string,
  port: number,
  { extra = [], ...options }: ServerArguments = {},
): Promise<{ program: Program; url: string }> {
  const args = ['server', '--demo', '--data', folder, '--port', String(port), ...extra]
  const program = new Program('server/cli.ts', args, options)
  const { url } = await program.until((line) => line['event'] === 'listening')
  return { program, url: String(url) }
}

export interface RelayArguments extends ProgramOptions {
  readonly url: string
  readonly folder: string
  readonly user?: readonly [name: string, pin: string]
  readonly extra?: readonly string[]
}

/** A headless relay; it is not live yet. */
export function startRelay({ url, folder, user, extra = [], ...options }: RelayArguments): Program {
  const person = user === undefined ? [] : ['--user', user[0], '--pin', user[1]]
  return new Program('relay/cli.ts', ['--server', url, '--data', folder, ...person, ...extra], options)
}

export function isLive(line: Line): boolean {
  return line.kind === 'status' && line['state'] === 'live'
}
