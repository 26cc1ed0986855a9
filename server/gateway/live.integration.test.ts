import { expect, it } from 'vitest'
import { useGateway } from '../../test/support/gateway-floor.ts'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { MachineRecord } from '../../relay/protocol/telemetry.ts'

const HOST = 'telemetry/line-3/host-1' as ChannelName
const OVEN = 'telemetry/line-3/oven-1' as ChannelName
const MEASURED = ['cpu', 'disk', 'loop-delay', 'memory']

const { url, greeted } = useGateway()

async function post(value: number): Promise<number> {
  const response = await fetch(`${url()}/api/telemetry`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer demo-key' },
    body: JSON.stringify({ area: 'line-3', machine: 'oven-1', signal: 'heat', value, unit: '°C' }),
  })
  return response.status
}

it('measures the machine it runs on once a second, and tells a device that shows it without anybody signed in', async () => {
  const { client } = await greeted()
  client.send({ t: 'subscribe', channel: HOST, credit: 1 })
  expect(await client.next('subscribed')).toMatchObject({ channel: HOST, offset: 0, id: null, top: 0 })
  const seen = new Map<string, number>()
  while (seen.size < MEASURED.length) {
    const { key, value } = await client.next('live', (frame) => frame.channel === HOST)
    seen.set(key, (value as { readonly value: number }).value)
  }
  expect([...seen.keys()].toSorted()).toEqual(MEASURED)
  for (const key of ['cpu', 'disk', 'memory']) expect(seen.get(key)).toBeLessThanOrEqual(100)
  expect([...seen.values()].every((value) => Number.isFinite(value) && value >= 0)).toBe(true)
})

it('shows which machines are simulated, also to who subscribes when nothing is live', async () => {
  const { client } = await greeted()
  client.send({ t: 'subscribe', channel: 'equipment/line-3', credit: 1 })
  const { records = [] } = await client.next('snapshot')
  const machines = records.map(({ key, record }) => [key, (record as MachineRecord).simulated])
  expect(machines).toEqual(
    expect.arrayContaining([
      ['line-3/host-1', false],
      ['line-3/press-1', true],
      ['line-3/press-2', true],
    ]),
  )
})

it('[M1] a late subscriber gets the value of the moment with its age, an early one what changes', async () => {
  expect(await post(1)).toBe(202)
  const { client } = await greeted()
  client.send({
    t: 'subscribe',
    channel: OVEN,
    credit: 1,
    cursor: { epoch: '0123456789abcdef', offset: 7, id: null } as never,
  })
  await client.next('subscribed')
  const first = await client.next('live')
  expect(first).toMatchObject({ channel: OVEN, key: 'heat', value: { value: 1, unit: '°C' } })
  expect(first.ttlMs).toBeGreaterThan(0)
  expect(await post(2)).toBe(202)
  expect(await client.next('live')).toMatchObject({ value: { value: 2 } })
  client.send({ t: 'ping', nonce: 'not-named' })
  expect((await client.next('pong')).channels).not.toHaveProperty(OVEN)
})

it('[M1] [S8] refuses what cannot be read from the start, an area that is not, and a domain nobody serves yet', async () => {
  const { client } = await greeted()
  const ask = async (channel: string, from?: 'start') => {
    client.send({ t: 'subscribe', channel, credit: 1, ...(from !== undefined && { from }) })
    return (await client.next('unsubscribed')).code
  }
  expect(await ask(OVEN, 'start')).toBe('not-a-log')
  expect(await ask('telemetry/line-9/oven-1')).toBe('unknown-channel')
  expect(await ask('telemetry/line-3')).toBe('unknown-channel')
})

it('[M3] a reader that does not read is given the latest when it does, not everything in between', async () => {
  const { client } = await greeted()
  client.send({ t: 'subscribe', channel: OVEN, credit: 1 })
  await client.next('subscribed')
  for (let value = 10; value < 40; value += 1) await post(value)
  const last = await client.next('live', ({ value }) => (value as { value: number }).value === 39)
  expect(last.key).toBe('heat')
  client.send({ t: 'unsubscribe', channel: OVEN })
  await client.next('unsubscribed')
  await post(50)
  client.send({ t: 'ping', nonce: 'after-the-end' })
  await client.next('pong')
  expect(
    client.received.filter(
      (frame) => frame.t === 'live' && frame.channel === OVEN && (frame.value as { value: number }).value === 50,
    ),
  ).toEqual([])
})

it('[M3] a reader gets values at its own pace', async () => {
  const [wall, game] = [await greeted(), await greeted()]
  for (const [{ client }, maxHz] of [
    [wall, 1],
    [game, 60],
  ] as const) {
    client.send({ t: 'subscribe', channel: OVEN, credit: 1, maxHz })
    await client.next('subscribed')
  }
  for (let value = 100; value < 130; value += 1) {
    await post(value)
    await game.client.next('live', (frame) => (frame.value as { value: number }).value === value)
  }
  // The game had each of thirty; the wall has what a few rounds of one a second brought, and the last.
  let seen = 1
  while (((await wall.client.next('live')).value as { value: number }).value !== 129) seen += 1
  expect(seen).toBeLessThan(15)
})
