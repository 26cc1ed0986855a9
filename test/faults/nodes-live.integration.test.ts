import { afterEach, describe, expect, it } from 'vitest'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import { machineKey, telemetryChannel } from '../../relay/protocol/machine-names.ts'
import { presenceChannel, ROSTER_KEY } from '../../relay/protocol/room-names.ts'
import type { Member, RosterMark } from '../../relay/protocol/presence.ts'
import type { TelemetryValue } from '../../relay/protocol/telemetry.ts'
import { HAS_NODES, nodeFloor, type RunningNode } from '../support/node-floor.ts'
import { createDevice, WireClient, type TestDevice } from '../support/wire-client.ts'

const LINE = presenceChannel('line-3')
const ROOM = 'room/line-3/press-2' as ChannelName
const LATHE = telemetryChannel('line-3', 'lathe-9')
const HEARTBEAT_MS = 2_000

describe.skipIf(!HAS_NODES)('[U8] what is live on several nodes of one floor', () => {
  const floor = nodeFloor()
  const pings = new Map<WireClient, NodeJS.Timeout>()
  afterEach(() => {
    for (const ping of pings.values()) clearInterval(ping)
    pings.clear()
  })

  const node = (name: string) => floor.node(name, { extra: ['--heartbeat-ms', String(HEARTBEAT_MS)] })
  const twoNodes = async () => {
    const nodes = await Promise.all([node('one'), node('two')])
    for (const each of nodes) await expect.poll(() => metric(each, 'andon_nodes'), { timeout: 60_000 }).toBe(1)
    return nodes
  }

  async function metric({ url }: RunningNode, name: string): Promise<number> {
    const text = await (await fetch(`${url}/metrics`, { headers: { authorization: 'Bearer demo-key' } })).text()
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1])
  }

  async function signedIn({ url }: RunningNode, device: TestDevice, operator: 'kim' | 'lee'): Promise<WireClient> {
    const client = new WireClient(url, { timeoutMs: 60_000 })
    const { deviceToken } = await client.greet(device)
    pings.set(
      client,
      setInterval(() => client.send({ t: 'ping', nonce: 'still-here-' }), HEARTBEAT_MS / 4),
    )
    const answer = await fetch(`${url}/api/sessions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${deviceToken}`, 'content-type': 'application/json', 'andon-refresh': 'body' },
      body: JSON.stringify({ operator, pin: operator === 'kim' ? '1111' : '2222' }),
    })
    const { accessToken, generation } = (await answer.json()) as { accessToken: string; generation: number }
    client.send({ t: 'auth', token: accessToken, generation })
    await client.next('authed')
    return client
  }

  async function reads(client: WireClient, ...channels: readonly ChannelName[]): Promise<void> {
    for (const channel of channels) {
      client.send({ t: 'subscribe', channel, credit: 1 })
      await client.next('subscribed', (frame) => frame.channel === channel)
    }
  }

  /** The next value of this key that is so. */
  async function live<V>(client: WireClient, channel: ChannelName, key: string, fits: (value: V) => boolean) {
    const { value } = await client.next(
      'live',
      (frame) => frame.channel === channel && frame.key === key && fits(frame.value as V),
    )
    return value as V
  }
  const tracks = (client: WireClient) => client.send({ t: 'track', channel: LINE, state: { state: 'here' } })
  const isIn =
    (state: Member['state'] | null, operator?: string | null) =>
    (member: Member | null): boolean =>
      (member?.state ?? null) === state && (operator === undefined || member?.operator === operator)

  async function measures({ url }: RunningNode, value: number, at?: string): Promise<void> {
    const sample = {
      area: 'line-3',
      machine: 'lathe-9',
      signal: 'speed',
      value,
      unit: 'rpm',
      ...(at !== undefined && { at }),
    }
    const answer = await fetch(`${url}/api/telemetry`, {
      method: 'POST',
      headers: { authorization: 'Bearer demo-key', 'content-type': 'application/json' },
      body: JSON.stringify(sample),
    })
    expect(answer.status).toBe(202)
  }

  it('[M4] [M6] values taken at one are shown at the other, and none that was measured before what is shown', async () => {
    const [one, two] = await twoNodes()
    const lee = await signedIn(two, await createDevice(), 'lee')
    const isOf =
      (number: number) =>
      ({ value }: TelemetryValue) =>
        value === number
    // What nobody has described is known at the other node a moment later.
    await measures(one, 1)
    await reads(lee, LATHE)
    lee.send({ t: 'subscribe', channel: 'equipment/line-3', credit: 1 })
    await lee.nextOf(['event', 'snapshot'], (frame) => JSON.stringify(frame).includes(machineKey('line-3', 'lathe-9')))
    await measures(one, 2)
    await live(lee, LATHE, 'speed', isOf(2))
    await measures(two, 3)
    await measures(one, 99, new Date(Date.now() - 30_000).toISOString())
    await measures(one, 4)
    const shown: number[] = []
    while (shown.at(-1) !== 4) shown.push((await live<TelemetryValue>(lee, LATHE, 'speed', () => true)).value)
    expect(shown).not.toContain(99)
    expect(await metric(two, 'andon_nodes_live_received')).toBeGreaterThan(0)
  })

  it('[M8] [P9] what is said in a room at one is heard at the other, and over with its session', async () => {
    const [one, two] = await twoNodes()
    const device = await createDevice()
    const [kim, lee] = [await signedIn(one, device, 'kim'), await signedIn(two, await createDevice(), 'lee')]
    await reads(lee, ROOM)
    kim.send({ t: 'signal', channel: ROOM, key: 'cursor', data: { x: 1 } })
    const key = `${device.id}.cursor`
    expect(await live(lee, ROOM, key, () => true)).toEqual({ operator: 'kim', data: { x: 1 } })
    kim.send({ t: 'deauth' })
    expect(await live(lee, ROOM, key, (value) => value === null)).toBeNull()
  })

  it('[M9] [M10] [M12] members are the same at each: they come, move from node to node, and are gone with a node that is killed', async () => {
    const [one, two] = await twoNodes()
    const [moving, staying] = [await createDevice(), await createDevice()]
    const readers = [
      await signedIn(one, await createDevice(), 'lee'),
      await signedIn(two, await createDevice(), 'lee'),
    ] as const
    for (const reader of readers) await reads(reader, LINE)
    const all = (id: string, fits: (member: Member | null) => boolean) =>
      Promise.all(readers.map((reader) => live(reader, LINE, id, fits)))
    tracks(await signedIn(two, staying, 'kim'))
    const first = await signedIn(one, moving, 'kim')
    tracks(first)
    for (const { id } of [moving, staying]) {
      const [here, there] = await all(id, isIn('here', 'kim'))
      expect(here).toEqual(there)
    }
    const second = await signedIn(two, moving, 'lee')
    await first.closed()
    tracks(second)
    const [here, there] = await all(moving.id, isIn('here', 'lee'))
    expect(here).toEqual(there)
    await two.program.kill()
    await live(readers[0], LINE, staying.id, isIn('gone', null))
    // Nobody said in between that it had gone from the first one.
    expect(
      readers[0].received.filter((frame) => frame.t === 'live' && frame.key === moving.id && frame.value === null),
    ).toEqual([])
  })

  it('[M12] [P5] without Redis nobody knows who is at the other node, and the roster says so until they hear each other again', async () => {
    const [one, two] = await twoNodes()
    const device = await createDevice()
    const lee = await signedIn(one, await createDevice(), 'lee')
    await reads(lee, LINE)
    const isConfirmed = (confirmed: boolean) => (mark: RosterMark) => mark.confirmed === confirmed
    await live(lee, LINE, ROSTER_KEY, isConfirmed(true))
    await floor.redis.kill()
    await live(lee, LINE, ROSTER_KEY, isConfirmed(false))
    tracks(await signedIn(two, device, 'kim'))
    await floor.redis.restart()
    await live(lee, LINE, device.id, isIn('here', 'kim'))
    await live(lee, LINE, ROSTER_KEY, isConfirmed(true))
  })
})
