import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ClientFrame } from '../../relay/protocol/frames.ts'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { CommandId, SessionId } from '../../relay/protocol/ids.ts'
import type { Member } from '../../relay/protocol/presence.ts'
import { presenceChannel } from '../../relay/protocol/room-names.ts'
import { createDevice, WireClient, type TestDevice } from '../../test/support/wire-client.ts'
import { loadConfig } from '../config.ts'
import { startServer, type RunningServer } from '../main.ts'

const CHAT = 'chat/line-3' as ChannelName
const LINE = presenceChannel('line-3')
const PREFS = 'prefs/kim' as ChannelName

interface Seat {
  readonly client: WireClient
  readonly device: TestDevice
  readonly session: SessionId
  readonly token: string
  readonly generation: number
}

let folder = ''
let server: RunningServer
const clients: WireClient[] = []

async function start(): Promise<void> {
  const loaded = loadConfig({ flags: { data: folder, port: 0, demo: true, logLevel: 'silent' }, env: {} })
  if (!loaded.ok) throw new Error(loaded.message)
  server = await startServer(loaded.config, pino({ level: 'silent' }))
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-sign-out-'))
  await start()
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

function connect(): WireClient {
  const client = new WireClient(server.url)
  clients.push(client)
  return client
}

async function seat(operator = 'kim', pin = '1111'): Promise<Seat> {
  const device = await createDevice()
  const client = connect()
  const { deviceToken } = await client.greet(device)
  const response = await fetch(`${server.url}/api/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${deviceToken}`, 'andon-refresh': 'body' },
    body: JSON.stringify({ operator, pin }),
  })
  const { session, accessToken, generation } = (await response.json()) as Pick<Seat, 'session' | 'generation'> & {
    readonly accessToken: string
  }
  const token = accessToken
  client.send({ t: 'auth', token, generation })
  await client.next('authed')
  return { client, device, session, token, generation }
}

function command({ session }: Seat, seq: number, type: string, data: unknown): Extract<ClientFrame, { t: 'command' }> {
  return { t: 'command', lane: 'normal', seq, id: randomUUID() as CommandId, type, session, data }
}

function byKey(path: string, key = 'demo-key'): Promise<Response> {
  return fetch(`${server.url}${path}`, { method: 'POST', headers: { authorization: `Bearer ${key}` } })
}

describe('signing out everywhere', () => {
  it('[P9] [M10] names nobody any more, also where their terminal is asleep', async () => {
    const [here, there, lee] = [await seat(), await seat(), await seat('lee', '2222')]
    lee.client.send({ t: 'subscribe', channel: LINE, credit: 1 })
    const told = async (): Promise<Member> => {
      const { value } = await lee.client.next('live', ({ channel, key }) => channel === LINE && key === there.device.id)
      return value as Member
    }
    there.client.send({ t: 'track', channel: LINE, state: { state: 'screen-off' } })
    there.client.send({ t: 'bye', reason: 'suspending' })
    there.client.close()
    let member = await told()
    while (member.state !== 'asleep') member = await told()
    expect(member.operator).toBe('kim')
    here.client.send(command(here, 1, 'session.revoke', { operator: 'kim' }))
    await here.client.next('result')
    expect(await told()).toMatchObject({ operator: null, state: 'asleep', since: member.since })
  })

  it('[A7] ends reading on all devices of the person at once, and of nobody else', async () => {
    const [here, there, lee] = [await seat(), await seat(), await seat('lee', '2222')]
    for (const { client } of [there, lee]) client.send({ t: 'subscribe', channel: CHAT, credit: 4 })
    await there.client.next('snapshot')
    await lee.client.next('snapshot')
    here.client.send(command(here, 1, 'session.revoke', { operator: 'kim' }))
    for (const { client } of [here, there]) {
      expect(await client.next('deauthed')).toMatchObject({ code: 'session-revoked' })
    }
    expect(await there.client.next('unsubscribed')).toMatchObject({ channel: CHAT, code: 'sign-in-needed' })
    lee.client.send(command(lee, 1, 'chat.post', { line: 'line-3', text: 'Still here' }))
    expect(await lee.client.next('event')).toMatchObject({ channel: CHAT, data: { text: 'Still here' } })
  })

  it('[A6] [A7] is learnt by a device that was away from its welcome, also over a restart; its queue goes to review', async () => {
    const [here, away] = [await seat(), await seat()]
    away.client.close()
    here.client.send(command(here, 1, 'session.revoke', { operator: 'kim' }))
    await here.client.next('deauthed')
    for (const client of clients.splice(0)) client.close()
    await server.close()
    await start()

    const back = connect()
    expect(await back.greet(away.device, { session: away.session })).toMatchObject({ session: 'revoked' })
    back.send({ t: 'auth', token: away.token, generation: away.generation })
    expect(await back.next('deauthed')).toMatchObject({ code: 'session-revoked' })
    const queued = command(away, 1, 'chat.post', { line: 'line-3', text: 'Queued while away' })
    back.send(queued)
    expect(await back.next('result')).toMatchObject({ outcome: 'rejected', code: 'session-revoked' })

    const park = await seat('park', '3333')
    park.client.send({ t: 'subscribe', channel: 'rejections/line-3', credit: 4 })
    const { records } = await park.client.next('snapshot')
    expect(records).toMatchObject([{ record: { id: queued.id, by: 'kim', code: 'session-revoked' } }])
  })

  it('[A7] is an administrator’s to do for others, over the API, and leaves nothing to refresh', async () => {
    const kim = await seat()
    expect((await byKey('/api/operators/nobody/sign-out')).status).toBe(404)
    expect((await byKey('/api/operators/kim/sign-out', 'no-key')).status).toBe(401)
    const done = await byKey('/api/operators/kim/sign-out')
    expect([done.status, await done.json()]).toEqual([200, { operator: 'kim' }])
    expect(await kim.client.next('deauthed')).toMatchObject({ code: 'session-revoked' })
    // Signing in again is another session, and works.
    expect((await seat()).session).not.toBe(kim.session)
  })
})

describe('preferences', () => {
  it('reach the other devices of the person, and nobody else may read them', async () => {
    const [here, there, lee] = [await seat(), await seat(), await seat('lee', '2222')]
    there.client.send({ t: 'subscribe', channel: PREFS, credit: 4 })
    expect(await there.client.next('snapshot')).toMatchObject({ records: [] })
    here.client.send(command(here, 1, 'prefs.set', { theme: 'dark' }))
    expect(await there.client.next('event')).toMatchObject({
      channel: PREFS,
      type: 'theme.changed',
      by: 'kim',
      data: { key: 'theme', record: 'dark' },
    })
    lee.client.send({ t: 'subscribe', channel: PREFS, credit: 4 })
    expect(await lee.client.next('unsubscribed')).toMatchObject({ channel: PREFS, code: 'forbidden' })
  })
})
