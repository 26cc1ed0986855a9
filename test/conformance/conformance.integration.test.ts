import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { startServer, type Program } from '../support/processes.ts'
import { CASES } from './cases.ts'
import { runCase } from './run.ts'
import type { Target } from './target.ts'

/** Short, so that the cases that wait for the server's patience do not make the suite wait as long. */
const HEARTBEAT_MS = 1_000
/** Longer than any other case lasts on a busy machine. */
const ACCESS_TOKEN_MS = 9_000

let folder = ''
let server: Program
let target: Target

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-conformance-'))
  const extra = ['--heartbeat-ms', String(HEARTBEAT_MS), '--access-token-ms', String(ACCESS_TOKEN_MS)]
  const started = await startServer(folder, 0, { extra: [...extra, '--log-level', 'warn'] })
  server = started.program
  target = {
    url: started.url,
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
    timeoutMs: 10_000,
  }
})
afterAll(async () => {
  await server.kill()
  await rm(folder, { recursive: true, force: true })
})

/** Cases that wait run side by side, the others one after the other. */
const waiting = CASES.filter(({ waitsMs }) => waitsMs !== undefined)
const inTurn = CASES.filter(({ waitsMs, isLast }) => waitsMs === undefined && isLast !== true)
const last = CASES.filter(({ isLast }) => isLast === true)

describe.concurrent('cases that wait for the server', () => define(waiting))
describe('cases', () => define(inTurn))
describe('the last cases', () => define(last))

function define(cases: typeof CASES): void {
  for (const each of cases) {
    it(`${each.rules.map((rule) => `[${rule}]`).join(' ')} ${each.says}`, { timeout: 60_000 }, async (context) => {
      const outcome = await runCase(each, target)
      if (outcome.kind === 'unseen') context.skip(outcome.why)
      if (outcome.kind === 'failed') throw new Error(`expected ${outcome.expected}; came ${outcome.came}`)
    })
  }
}
