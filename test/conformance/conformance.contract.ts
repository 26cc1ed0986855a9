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

interface Running {
  readonly server: Program
  readonly folder: string
  readonly target: Target
}

/** What a server of the suite is started with beside its own, and what ends with it. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string>>
  stop(): Promise<void>
}

async function start(way: Way, env: Surroundings['env']): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'andon-conformance-'))
  const extra = ['--heartbeat-ms', String(HEARTBEAT_MS), '--access-token-ms', String(ACCESS_TOKEN_MS)]
  // Frames are the same, deflated or not.
  extra.push('--compress', '--log-level', 'warn')
  const { program: server, url } = await startServer(folder, 0, { extra, env })
  const target: Target = {
    url,
    way,
    key: 'demo-key',
    user: { name: 'kim', pin: '1111' },
    supervisor: { name: 'park', pin: '3333' },
    stranger: 'lee',
    area: 'line-3',
    otherArea: 'line-1',
    // Nothing outside the store can revoke a device yet.
    revoke: null,
    async drain() {
      const code = await server.stop()
      if (code !== 0) throw new Error(`SIGTERM ended the server with ${code}: ${server.stderr}`)
    },
    timeoutMs: 60_000,
  }
  return { server, folder, target }
}

/** Every case that can be seen over this way, against a server of its own. */
export function conformanceContract(way: Way, surround?: () => Promise<Surroundings>): void {
  contract(
    way,
    CASES.filter(({ ways }) => ways?.includes(way) ?? true),
    surround,
  )
}

/** The cases that cannot be seen over a WebSocket, over this way. */
export function ownCases(way: Way): void {
  contract(
    way,
    CASES.filter(({ ways }) => ways?.includes(way) === true && !ways.includes('ws')),
  )
}

function contract(way: Way, cases: typeof CASES, surround?: () => Promise<Surroundings>): void {
  let running: Running
  let surroundings: Surroundings | undefined
  beforeAll(async () => {
    surroundings = await surround?.()
    running = await start(way, surroundings?.env ?? {})
  }, 60_000)
  afterAll(async () => {
    await running.server.kill()
    await surroundings?.stop()
    await rm(running.folder, { recursive: true, force: true })
  })

  // Cases that wait run side by side, the others one after the other.
  describe.concurrent('cases that wait for the server', () =>
    define(cases.filter(({ waitsMs }) => waitsMs !== undefined)))
  describe('cases', () => define(cases.filter(({ waitsMs, isLast }) => waitsMs === undefined && isLast !== true)))
  describe('the last cases', () => define(cases.filter(({ isLast }) => isLast === true)))

  function define(some: typeof CASES): void {
    for (const each of some) {
      it(`${each.rules.map((rule) => `[${rule}]`).join(' ')} ${each.says}`, { timeout: 60_000 }, async (context) => {
        const outcome = await runCase(each, running.target)
        if (outcome.kind === 'unseen') context.skip(outcome.why)
        if (outcome.kind === 'failed') throw new Error(`expected ${outcome.expected}; came ${outcome.came}`)
      })
    }
  }
}
