import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { channelName } from '../../../relay/protocol/channels.ts'
import type { Epoch, EventId } from '../../../relay/protocol/ids.ts'
import { HAS_REDIS, RunningRedis } from '../../../test/support/redis.ts'
import type { Hint, Hints } from '../../ports/hints.ts'
import type { CommittedEvent } from '../../ports/submission.ts'
import { openRedisHints } from './redis-hints.ts'

const CHAT = channelName('chat', 'line-3')
const committed = (offset: number): CommittedEvent => ({
  channel: CHAT,
  epoch: '0'.repeat(16) as Epoch,
  event: {
    offset,
    id: '00000000-0000-7000-8000-000000000001' as EventId,
    type: 'chat.posted',
    at: '2026-11-20T03:00:00.000Z',
    data: { line: 'line-3', text: 'hello' },
  },
})

interface Node {
  readonly hints: Hints
  readonly heard: Hint[]
  /** How often it was told that it may have missed something. */
  missed: number
}

describe.skipIf(!HAS_REDIS)('[U6] hints by Redis', () => {
  let redis: RunningRedis
  let nodes: Node[] = []
  beforeEach(async () => {
    redis = await RunningRedis.start()
  })
  afterEach(async () => {
    await Promise.all(nodes.map(({ hints }) => hints.close()))
    nodes = []
    await redis.end()
  })

  async function open(name: string, floor = 'floor'): Promise<Node> {
    const { url } = redis
    const hints = openRedisHints({
      url,
      floor,
      node: name,
      monotonic: () => performance.now(),
      changed: () => undefined,
    })
    const node: Node = { hints, heard: [], missed: 0 }
    hints.hear({ heard: (news) => node.heard.push(...news), missed: () => (node.missed += 1) })
    nodes.push(node)
    await hearing(node)
    return node
  }
  const hearing = (node: Node, isHearing = true) =>
    expect.poll(() => node.hints.counts().isHearing, { timeout: 20_000 }).toBe(isHearing)
  const offsets = ({ heard }: Node) => heard.map(({ top }) => top)

  it('reach every other node of the floor, in order, and nobody else', async () => {
    const [a, b, c, other] = [await open('a'), await open('b'), await open('c'), await open('d', 'another')]
    for (let offset = 1; offset <= 300; offset += 1) a.hints.tell([committed(offset)])
    const all = Array.from({ length: 300 }, (_, at) => at + 1)
    for (const node of [b, c]) await expect.poll(() => offsets(node)).toEqual(all)
    expect(b.heard[0]).toEqual({ channel: CHAT, epoch: committed(1).epoch, top: 1, event: committed(1).event })
    expect([offsets(a), offsets(other)]).toEqual([[], []])
  })

  it('are told again once Redis is back, and who was deaf is told that it may have missed some', async () => {
    const [a, b] = [await open('a'), await open('b')]
    expect(b.missed).toBe(1)
    await redis.kill()
    await hearing(b, false)
    a.hints.tell([committed(1)])
    await expect.poll(() => a.hints.counts().dropped).toBe(1)
    await redis.restart()
    await hearing(a)
    await hearing(b)
    expect(b.missed).toBe(2)
    a.hints.tell([committed(2)])
    await expect.poll(() => offsets(b)).toEqual([2])
  })

  it('say that a node is deaf where Redis only hangs, with every socket open', async () => {
    const b = await open('b')
    redis.pause()
    await hearing(b, false)
    redis.goOn()
    await hearing(b)
    expect(b.missed).toBe(2)
  })

  it('are refused and counted where a stranger says something there', async () => {
    const b = await open('b')
    const stranger = new Redis(redis.url)
    await stranger.publish('andon:floor:commits', '{"node":"x","hints":[{"channel":"../etc"}]}')
    await expect.poll(() => b.hints.counts().refused).toBe(1)
    stranger.disconnect()
    expect(b.heard).toEqual([])
  })
})
