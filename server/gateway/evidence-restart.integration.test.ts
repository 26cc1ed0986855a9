import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import { createDevice, WireClient } from '../../test/support/wire-client.ts'
import { loadConfig } from '../config.ts'
import { startServer, type RunningServer } from '../main.ts'

const KEY = { authorization: 'Bearer demo-key', 'content-type': 'application/json' }

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-evidence-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it('[E4] [P4] has what a device was sent and received before the server was restarted', async () => {
  const device = await createDevice()
  const first = await start()
  const before = new WireClient(first.url)
  await before.greet(device)
  before.send({ t: 'subscribe', channel: URGENT_CHANNEL, credit: 4 })
  await before.next('snapshot', ({ last }) => last)
  const body = JSON.stringify({ priority: 'P0', area: 'line-3', title: 'Gas in hall 3' })
  const raised = await fetch(`${first.url}/api/alerts`, { method: 'POST', headers: KEY, body })
  const { id: alert } = (await raised.json()) as { id: string }
  const { epoch, offset, id } = await before.next('event', ({ cause }) => cause === alert)
  // It shows the alert, and the server ends before the heartbeat that would have said so.
  await first.close()

  const second = await start()
  const after = new WireClient(second.url)
  await after.greet(device)
  after.send({ t: 'subscribe', channel: URGENT_CHANNEL, cursor: { epoch, offset, id }, credit: 4 })
  await after.next('subscribed')
  after.send({ t: 'ping', nonce: 'after-the-restart', urgent: { epoch, offset } })
  await after.next('pong')
  const kinds = async () => {
    const answer = await fetch(`${second.url}/api/alerts/${alert}/evidence`, { headers: KEY })
    const { receipts } = (await answer.json()) as { receipts: { device: string; kind: string }[] }
    return receipts.filter((receipt) => receipt.device === device.id).map(({ kind }) => kind)
  }
  // Evidence is no answer: it may be written a moment later.
  await expect.poll(async () => (await kinds()).toSorted()).toEqual(['received', 'sent'])
  after.close()
  await second.close()
})

async function start(): Promise<RunningServer> {
  const loaded = loadConfig({ flags: { data: folder, port: 0, demo: true, logLevel: 'silent' }, env: {} })
  if (!loaded.ok) throw new Error(loaded.message)
  return await startServer(loaded.config, pino({ level: 'silent' }))
}
