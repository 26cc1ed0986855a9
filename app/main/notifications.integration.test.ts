import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { DaemonState } from './notifications-probe.ts'

const PROBE = new URL('notifications-probe.ts', import.meta.url).href

/**
 * Asks a real bus in a process of its own, up to `times` times, and prints what came out last; `turns`: how often that
 * process could do something else meanwhile.
 */
const ASK = `
  import { existsSync } from 'node:fs'
  const { daemonProbe, runChild } = await import(${JSON.stringify(PROBE)})
  let turns = 0
  const turning = setInterval(() => (turns += 1), 5)
  let state = null
  for (let asked = 0; asked < Number(process.argv[1]) && state?.kind !== 'answers'; asked++) {
    state = await daemonProbe(runChild, { env: process.env, exists: existsSync }, { monotonic: () => performance.now() })()
  }
  clearInterval(turning)
  console.log(JSON.stringify({ state, turns }))
`

const hasBus = isHere('dbus-run-session') && isHere('dbus-daemon')
const hasDaemon = hasBus && isHere('dunst') && isHere('xvfb-run')
if (!hasBus) process.stderr.write('not run: the probe on a real bus (needs dbus-run-session)\n')
if (!hasDaemon)
  process.stderr.write('not run: the probe with a real daemon (needs dbus-run-session, dunst, xvfb-run)\n')

async function ask(
  times: number,
  ...under: readonly string[]
): Promise<{ readonly state: DaemonState; readonly turns: number }> {
  const [command, ...args] = [...under, process.execPath, '--input-type=module', '-e', ASK, String(times)]
  const { stdout } = await promisify(execFile)(command ?? process.execPath, args, {
    env: withoutBus(),
    timeout: 15_000,
  })
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { readonly state: DaemonState; readonly turns: number }
}

/** A bus of whoever runs the tests must not answer. */
function withoutBus(): NodeJS.ProcessEnv {
  const { DBUS_SESSION_BUS_ADDRESS: _bus, XDG_RUNTIME_DIR: _runtime, ...env } = process.env
  return env
}

function isHere(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

test('without a session bus there is no daemon', async () => {
  expect((await ask(1)).state).toMatchObject({ kind: 'silent', why: 'no-bus' })
})

describe.skipIf(!hasBus)('on a bus', () => {
  test('a bus on which nobody shows notifications says so in time, and the asking process goes on meanwhile', async () => {
    // Where the machine has a daemon, the bus tries to start it, and without a display that ends at once.
    const { state, turns } = await ask(1, 'dbus-run-session', '--')
    expect(state).toMatchObject({ kind: 'silent', why: 'no-answer' })
    expect(turns).toBeGreaterThan(0)
  })
})

describe.skipIf(!hasDaemon)('with a daemon', () => {
  test('it is started by the question, and answers by its name', async () => {
    // The bus starts it by its service file, with the display that the bus was given; the first questions come too early.
    const { state } = await ask(20, 'xvfb-run', '-a', 'dbus-run-session', '--')
    expect(state).toEqual({ kind: 'answers', name: 'dunst' })
  })
})
