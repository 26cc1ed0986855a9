import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { metric, raiseAll, readAll } from '../support/alert-flood.ts'
import { startServer, type Program } from '../support/processes.ts'
import { createDevice, WireClient } from '../support/wire-client.ts'

const AREA = 'alerts/line-3' as ChannelName
const URGENT = 'alerts/urgent' as ChannelName
const SLOW_READERS = 100
/** Enough that the kernel's buffers on loopback are full long before the end. */
const ALERTS = 4_000

let folder = ''
let server: Program
let url = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-slow-readers-'))
  const started = await startServer(folder, 0, { extra: ['--heartbeat-ms', '30000', '--log-level', 'error'] })
  server = started.program
  url = started.url
})
afterAll(async () => {
  await server.kill()
  await rm(folder, { recursive: true, force: true })
})

async function reader(): Promise<WireClient> {
  const client = new WireClient(url)
  await client.greet(await createDevice())
  for (const channel of [AREA, URGENT]) {
    client.send({ t: 'subscribe', channel, credit: 4 })
    await client.next('snapshot', (page) => page.channel === channel)
  }
  return client
}

it('[V2] [P3] [P8] a hundred readers that stop reading cost a hundred times the soft limit and not more; a healthy one and a P0 notice nothing', async () => {
  const slow: WireClient[] = []
  for (let count = 0; count < SLOW_READERS; count += 1) slow.push(await reader())
  for (const client of slow) client.pause()
  const healthy = await reader()
  const all = readAll(healthy, AREA, ALERTS)
  await raiseAll(url, 'P2', ALERTS)
  const expected = Array.from({ length: ALERTS }, (_, index) => index + 1)
  expect(await all).toEqual(expected)

  const waiting = await metric(url, 'andon_waiting_bytes')
  expect(waiting, 'they are really stuck').toBeGreaterThan((SLOW_READERS * LIMITS.softBufferBytes) / 2)
  // The limit of each, and the one page or batch that may cross it.
  expect(waiting).toBeLessThanOrEqual(SLOW_READERS * (LIMITS.softBufferBytes + LIMITS.maxFrameBytes))
  expect(await metric(url, 'andon_connections'), 'nobody is disconnected for being slow').toBe(SLOW_READERS + 1)

  const response = await fetch(`${url}/api/alerts`, {
    method: 'POST',
    headers: { authorization: 'Bearer demo-key', 'content-type': 'application/json' },
    body: JSON.stringify({ priority: 'P0', area: 'line-3', title: 'Fire' }),
  })
  expect(response.status).toBe(201)
  expect(await healthy.next('event', ({ channel }) => channel === URGENT)).toMatchObject({
    data: { record: { priority: 'P0', title: 'Fire' } },
  })

  // One that reads again has missed nothing, and has the P0 before the end of its backlog.
  const [first] = slow
  if (first === undefined) throw new Error('no reader')
  const late = readAll(first, AREA, ALERTS)
  first.resume()
  expect(await first.next('event', ({ channel }) => channel === URGENT)).toMatchObject({ channel: URGENT })
  expect(await late).toEqual(expected)
  for (const client of [...slow, healthy]) client.close()
})
