import { execFile } from 'node:child_process'
import type { Clock } from '../../relay/ports.ts'

/**
 * Whether a notification daemon answers on this session's D-Bus. Electron's own calls to it are synchronous: without a
 * daemon they hold the main process for a minute and more (electron/electron#48753), and with it uplink and outbox. So
 * nothing of Electron's notifications may be touched on Linux unless this has just said `answers`.
 */
export type DaemonState =
  | { readonly kind: 'answers'; readonly name: string }
  /** `detail` is for the log. */
  | { readonly kind: 'silent'; readonly why: 'no-bus' | 'no-tool' | 'no-answer'; readonly detail: string }

export type DaemonProbe = () => Promise<DaemonState>

export const PROBE_LIMITS = {
  /** A daemon that lives answers in some milliseconds; longer than this, it would hold us as well. */
  patienceMs: 500,
  /** How long an answer holds: one look for the alerts of one moment, a new one for the next. */
  cacheMs: 2_000,
} as const

/** One run of a program. `missing`: it is not on this machine. Never rejects, never longer than the patience. */
export type Run = (command: string, args: readonly string[]) => Promise<RunEnd>
export type RunEnd =
  | { readonly kind: 'ended'; readonly ok: boolean; readonly said: string }
  | { readonly kind: 'missing' }

/** Where the session bus is looked for; libnotify looks at the same places, and would start a bus of its own at neither. */
export interface BusPlaces {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly exists: (path: string) => boolean
}

const NAME = 'org.freedesktop.Notifications'
const PATH = '/org/freedesktop/Notifications'

/**
 * Programs that ask the same, the usual one first. The question is GetServerInformation: its answer proves an owner of the
 * name, and asking lets the bus start a daemon it knows how to start.
 */
const QUESTIONS: readonly (readonly [command: string, ...args: string[]])[] = [
  ['busctl', '--user', 'call', NAME, PATH, NAME, 'GetServerInformation'],
  ['gdbus', 'call', '--session', '--dest', NAME, '--object-path', PATH, '--method', `${NAME}.GetServerInformation`],
  ['dbus-send', '--session', '--print-reply', `--dest=${NAME}`, PATH, `${NAME}.GetServerInformation`],
]

/** Asks in child processes, so nothing here ever waits. Calls at once share one question. */
export function daemonProbe(run: Run, places: BusPlaces, clock: Pick<Clock, 'monotonic'>): DaemonProbe {
  let held: { readonly at: number; readonly state: DaemonState } | null = null
  let asking: Promise<DaemonState> | null = null
  return () => {
    if (asking !== null) return asking
    if (held !== null && clock.monotonic() - held.at < PROBE_LIMITS.cacheMs) return Promise.resolve(held.state)
    asking = askDaemon(run, places).then((state) => {
      asking = null
      held = { at: clock.monotonic(), state }
      return state
    })
    return asking
  }
}

async function askDaemon(run: Run, { env, exists }: BusPlaces): Promise<DaemonState> {
  const runtime = env['XDG_RUNTIME_DIR']
  const hasBus = (env['DBUS_SESSION_BUS_ADDRESS'] ?? '') !== '' || (runtime !== undefined && exists(`${runtime}/bus`))
  if (!hasBus)
    return { kind: 'silent', why: 'no-bus', detail: 'neither DBUS_SESSION_BUS_ADDRESS nor a bus in XDG_RUNTIME_DIR' }
  for (const [command, ...args] of QUESTIONS) {
    const end = await run(command, args)
    if (end.kind === 'missing') continue
    // The first text in quotes is the daemon's name, in the answers of all three.
    const name = end.ok ? /["']([^"']+)["']/.exec(end.said)?.[1] : undefined
    return name === undefined
      ? { kind: 'silent', why: 'no-answer', detail: `${command}: ${end.said.trim().slice(0, 200)}` }
      : { kind: 'answers', name }
  }
  return {
    kind: 'silent',
    why: 'no-tool',
    detail: `none of ${QUESTIONS.map(([command]) => command).join(', ')} is here`,
  }
}

/** `run` by real child processes; one that is late is killed. */
export function runChild(command: string, args: readonly string[]): Promise<RunEnd> {
  return new Promise((resolve) => {
    const options = {
      timeout: PROBE_LIMITS.patienceMs,
      killSignal: 'SIGKILL',
      windowsHide: true,
      maxBuffer: 64 * 1024,
    } as const
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error !== null && error.code === 'ENOENT') resolve({ kind: 'missing' })
      else if (error === null) resolve({ kind: 'ended', ok: true, said: stdout })
      else
        resolve({
          kind: 'ended',
          ok: false,
          said: error.killed === true ? 'no answer in time' : stderr || error.message,
        })
    })
  })
}
