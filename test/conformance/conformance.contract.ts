import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { startServer, type Program } from '../support/processes.ts'
import type { Way } from '../../relay/protocol/ways.ts'
import { CASES } from './cases.ts'
import { runCase } from './run.ts'
import type { Target } from './target.ts'

/** Short, so that the cases that wait for the server's patience do not make the suite wait as long. */
const HEARTBEAT_MS = 1_000
/** Longer than any other case lasts on a busy machine. */
const ACCESS_TOKEN_MS = 9_000

/** What the cases are run against. */
export interface Served {
  readonly url: string
  /** Several servers, and each connection comes to any of them. */
  readonly hasNodes?: boolean
  /** Ends it in a planned way. @throws {Error} where it did not end well */
  drain(): Promise<void>
  stop(): Promise<void>
}

/** Starts what is under test with these settings; everything of it is gone after `stop`. */
export type Serve = (settings: readonly string[]) => Promise<Served>

/** Frames are the same, deflated or not. */
const SETTINGS =
  `--heartbeat-ms ${HEARTBEAT_MS} --access-token-ms ${ACCESS_TOKEN_MS} --compress --log-level warn`.split(' ')

/** One server with its store in a file, or wherever `env` says. */
export async function serveOne(extra: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), 'andon-conformance-'))
  const { program, url } = await startServer(folder, 0, { extra, env })
  return {
    url,
    drain: () => ended(program),
    async stop() {
      await program.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export async function ended(server: Program): Promise<void> {
  const code = await server.stop()
  if (code !== 0) throw new Error(`SIGTERM ended the server with ${code}: ${server.stderr}`)
}

function targetOf(served: Served, way: Way): Target {
  return {
    url: served.url,
    way,
    key: 'demo-key',
    user: { name: 'kim', pin: '1111' },
    supervisor: { name: 'park', pin: '3333' },
    stranger: 'lee',
    area: 'line-3',
    otherArea: 'line-1',
    // Nothing outside the store can revoke a device yet.
    revoke: null,
    hasNodes: served.hasNodes ?? false,
    drain: () => served.drain(),
    timeoutMs: 60_000,
  }
}

/** Every case that can be seen over this way, against a server of its own. */
export function conformanceContract(way: Way, serve: Serve = serveOne): void {
  contract(
    way,
    CASES.filter(({ ways }) => ways?.includes(way) ?? true),
    serve,
  )
}

/** The cases that cannot be seen over a WebSocket, over this way. */
export function ownCases(way: Way): void {
  contract(
    way,
    CASES.filter(({ ways }) => ways?.includes(way) === true && !ways.includes('ws')),
    serveOne,
  )
}

function contract(way: Way, cases: typeof CASES, serve: Serve): void {
  let served: Served
  let target: Target
  beforeAll(async () => {
    served = await serve(SETTINGS)
    target = targetOf(served, way)
  }, 120_000)
  afterAll(() => served.stop())

  // Cases that wait run side by side, the others one after the other.
  describe.concurrent('cases that wait for the server', () =>
    define(cases.filter(({ waitsMs }) => waitsMs !== undefined)))
  describe('cases', () => define(cases.filter(({ waitsMs, isLast }) => waitsMs === undefined && isLast !== true)))
  describe('the last cases', () => define(cases.filter(({ isLast }) => isLast === true)))

  function define(some: typeof CASES): void {
    for (const each of some) {
      it(`${each.rules.map((rule) => `[${rule}]`).join(' ')} ${each.says}`, { timeout: 60_000 }, async (context) => {
        const outcome = await runCase(each, target)
        if (outcome.kind === 'unseen') context.skip(outcome.why)
        if (outcome.kind === 'failed') throw new Error(`expected ${outcome.expected}; came ${outcome.came}`)
      })
    }
  }
}
