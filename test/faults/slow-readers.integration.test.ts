import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
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

/** Raises many alerts as one device does, pipelined; resolves when all are committed. */
async function raiseAll(): Promise<void> {
  const client = new WireClient(url)
  await client.greet(await createDevice())
  const data = { priority: 'P2', area: 'line-3', title: 'Filling up', body: 'x'.repeat(LIMITS.maxBody) }
  const send = (seq: number): void =>
    client.send({ t: 'command', lane: 'urgent', seq, id: uuidv7() as CommandId, type: 'alert.raise', data })
  for (let seq = 1; seq <= LIMITS.maxInFlight; seq += 1) send(seq)
  for (let answered = 0; answered < ALERTS;) {
    const frame = await client.nextOf(['result', 'retry-later', 'expect'])
    if (frame.t !== 'result') throw new Error(`the server did not keep up: ${frame.t}`)
    answered += 1
    const next = frame.seq + LIMITS.maxInFlight
    if (next <= ALERTS) send(next)
  }
  client.close()
}

/** Reads that many events of the area to the end, by page or live, giving credit as a relay does. */
async function readAll(client: WireClient): Promise<readonly number[]> {
  const offsets: number[] = []
  while (offsets.length < ALERTS) {
    const frame = await client.nextOf(['page', 'event'], ({ channel }) => channel === AREA)
    if (frame.t === 'event') offsets.push(frame.offset)
    else {
      offsets.push(...frame.events.map(({ offset }) => offset))
      client.send({ t: 'credit', channel: AREA, pages: 1 })
    }
  }
  return offsets
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1])
}

it(
  '[V2] [P3] [P8] a hundred readers that stop reading cost a hundred times the soft limit and not more; a healthy one and a P0 notice nothing',
  { timeout: 180_000 },
  async () => {
    const slow: WireClient[] = []
    for (let count = 0; count < SLOW_READERS; count += 1) slow.push(await reader())
    for (const client of slow) client.pause()
    const healthy = await reader()
    const all = readAll(healthy)
    await raiseAll()
    const expected = Array.from({ length: ALERTS }, (_, index) => index + 1)
    expect(await all).toEqual(expected)

    const waiting = await metric('andon_waiting_bytes')
    expect(waiting, 'they are really stuck').toBeGreaterThan((SLOW_READERS * LIMITS.softBufferBytes) / 2)
    // The limit of each, and the one page or batch that may cross it.
    expect(waiting).toBeLessThanOrEqual(SLOW_READERS * (LIMITS.softBufferBytes + LIMITS.maxFrameBytes))
    expect(await metric('andon_connections'), 'nobody is disconnected for being slow').toBe(SLOW_READERS + 1)

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
    const late = readAll(first)
    first.resume()
    expect(await first.next('event', ({ channel }) => channel === URGENT)).toMatchObject({ channel: URGENT })
    expect(await late).toEqual(expected)
    for (const client of [...slow, healthy]) client.close()
  },
)
