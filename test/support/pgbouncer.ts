/** A real PgBouncer in transaction mode between a store and its database, where one is installed. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { execFileSync } from 'node:child_process'
import { connect } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from './processes.ts'

const PROGRAM = ['/usr/sbin', '/usr/bin', '/usr/local/bin'].map((at) => join(at, 'pgbouncer')).find(existsSync)
export const HAS_PGBOUNCER = PROGRAM !== undefined
/** The user that it runs as where we are root, as which it refuses to run. */
const USER = 'postgres'

export class RunningPgBouncer {
  readonly port: number
  readonly #folder: string
  #child: ChildProcess | null = null

  private constructor(port: number, folder: string) {
    this.port = port
    this.#folder = folder
  }

  /** In front of the PostgreSQL of this port. `size`: connections to each of its databases, which all of its clients share. */
  static async start(postgres: number, { size }: { readonly size: number }): Promise<RunningPgBouncer> {
    const folder = await mkdtemp(join(tmpdir(), 'andon-bouncer-'))
    const bouncer = new RunningPgBouncer(await freePort(), folder)
    const users = join(folder, 'users.txt')
    writeFileSync(users, `"${USER}" ""\n`)
    writeFileSync(
      bouncer.#file,
      `[databases]
* = host=127.0.0.1 port=${postgres}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${bouncer.port}
unix_socket_dir =
auth_type = trust
auth_file = ${users}
pool_mode = transaction
default_pool_size = ${size}
max_client_conn = 200
server_idle_timeout = 1
`,
    )
    if (userInfo().uid === 0) {
      const uid = Number(execFileSync('id', ['-u', USER], { encoding: 'utf8' }))
      for (const path of [folder, users, bouncer.#file]) chownSync(path, uid, uid)
    }
    await bouncer.restart()
    return bouncer
  }

  get #file(): string {
    return join(this.#folder, 'pgbouncer.ini')
  }

  /** The same database by way of it. */
  addressOf(url: string): string {
    return url.replace(/:\d+\//, `:${this.port}/`)
  }

  /** Everybody loses their connection. */
  async restart(): Promise<void> {
    await this.kill()
    const isRoot = userInfo().uid === 0
    const child = isRoot
      ? spawn('runuser', ['-u', USER, '--', PROGRAM ?? '', this.#file], { stdio: 'ignore' })
      : spawn(PROGRAM ?? '', [this.#file], { stdio: 'ignore' })
    this.#child = child
    while (!(await this.#answers())) await pause(20)
  }

  async kill(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    // `runuser` hands this on, and waits for it.
    child.kill('SIGTERM')
    await gone
  }

  async end(): Promise<void> {
    await this.kill()
    await rm(this.#folder, { recursive: true, force: true })
  }

  #answers(): Promise<boolean> {
    if (this.#child?.exitCode !== null) throw new Error('PgBouncer ended by itself')
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1')
      socket.once('connect', () => {
        socket.destroy()
        resolve(true)
      })
      socket.once('error', () => resolve(false))
    })
  }
}
