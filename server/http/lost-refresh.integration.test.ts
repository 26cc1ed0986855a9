import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDevice, WireClient, type TestDevice } from '../../test/support/wire-client.ts'
import { loadConfig } from '../config.ts'
import { startServer, type RunningServer } from '../main.ts'

interface Grant {
  readonly session: string
  readonly refreshToken: string
  readonly generation: number
}

let folder = ''
let server: RunningServer
let device: TestDevice
const clients: WireClient[] = []

async function start(): Promise<void> {
  const loaded = loadConfig({ flags: { data: folder, port: 0, demo: true, logLevel: 'silent' }, env: {} })
  if (!loaded.ok) throw new Error(loaded.message)
  server = await startServer(loaded.config, pino({ level: 'silent' }))
}
async function stop(): Promise<void> {
  for (const client of clients.splice(0)) client.close()
  await server.close()
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-refresh-'))
  device = await createDevice()
  await start()
})
afterEach(async () => {
  await stop()
  await rm(folder, { recursive: true, force: true })
})

/** The device token of a greeting of its own. */
async function greet(): Promise<string> {
  const client = new WireClient(server.url)
  clients.push(client)
  return (await client.greet(device)).deviceToken
}

async function ask(path: string, deviceToken: string, body: unknown): Promise<Grant> {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${deviceToken}`, 'andon-refresh': 'body' },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  expect(response.status, text).toBe(200)
  return JSON.parse(text) as Grant
}
const signIn = (deviceToken: string) => ask('/api/sessions', deviceToken, { operator: 'kim', pin: '1111' })
const refresh = (deviceToken: string, { session, refreshToken }: Grant) =>
  ask('/api/sessions/refresh', deviceToken, { session, refreshToken })

describe('a refresh of which the answer is lost [X3]', () => {
  it.each([3, 10])(
    '%i times in a row is answered with the same token each time, and the session goes on',
    async (times) => {
      const deviceToken = await greet()
      const first = await signIn(deviceToken)
      const lost = await refresh(deviceToken, first)
      for (let time = 1; time < times; time += 1) {
        const again = await refresh(deviceToken, first)
        expect(again).toMatchObject({ refreshToken: lost.refreshToken, generation: 2 })
      }
      expect(await refresh(deviceToken, lost)).toMatchObject({ generation: 3 })
    },
  )

  it.each([3, 10])('%i times, with a restart of the server after each, ends no session either', async (times) => {
    const first = await signIn(await greet())
    const answers: Grant[] = []
    for (let time = 0; time < times; time += 1) {
      answers.push(await refresh(await greet(), first))
      await stop()
      await start()
    }
    expect(new Set(answers.map(({ refreshToken }) => refreshToken)).size).toBe(1)
    const [lost = first] = answers
    expect(await refresh(await greet(), lost)).toMatchObject({ generation: 3 })
  })
})
