import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

/** `nobody`, which a test runtime drops to when root starts it: a bus talks to its own account alone. */
const NOBODY = { uid: 65534, gid: 65534 }

export interface SessionBusOptions {
  /** Made for the service: its home. */
  readonly folder: string
  /** The service, in words of a shell. What it prints is told to `onLine`. */
  readonly command: string
  /** The name on the bus by which it can be called. */
  readonly name: string
  readonly onLine?: (line: string) => void
}

/** What a test with these programs waits for in vain; null where all of them are installed. */
export function whyNotInstalled(programs: readonly string[]): string | null {
  const isThere = (program: string): boolean =>
    spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined
  const missing = ['dbus-run-session', 'dbus-send', ...programs].find((program) => !isThere(program))
  return missing === undefined ? null : `${missing} is not installed`
}

/** A session bus of its own with one service of a desktop on it, for the account that a kiosk runs under. */
export class SessionBus {
  /** For the kiosk: where it finds the bus. */
  readonly env: Readonly<Record<string, string>>
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, address: string) {
    this.#child = child
    this.env = { DBUS_SESSION_BUS_ADDRESS: address }
  }

  /** Ready once the service has its name; rejects when it ended before. */
  static async start({ folder, command, name, onLine }: SessionBusOptions): Promise<SessionBus> {
    mkdirSync(folder)
    if (isRoot()) chownSync(folder, NOBODY.uid, NOBODY.gid)
    const child = spawn('dbus-run-session', ['--', 'sh', '-c', scriptOf(command, name)], {
      env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_RUNTIME_DIR: folder, ...screenFor(folder) },
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
      ...account(),
    })
    const address = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line.startsWith(READY)) resolve(line.slice(READY.length))
        else onLine?.(line)
      })
      child.once('error', reject)
      child.once('close', (code) => reject(new Error(`the bus of ${name} ended with ${code}`)))
    })
    return new SessionBus(child, address)
  }

  /** What a program says that speaks to the service. */
  async ask(program: string, ...args: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(program, args, { env: { ...process.env, ...this.env }, ...account() })
    return stdout.trim()
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve))
    // Its own process group: bus, service and shell.
    if (this.#child.pid !== undefined) process.kill(-this.#child.pid, 'SIGTERM')
    await gone
  }
}

/** Before the address, so that nothing a service prints is taken for it. */
const READY = 'ready at '

/** Says where the bus is, once the service has its name, and goes on until it is killed. */
function scriptOf(command: string, name: string): string {
  return `
${command} &
until dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
  string:${name} | grep -q true; do kill -0 $! || exit; sleep 0.1; done
echo "${READY}$DBUS_SESSION_BUS_ADDRESS"
wait`
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

function account(): Partial<typeof NOBODY> {
  return isRoot() ? NOBODY : {}
}

/** The cookie of the screen, where `nobody` can read it: xvfb-run's is readable by root alone. */
function screenFor(folder: string): Readonly<Record<string, string>> {
  const cookie = process.env['XAUTHORITY']
  if (cookie === undefined || !isRoot()) return {}
  const copy = join(folder, 'xauthority')
  copyFileSync(cookie, copy)
  chmodSync(copy, 0o600)
  chownSync(copy, NOBODY.uid, NOBODY.gid)
  return { XAUTHORITY: copy }
}
