/** Real processes of the product, spoken to as a script would: JSON lines in and out, signals. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const ROOT = join(import.meta.dirname, '..', '..')

export type Line = Readonly<Record<string, unknown>> & { readonly kind?: string }

/** A process and every JSON line it printed. */
export class Program {
  readonly lines: Line[] = []
  readonly #child: ChildProcessWithoutNullStreams
  readonly exited: Promise<number | null>
  #stderr = ''
  #hasExited = false
  #waiting: (() => void)[] = []

  constructor(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(process.execPath, [join(ROOT, script), ...args], { env: { ...process.env, ...env } })
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.lines.push(JSON.parse(line) as Line)
      this.#wake()
    })
    this.#child.stderr.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()))
    // A child that was killed takes its pipe with it; what could not be written is what the test is about.
    this.#child.stdin.on('error', () => {})
    this.exited = new Promise((resolve) =>
      this.#child.on('close', (code) => {
        this.#hasExited = true
        resolve(code)
        this.#wake()
      }),
    )
  }

  get stderr(): string {
    return this.#stderr
  }

  send(line: object): void {
    this.#child.stdin.write(`${JSON.stringify(line)}\n`)
  }
  sendRaw(text: string): void {
    this.#child.stdin.write(text)
  }
  endInput(): void {
    this.#child.stdin.end()
  }

  /** The first line that fits, waiting for it; lines before index `after` do not count. */
  async until(fits: (line: Line) => boolean, after = 0): Promise<Line> {
    for (;;) {
      const line = this.lines.slice(after).find(fits)
      if (line !== undefined) return line
      if (this.#hasExited) throw new Error(`ended while waiting; it printed:\n${this.#printed()}`)
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

  #printed(): string {
    return [...this.lines.slice(-20).map((line) => JSON.stringify(line)), this.#stderr].join('\n')
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
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

/** A demonstration server that answers. */
export async function startServer(folder: string, port: number): Promise<{ program: Program; url: string }> {
  const program = new Program('server/cli.ts', ['server', '--demo', '--data', folder, '--port', String(port)])
  await program.until((line) => line['event'] === 'listening')
  return { program, url: `http://127.0.0.1:${port}` }
}

export interface RelayArguments {
  readonly url: string
  readonly folder: string
  readonly user?: readonly [name: string, pin: string]
  readonly extra?: readonly string[]
}

/** A headless relay; it is not live yet. */
export function startRelay({ url, folder, user, extra = [] }: RelayArguments): Program {
  const person = user === undefined ? [] : ['--user', user[0], '--pin', user[1]]
  return new Program('relay/cli.ts', ['--server', url, '--data', folder, ...person, ...extra])
}

export function isLive(line: Line): boolean {
  return line.kind === 'status' && line['state'] === 'live'
}
