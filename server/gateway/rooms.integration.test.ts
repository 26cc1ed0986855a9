import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { useGateway } from '../../test/support/gateway-floor.ts'
import type { WireClient } from '../../test/support/wire-client.ts'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { presenceChannel, ROSTER_KEY, SITE_ROOM } from '../../relay/protocol/room-names.ts'
import type { Headcount, Member } from '../../relay/protocol/presence.ts'

const LINE = presenceChannel('line-3')
const ORDER = presenceChannel('line-3', 'order-1')
const TYPING = 'typing/line-3' as ChannelName
const ROOM = 'room/line-3/press' as ChannelName
const OVEN = 'room/line-3/oven' as ChannelName

const { folder, connect, greeted, signedIn } = useGateway()

function read(client: WireClient, channel: ChannelName): Promise<unknown> {
  client.send({ t: 'subscribe', channel, credit: 1 })
  return client.next('subscribed', (frame) => frame.channel === channel)
}

async function member(client: WireClient, channel: ChannelName, id: string): Promise<Member | null> {
  const { value } = await client.next('live', (frame) => frame.channel === channel && frame.key === id)
  return value as Member | null
}

it('[M9] [M10] members are told who comes, changes and goes; a bye at once, a lost connection not yet', async () => {
  const kim = await signedIn()
  const other = await signedIn()
  await read(kim.client, LINE)
  other.client.send({ t: 'track', channel: LINE, state: { state: 'here', looks: 'Work orders' } })
  const came = await member(kim.client, LINE, other.device.id)
  expect(came).toMatchObject({ operator: 'kim', state: 'here', looks: 'Work orders' })
  other.client.send({ t: 'track', channel: LINE, state: { state: 'screen-off' } })
  expect(await member(kim.client, LINE, other.device.id)).toMatchObject({ state: 'screen-off', since: came?.since })
  // Comes back on another connection, with nobody: since then, and the bye of the newer one is told.
  other.client.close()
  const again = await greeted(other.device)
  again.client.send({ t: 'track', channel: LINE, state: { state: 'screen-off' } })
  const back = await member(kim.client, LINE, other.device.id)
  expect([back?.operator, String(back?.since) > String(came?.since)]).toEqual([null, true])
  again.client.send({ t: 'bye', reason: 'stopping' })
  expect(await member(kim.client, LINE, other.device.id)).toMatchObject({ operator: null, state: 'gone' })
})

it('[M9] [N14] a move to another link is told to nobody, and member, signals and readers go on by the new one', async () => {
  const [kim, other] = [await signedIn(), await signedIn()]
  for (const channel of [LINE, OVEN]) await read(kim.client, channel)
  await read(other.client, OVEN)
  other.client.send({ t: 'track', channel: LINE, state: { state: 'here' } })
  const came = await member(kim.client, LINE, other.device.id)
  const next = connect()
  const { trial = '' } = await next.greet(other.device, { trial: true, life: 'life-of-the-relay', attempt: 1 })
  other.client.send({ t: 'take', link: trial })
  await other.client.next('taken')
  expect((await other.client.closed()).code).toBe(1000)
  next.send({ t: 'signal', channel: OVEN, key: 'cursor', data: 1 })
  expect(await kim.client.next('live', ({ channel }) => channel === OVEN)).toMatchObject({ value: { data: 1 } })
  expect(await next.next('live', ({ channel }) => channel === OVEN)).toMatchObject({ value: { data: 1 } })
  // The next that is told of it is what it says on the new link.
  next.send({ t: 'track', channel: LINE, state: { state: 'screen-off' } })
  expect(await member(kim.client, LINE, other.device.id)).toEqual({ ...came, state: 'screen-off' })
  next.send({ t: 'bye', reason: 'suspending' })
  expect(await member(kim.client, LINE, other.device.id)).toMatchObject({ operator: 'kim', state: 'asleep' })
})

it('[M9] signing out is told at once, and ends what only the person might', async () => {
  const kim = await signedIn()
  const other = await signedIn()
  for (const channel of [LINE, ORDER]) {
    await read(kim.client, channel)
    other.client.send({ t: 'track', channel, state: { state: 'here' } })
    expect(await member(kim.client, channel, other.device.id)).toMatchObject({ operator: 'kim' })
  }
  other.client.send({ t: 'deauth' })
  expect(await member(kim.client, LINE, other.device.id)).toMatchObject({ operator: null })
  expect(await member(kim.client, ORDER, other.device.id)).toBeNull()
})

it('[M11] a device alone may be there and count, and not read who is', async () => {
  const { client } = await greeted()
  client.send({ t: 'subscribe', channel: LINE, credit: 1 })
  expect((await client.next('unsubscribed')).code).toBe('sign-in-needed')
  await read(client, 'headcount/line-3' as ChannelName)
  const before = (await client.next('live', ({ key }) => key === ROSTER_KEY)).value as Headcount
  client.send({ t: 'track', channel: LINE, state: { state: 'here' } })
  const { value } = await client.next('live', (frame) => (frame.value as Headcount).devices.here > before.devices.here)
  expect(Object.keys(value as Headcount).toSorted()).toEqual(['confirmed', 'devices', 'people'])
})

it('[M9] [M11] a board of all lines is told to the people of each line, and to no device alone', async () => {
  const wall = await greeted()
  wall.client.send({ t: 'track', channel: SITE_ROOM, state: { state: 'here' } })
  wall.client.send({ t: 'subscribe', channel: SITE_ROOM, credit: 1 })
  expect((await wall.client.next('unsubscribed')).code).toBe('sign-in-needed')
  const kim = await signedIn()
  await read(kim.client, SITE_ROOM)
  expect(await member(kim.client, SITE_ROOM, wall.device.id)).toMatchObject({ operator: null, state: 'here' })
  wall.client.send({ t: 'bye', reason: 'stopping' })
  expect(await member(kim.client, SITE_ROOM, wall.device.id)).toMatchObject({ state: 'gone' })
  for (const channel of ['chat/-', 'presence/-/order-1', 'alerts/-'] as ChannelName[]) {
    kim.client.send({ t: 'subscribe', channel, credit: 1 })
    expect((await kim.client.next('unsubscribed', (frame) => frame.channel === channel)).code).toBe('unknown-channel')
  }
})

it('[M8] typing and what is said in a room reach who reads it, and end by themselves or at a word', async () => {
  const [kim, other] = [await signedIn(), await signedIn()]
  for (const channel of [TYPING, ROOM]) await read(kim.client, channel)
  other.client.send({ t: 'signal', channel: TYPING, data: {} })
  expect(await kim.client.next('live')).toMatchObject({
    channel: TYPING,
    key: other.device.id,
    value: { operator: 'kim' },
  })
  other.client.send({ t: 'signal', channel: ROOM, key: 'cursor', data: { x: 1 } })
  expect(await kim.client.next('live')).toMatchObject({
    key: `${other.device.id}.cursor`,
    value: { operator: 'kim', data: { x: 1 } },
  })
  other.client.send({ t: 'signal', channel: ROOM, key: 'cursor', data: null })
  expect(await kim.client.next('live')).toMatchObject({ key: `${other.device.id}.cursor`, value: null })
})

it('[M8] [M9] bad input is refused with a code, and harms nobody', async () => {
  const { client } = await signedIn()
  const refused = async (): Promise<unknown> => {
    const { code, about } = await client.next('error')
    return `${about} ${code}`
  }
  for (let room = 0; room <= LIMITS.maxRooms; room += 1)
    client.send({ t: 'track', channel: presenceChannel('line-3', `order-${room}`), state: { state: 'here' } })
  expect(await refused()).toBe('track too-many-rooms')
  client.send({ t: 'signal', channel: ROOM, data: 'x'.repeat(100_000) })
  expect(await refused()).toBe('signal signal-too-large')
  client.send({ t: 'signal', channel: LINE, data: 1 })
  expect(await refused()).toBe('signal not-a-room')
  for (let count = 0; count < 40; count += 1) client.send({ t: 'signal', channel: ROOM, data: count })
  expect(await refused()).toBe('signal rate-limited')
  client.send({ t: 'ping', nonce: 'still-here' })
  expect((await client.next('pong')).nonce).toBe('still-here')
})

it('[Y9] nothing that was said in a room is on the disk', async () => {
  const { client } = await signedIn()
  await read(client, ROOM)
  client.send({ t: 'signal', channel: ROOM, data: 'never-on-any-disk' })
  await client.next('live', ({ channel }) => channel === ROOM)
  client.send({ t: 'track', channel: LINE, state: { state: 'here', looks: 'never-on-any-disk' } })
  client.send({ t: 'ping', nonce: 'taken-by-now' })
  await client.next('pong', ({ nonce }) => nonce === 'taken-by-now')
  const files = await readdir(folder(), { recursive: true, withFileTypes: true })
  const found: string[] = []
  for (const file of files.filter((one) => one.isFile())) {
    const bytes = await readFile(join(file.parentPath, file.name))
    if (bytes.includes('never-on-any-disk')) found.push(file.name)
  }
  expect([files.length > 2, found]).toEqual([true, []])
})
