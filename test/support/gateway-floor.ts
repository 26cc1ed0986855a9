/** One demonstration server in this process, and devices that speak the wire to it by hand. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import type { ClientFrame } from '../../relay/protocol/frames.ts'
import type { CommandId, SessionId } from '../../relay/protocol/ids.ts'
import { createDevice, WireClient, type TestDevice } from './wire-client.ts'
import { loadConfig } from '../../server/config.ts'
import { startServer, type RunningServer } from '../../server/main.ts'

/** Registers the hooks of a test file; the server runs from its first test to its last, connections for one test. */
export function useGateway() {
  let folder = ''
  let server: RunningServer
  const clients: WireClient[] = []
  let nextId = 1

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'andon-gateway-'))
    const loaded = loadConfig({ flags: { data: folder, port: 0, demo: true, logLevel: 'silent' }, env: {} })
    if (!loaded.ok) throw new Error(loaded.message)
    server = await startServer(loaded.config, pino({ level: 'silent' }))
  })
  afterEach(() => {
    for (const client of clients.splice(0)) client.close()
  })
  afterAll(async () => {
    await server.close()
    await rm(folder, { recursive: true, force: true })
  })

  const url = (): string => server.url

  function connect(headers: Readonly<Record<string, string>> = {}): WireClient {
    const client = new WireClient(url(), { headers })
    clients.push(client)
    return client
  }

  async function greeted(
    device?: TestDevice,
  ): Promise<{ client: WireClient; device: TestDevice; deviceToken: string }> {
    const own = device ?? (await createDevice())
    const client = connect()
    const { deviceToken } = await client.greet(own)
    return { client, device: own, deviceToken }
  }

  async function signIn(
    deviceToken: string,
    operator = 'kim',
    pin = '1111',
  ): Promise<{ session: SessionId; accessToken: string; generation: number }> {
    const response = await fetch(`${url()}/api/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${deviceToken}`, 'andon-refresh': 'body' },
      body: JSON.stringify({ operator, pin }),
    })
    expect(response.status).toBe(200)
    return (await response.json()) as { session: SessionId; accessToken: string; generation: number }
  }

  async function signedIn(): Promise<{
    client: WireClient
    device: TestDevice
    session: SessionId
    accessToken: string
    generation: number
  }> {
    const { client, device, deviceToken } = await greeted()
    const { session, accessToken, generation } = await signIn(deviceToken)
    client.send({ t: 'auth', token: accessToken, generation })
    expect(await client.next('authed')).toMatchObject({ operator: 'kim', areas: ['line-3'] })
    return { client, device, session, accessToken, generation }
  }

  function post(seq: number, session: SessionId, text = `message ${seq}`): Extract<ClientFrame, { t: 'command' }> {
    const id = `00000000-0000-7000-8000-${(nextId++).toString(16).padStart(12, '0')}` as CommandId
    return { t: 'command', lane: 'normal', seq, id, type: 'chat.post', session, data: { line: 'line-3', text } }
  }

  return { url, folder: (): string => folder, clients, connect, greeted, signIn, signedIn, post }
}
