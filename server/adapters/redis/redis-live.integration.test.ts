import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DeviceId } from '../../../relay/protocol/ids.ts'
import { presenceChannel } from '../../../relay/protocol/room-names.ts'
import { HAS_REDIS, RunningRedis } from '../../../test/support/redis.ts'
import type { LiveNodes, SeatNews, SignalNews, ValueNews } from '../../ports/live-nodes.ts'
import { openRedisLive } from './redis-live.ts'

const AT = '2026-11-20T03:00:00.000Z'
const value = (number: number, signal = 'speed'): ValueNews => ({
  area: 'line-3',
  machine: 'press-2',
  signal,
  value: { value: number, unit: 'rpm', at: AT, label: null, limits: null },
  lateMs: 0,
  ttlMs: 5_000,
})
const member = (number: number): SeatNews => ({
  channel: presenceChannel('line-3'),
  device: `${number}`.padStart(43, 'd') as DeviceId,
  order: 1,
  seat: {
    name: 'Press 2',
    areas: ['line-3'],
    source: 'here',
    isAlone: false,
    operator: 'kim',
    session: null,
    holder: 'person kim',
    track: { state: 'here' },
    sinceWall: 0,
    since: 'said',
    staleWall: null,
    absent: null,
  },
})

interface Node {
  readonly live: LiveNodes
  readonly members: SeatNews[]
  readonly values: ValueNews[]
  readonly signals: SignalNews[]
  readonly seats: (readonly [node: string, device: number])[]
  readonly said: string[]
}

describe.skipIf(!HAS_REDIS)('[U8] what is live, by Redis', () => {
  let redis: RunningRedis
  let nodes: Node[] = []
  beforeEach(async () => {
    redis = await RunningRedis.start()
  })
  afterEach(async () => {
    await Promise.all(nodes.map(({ live }) => live.close()))
    nodes = []
    await redis.end()
  })

  async function open(name: string, members: SeatNews[] = [], floor = 'floor'): Promise<Node> {
    const monotonic = () => performance.now()
    const live = openRedisLive({ url: redis.url, floor, node: name, monotonic, wall: () => Date.now() })
    const node: Node = { live, members, values: [], signals: [], seats: [], said: [] }
    live.hear({
      values: (values) => node.values.push(...values),
      signals: (signals) => node.signals.push(...signals),
      seats: (from, seats) =>
        node.seats.push(...seats.map(({ device }) => [from, Number(device.slice(-3).replace(/d/g, ''))] as const)),
      members: () => members,
      listed: (from) => node.said.push(`listed ${from}`),
      lost: (from) => node.said.push(`lost ${from}`),
      hearing: (isHearing) => node.said.push(isHearing ? 'hears' : 'deaf'),
    })
    nodes.push(node)
    await hearing(node)
    return node
  }
  const hearing = (node: Node, isHearing = true) =>
    expect.poll(() => node.live.counts().isHearing, { timeout: 20_000 }).toBe(isHearing)

  it('reaches every other node of the floor, of each key the last, and nobody else', async () => {
    const [a, b, c, other] = [await open('a'), await open('b'), await open('c'), await open('d', [], 'another')]
    for (let number = 1; number <= 1_000; number += 1) a.live.tellValue(value(number))
    a.live.tellValue(value(1, 'heat'))
    const said = {
      device: member(1).device,
      operator: 'kim',
      source: 'here',
      session: null,
      key: 'cursor',
      data: { x: 1 },
    }
    a.live.tellSignal({ channel: presenceChannel('line-3'), ...said })
    for (const node of [b, c]) {
      await expect
        .poll(() => node.values.map(({ signal, value: { value: last } }) => [signal, last]))
        .toEqual([
          ['speed', 1_000],
          ['heat', 1],
        ])
      expect(node.signals).toMatchObject([said])
    }
    expect([a.values, other.values]).toEqual([[], []])
    expect(a.live.counts()).toMatchObject({ told: 3, conflated: 999, dropped: 0 })
  })

  it('[P8] waits where Redis does not read, in the room of one word of each key, and is as it is by then', async () => {
    const [a, b] = [await open('a'), await open('b')]
    redis.pause()
    for (let round = 1; round <= 20; round += 1) {
      for (let signal = 0; signal < 2_000; signal += 1) a.live.tellValue(value(round, `s${signal}`))
      await new Promise((resolve) => setTimeout(resolve, 60))
    }
    redis.goOn()
    await expect.poll(() => b.values.findLast(({ signal }) => signal === 's1999')?.value.value).toBe(20)
    expect(a.live.counts().dropped).toBe(0)
    expect(a.live.counts().conflated).toBeGreaterThan(0)
  })

  it('[M12] tells all members to who begins to hear, and says when they were all', async () => {
    const a = await open('a', [1, 2, 3].map(member))
    const b = await open('b', [4].map(member))
    await expect.poll(() => b.said).toEqual(['hears', 'listed a'])
    expect(b.seats).toEqual([1, 2, 3].map((number) => ['a', number]))
    await expect.poll(() => a.seats).toEqual([['b', 4]])
    a.members.pop()
    await redis.kill()
    await Promise.all([a, b].map((node) => hearing(node, false)))
    b.seats.length = 0
    await redis.restart()
    await Promise.all([a, b].map((node) => hearing(node)))
    await expect.poll(() => b.said.slice(2)).toEqual(expect.arrayContaining(['deaf', 'hears', 'listed a']))
    expect(new Set(b.seats.map(([, number]) => number))).toEqual(new Set([1, 2]))
  })

  it('says at once that a node stopped, and of nobody that they are gone because it was deaf itself', async () => {
    const [a, b, c] = [await open('a'), await open('b'), await open('c')]
    for (const node of [b, c]) await expect.poll(() => node.live.counts().nodes).toBe(2)
    await a.live.close()
    for (const node of [b, c]) await expect.poll(() => node.said).toContain('lost a')
    await redis.kill()
    await Promise.all([b, c].map((node) => hearing(node, false)))
    await redis.restart()
    await Promise.all([b, c].map((node) => hearing(node)))
    expect([b.live.counts().nodes, b.said.filter((said) => said === 'lost c')]).toEqual([1, []])
  })

  it('refuses what is none of a node', async () => {
    const a = await open('a')
    const stranger = new Redis(redis.url)
    const texts = [
      'no JSON',
      '{"node":"b","wall":1,"seats":[{}]}',
      '{"node":"b","wall":1,"values":"all"}',
      'x'.repeat(300_000),
    ]
    for (const text of texts) await stranger.publish('andon:floor:live', text)
    await expect.poll(() => a.live.counts().refused).toBe(texts.length)
    expect([a.values, a.seats, a.live.counts().nodes]).toEqual([[], [], 0])
    stranger.disconnect()
  })
})
