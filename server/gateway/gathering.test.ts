import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { URGENT_CHANNEL, type ChannelName } from '../../relay/protocol/channels.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { Gathering } from './gathering.ts'
import { Ticks } from './writer.ts'

const CHAT = 'chat/line-3' as ChannelName
const nextTick = () => new Promise((resolve) => setImmediate(resolve))

/** A commit that ends when told, having published to this channel. */
function commitOf(gathering: Gathering, channel: ChannelName) {
  const { promise, resolve } = Promise.withResolvers<void>()
  const done = gathering.during(async () => {
    await promise
    gathering.schedule(channel)
  })
  return {
    async end() {
      resolve()
      await done
      await nextTick()
    },
  }
}

function counted() {
  const counts = { flushes: 0 }
  return { counts, gathering: new Gathering(new Ticks(), () => (counts.flushes += 1)) }
}

describe('gathering', () => {
  // Its two milliseconds pass when a test says so, however busy the machine is.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  it('[V5] hands out with the next tick when nothing else is being committed', async () => {
    const { counts, gathering } = counted()
    await commitOf(gathering, CHAT).end()
    expect(counts.flushes).toBe(1)
  })

  it('[V5] waits for the commits that are under way, and hands all of them out at once', async () => {
    const { counts, gathering } = counted()
    const [first, second] = [commitOf(gathering, CHAT), commitOf(gathering, CHAT)]
    await first.end()
    expect(counts.flushes).toBe(0)
    await second.end()
    expect(counts.flushes).toBe(1)
  })

  it('[V5] does not wait for a commit that takes long', async () => {
    const { counts, gathering } = counted()
    const [first, stuck] = [commitOf(gathering, CHAT), commitOf(gathering, CHAT)]
    await first.end()
    expect(counts.flushes).toBe(0)
    vi.advanceTimersByTime(LIMITS.gatherMs)
    await nextTick()
    expect(counts.flushes).toBe(1)
    await stuck.end()
    expect(counts.flushes).toBe(2)
  })

  it('[V5] the urgent channel waits for nobody', async () => {
    const { counts, gathering } = counted()
    const [alarm, other] = [commitOf(gathering, URGENT_CHANNEL), commitOf(gathering, CHAT)]
    await alarm.end()
    expect(counts.flushes).toBe(1)
    await other.end()
  })

  it('hands out what waited for a commit that failed', async () => {
    const { counts, gathering } = counted()
    const { promise, reject } = Promise.withResolvers<void>()
    const failing = gathering.during(() => promise)
    await commitOf(gathering, CHAT).end()
    reject(new Error('disk'))
    await expect(failing).rejects.toThrow('disk')
    await nextTick()
    expect(counts.flushes).toBe(1)
  })
})
