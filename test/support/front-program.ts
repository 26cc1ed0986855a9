/** Proxies of others that stand before a server or a relay in tests, where they are installed: nginx, HAProxy, Caddy, Squid. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

export type FrontName = 'nginx' | 'haproxy' | 'caddy' | 'squid'

export interface FrontSite {
  /** Of this run: configuration, pid and what the program keeps. */
  readonly folder: string
  /** It listens there. */
  readonly port: number
}

/** Where the program is installed; undefined where it is not. */
export function found(name: FrontName): string | undefined {
  return ['/usr/sbin', '/usr/local/sbin', '/usr/bin', '/usr/local/bin'].map((at) => join(at, name)).find(existsSync)
}

/** A whole configuration of nginx around what stands in its `http` block: one process, in this folder alone. */
export function nginxOf(http: string, folder: string): string {
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => {
    mkdirSync(join(folder, name), { recursive: true })
    return `${name}_temp_path ${join(folder, name)};`
  })
  return `daemon off; master_process off; pid ${join(folder, 'nginx.pid')}; error_log stderr warn;
    events { worker_connections 64; }
    http { access_log off; ${places.join(' ')} ${http} }`
}

const ARGUMENTS: Readonly<Record<FrontName, (file: string, folder: string) => readonly string[]>> = {
  nginx: (file, folder) => ['-e', 'stderr', '-p', folder, '-c', file],
  haproxy: (file) => ['-db', '-f', file],
  caddy: (file) => ['run', '--config', file, '--adapter', 'caddyfile'],
  squid: (file) => ['-N', '-f', file],
}

/** One running program. */
export class FrontProgram {
  readonly #name: FrontName
  readonly #site: FrontSite
  readonly #child: ChildProcess
  #said = ''

  private constructor(name: FrontName, configuration: string, site: FrontSite) {
    this.#name = name
    this.#site = site
    const file = join(site.folder, `${name}.conf`)
    writeFileSync(file, configuration)
    this.#child = spawn(found(name) ?? '', ARGUMENTS[name](file, site.folder), {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, HOME: site.folder, XDG_DATA_HOME: site.folder, XDG_CONFIG_HOME: site.folder },
    })
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#said = `${this.#said}${chunk.toString()}`.slice(-4_000)))
  }

  /** Once it listens. */
  static async start(name: FrontName, configuration: string, site: FrontSite): Promise<FrontProgram> {
    const program = new FrontProgram(name, configuration, site)
    await program.#listening()
    return program
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }

  async #listening(): Promise<void> {
    for (;;) {
      if (this.#child.exitCode !== null) throw new Error(`${this.#name} ended: ${this.#said}`)
      const socket = connect(this.#site.port, '127.0.0.1')
      const isThere = await Promise.race([once(socket, 'connect'), once(socket, 'error')]).then(
        () => socket.readyState === 'open',
        () => false,
      )
      socket.destroy()
      if (isThere) return
      await pause(20)
    }
  }
}
