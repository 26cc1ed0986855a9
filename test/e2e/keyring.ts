import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdirSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** Of `nobody`, which a test runtime drops to when root starts it. */
const NOBODY = 65534

/** A bus with an unlocked keyring on it; says where, once the keyring answers, and goes on until it is killed. */
const SCRIPT = `
printf pin | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 &
until dbus-send --session --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
  string:org.freedesktop.secrets | grep -q true; do sleep 0.1; done
echo "$DBUS_SESSION_BUS_ADDRESS"
wait`

/** Why there can be none here; null where there can. */
export function whyNoKeyring(): string | null {
  const isThere = (program: string): boolean =>
    spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined
  const missing = ['gnome-keyring-daemon', 'dbus-run-session', 'dbus-send'].find((program) => !isThere(program))
  return missing === undefined ? null : `${missing} is not installed`
}

/** The keyring service of a desktop, on a session bus of its own, for the account that a kiosk runs under. */
export class Keyring {
  /** For the kiosk: where it finds the bus. */
  readonly env: Readonly<Record<string, string>>
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, address: string) {
    this.#child = child
    this.env = { DBUS_SESSION_BUS_ADDRESS: address }
  }

  static async start(folder: string): Promise<Keyring> {
    mkdirSync(folder)
    chmodSync(folder, 0o777)
    const isRoot = process.getuid?.() === 0
    const child = spawn('dbus-run-session', ['--', 'sh', '-c', SCRIPT], {
      env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_RUNTIME_DIR: folder },
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
      ...(isRoot && { uid: NOBODY, gid: NOBODY }),
    })
    const address = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', resolve)
      child.once('error', reject)
      child.once('close', (code) => reject(new Error(`the keyring ended with ${code}`)))
    })
    return new Keyring(child, address)
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve))
    // Its own process group: bus, keyring and shell.
    if (this.#child.pid !== undefined) process.kill(-this.#child.pid, 'SIGTERM')
    await gone
  }
}
