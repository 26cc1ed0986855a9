/** What the integration tests of the commands stand on: real processes in a folder of their own. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect } from 'vitest'

const CLI = fileURLToPath(new URL('../cli.ts', import.meta.url))

let folder = ''
const running = new Set<ChildProcess>()

/** A fresh folder for each test; whatever still runs afterwards is killed. Call once per test file. */
export function useFolder(): () => string {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'andon-cli-'))
  })
  afterEach(async () => {
    await Promise.all([...running].map(async (child) => child.kill('SIGKILL') && once(child, 'exit')))
    await rm(folder, { recursive: true, force: true })
  })
  return () => folder
}

/**
 * What a process of ours is given of this one's environment: none of its settings, and where compiled modules are kept, without
 * which each start compiles a thousand of them, half of what it costs.
 */
export function plainEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] }
}

function start(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [CLI, ...args], { cwd: folder, env: { ...plainEnvironment(), ...env } })
  return track(child)
}

/** Kills it after the test, if it still runs then. */
export function track<Child extends ChildProcess>(child: Child): Child {
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/** Runs a command to its end. */
export async function run(
  args: readonly string[],
  { env = {}, stdin = '' }: { env?: Record<string, string>; stdin?: string } = {},
) {
  const child = start(args, env)
  child.stdin.end(stdin)
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { code: code as number | null, out, err }
}

/** A demonstration server on a free port. */
export async function serveDemo(...args: string[]) {
  return serve('--demo', ...args)
}

/** A server on a free port; resolves with the one line it prints to a pipe. */
export async function serve(...args: string[]) {
  const child = start([
    'server',
    '--port',
    '0',
    ...(args.includes('--log-level') ? [] : ['--log-level', 'silent']),
    ...args,
  ])
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const { event, url } = JSON.parse(line) as { event: string; url: string }
  expect(event).toBe('listening')
  return { child, url }
}
