/** A real Redis of its own on loopback, where one is installed. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PROGRAM = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin']
  .map((at) => join(at, 'redis-server'))
  .find(existsSync)
export const HAS_REDIS = PROGRAM !== undefined

export class RunningRedis {
  readonly port: number
  readonly #folder: string
  #child: ChildProcess | null = null

  private constructor(port: number, folder: string) {
    this.port = port
    this.#folder = folder
  }

  static async start(): Promise<RunningRedis> {
    const redis = new RunningRedis(await freePort(), await mkdtemp(join(tmpdir(), 'andon-redis-')))
    await redis.restart()
    return redis
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** Empty, as it keeps nothing. */
  async restart(): Promise<void> {
    await this.kill()
    const folder = this.#folder
    const settings = [
      '--bind',
      '127.0.0.1',
      '--port',
      `${this.port}`,
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      folder,
    ]
    const child = spawn(PROGRAM ?? '', settings, { stdio: ['ignore', 'pipe', 'ignore'] })
    this.#child = child
    for await (const chunk of child.stdout) if (String(chunk).includes('Ready to accept connections')) break
    child.stdout.resume()
  }

  /** It answers nobody, and its sockets stay. */
  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  goOn(): void {
    this.#child?.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  async end(): Promise<void> {
    await this.kill()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
