import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { metric, raiseAll, readAll } from '../../test/support/alert-flood.ts'
import { createDevice, WireClient } from '../../test/support/wire-client.ts'
import { loadConfig } from '../config.ts'
import { startServer, type RunningServer } from '../main.ts'

const URGENT = 'alerts/urgent' as ChannelName
const SLOW_READERS = 10
/** Enough that the kernel's buffers on loopback are full long before the end. */
const ALERTS = 6_000

let folder = ''
let server: RunningServer
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-pressure-'))
  const loaded = loadConfig({
    flags: { data: folder, port: 0, demo: true, logLevel: 'silent', heartbeatMs: 30_000 },
    env: {},
  })
  if (!loaded.ok) throw new Error(loaded.message)
  server = await startServer(loaded.config, pino({ level: 'silent' }))
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

async function reader(): Promise<WireClient> {
  const client = new WireClient(server.url)
  await client.greet(await createDevice())
  client.send({ t: 'subscribe', channel: URGENT, credit: 4 })
  await client.next('snapshot')
  return client
}

it(
  '[V2] [P8] readers that stop reading cost their soft limit and nobody else anything; they miss nothing',
  { timeout: 120_000 },
  async () => {
    const slow = await Promise.all(Array.from({ length: SLOW_READERS }, reader))
    for (const client of slow) client.pause()
    const healthy = await reader()
    const all = readAll(healthy, URGENT, ALERTS)
    await raiseAll(server.url, 'P1', ALERTS)
    const expected = Array.from({ length: ALERTS }, (_, index) => index + 1)
    expect(await all).toEqual(expected)

    const waiting = await metric(server.url, 'andon_waiting_bytes')
    expect(waiting).toBeGreaterThan(0)
    // The limit, and what one turn or one page may add on top of it.
    expect(waiting).toBeLessThan(SLOW_READERS * (LIMITS.softBufferBytes + 4 * LIMITS.maxPageBytes))

    const [first] = slow
    if (first === undefined) throw new Error('no reader')
    const late = readAll(first, URGENT, ALERTS)
    first.resume()
    expect(await late).toEqual(expected)
    for (const client of [...slow, healthy]) client.close()
  },
)
