import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'

const RUNNING = new Set<Measured>()

/** Ends every server that still runs; for the end of the bench, however it comes. */
export function killAll(): void {
  for (const server of RUNNING) server.kill()
}

/** A server under measurement: pinned to one core where the machine can, its CPU and memory read from the kernel. */
export class Measured {
  readonly #child: ChildProcess
  #stdout = ''
  #waiting: (() => void)[] = []
  #isGone = false

  constructor(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const pinned = process.platform === 'linux' ? ['taskset', '-c', '0', command, ...args] : [command, ...args]
    const [program = command, ...rest] = pinned
    this.#child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } })
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#stdout += chunk.toString()
      this.#wake()
    })
    RUNNING.add(this)
    this.#child.once('close', () => {
      RUNNING.delete(this)
      this.#isGone = true
      this.#wake()
    })
    this.#child.once('error', (cause) => process.stderr.write(`${program}: ${cause.message}\n`))
  }

  /** The first line it prints, as JSON; rejects when it ends before. */
  async firstLine(): Promise<Record<string, unknown>> {
    while (!this.#stdout.includes('\n')) {
      if (this.#isGone) throw new Error('the server ended before it said where it listens; its words are above')
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    return JSON.parse(this.#stdout.slice(0, this.#stdout.indexOf('\n'))) as Record<string, unknown>
  }

  /** CPU time of all its threads, microseconds (proc(5), fields 14 and 15, 100 ticks a second). */
  cpuMicros(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10_000
  }

  /** Resident memory, bytes. */
  rssBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  async stop(): Promise<void> {
    this.kill()
    while (!this.#isGone) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

/** Resolves when something listens there; rejects after five seconds. */
export async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => {
        socket.destroy()
        resolve(true)
      })
      socket.once('error', () => resolve(false))
    })
    if (isOpen) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`nothing listens on ${port}`)
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
