import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
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

/** Raises alerts as one device does, pipelined, and resolves when all are committed. */
async function raiseAll(): Promise<void> {
  const client = new WireClient(server.url)
  await client.greet(await createDevice())
  const body = 'x'.repeat(LIMITS.maxBody)
  const send = (seq: number): void =>
    client.send({
      t: 'command',
      lane: 'urgent',
      seq,
      id: `00000000-0000-7000-8000-${seq.toString(16).padStart(12, '0')}` as CommandId,
      type: 'alert.raise',
      data: { priority: 'P1', area: 'line-3', title: String(seq), body },
    })
  for (let seq = 1; seq <= LIMITS.maxInFlight; seq += 1) send(seq)
  for (let seq = LIMITS.maxInFlight + 1; seq <= ALERTS + LIMITS.maxInFlight; seq += 1) {
    expect(await client.next('result')).toMatchObject({ outcome: 'applied' })
    if (seq <= ALERTS) send(seq)
  }
  client.close()
}

/** Reads to the end, by page or live, giving credit as a relay does. */
async function readAll(client: WireClient): Promise<number[]> {
  const offsets: number[] = []
  while (offsets.length < ALERTS) {
    const frame = await client.nextOf(['page', 'event'])
    if (frame.t === 'event') offsets.push(frame.offset)
    else {
      offsets.push(...frame.events.map(({ offset }) => offset))
      client.send({ t: 'credit', channel: URGENT, pages: 1 })
    }
  }
  return offsets
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text()
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1])
}

it(
  '[V2] [P8] readers that stop reading cost their soft limit and nobody else anything; they miss nothing',
  { timeout: 120_000 },
  async () => {
    const slow = await Promise.all(Array.from({ length: SLOW_READERS }, reader))
    for (const client of slow) client.pause()
    const healthy = await reader()
    const all = readAll(healthy)
    await raiseAll()
    const expected = Array.from({ length: ALERTS }, (_, index) => index + 1)
    expect(await all).toEqual(expected)

    const waiting = await metric('andon_waiting_bytes')
    expect(waiting).toBeGreaterThan(0)
    // The limit, and what one turn or one page may add on top of it.
    expect(waiting).toBeLessThan(SLOW_READERS * (LIMITS.softBufferBytes + 4 * LIMITS.maxPageBytes))

    const [first] = slow
    if (first === undefined) throw new Error('no reader')
    const late = readAll(first)
    first.resume()
    expect(await late).toEqual(expected)
    for (const client of [...slow, healthy]) client.close()
  },
)
