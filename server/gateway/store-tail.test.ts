import { beforeEach, describe, expect, it } from 'vitest'
import { channelName } from '../../relay/protocol/channels.ts'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import type { Epoch, EventId } from '../../relay/protocol/ids.ts'
import { Commits } from '../core/commit.ts'
import { Hub } from '../core/hub.ts'
import type { EventPage, Position, StoreReader } from '../ports/store-reader.ts'
import { StoreTail } from './store-tail.ts'

const CHAT = channelName('chat', 'line-3')
const EPOCH = '0123456789abcdef' as Epoch

function event(offset: number): StoredEvent {
  return { offset, id: `${offset}` as EventId, type: 'chat.posted', at: '', data: null }
}

/** A store of one channel that others write to; what is asked of it is answered when the test wants. */
class Shared implements Pick<StoreReader, 'tail' | 'events'> {
  epoch = EPOCH
  top = 0
  floor = 0
  isBroken = false
  readonly asked: (Position | null)[] = []
  /** What answers of `events` wait for, one after the other. */
  readonly holds: Promise<void>[] = []
  async tail(after: Position | null) {
    this.asked.push(after)
    if (this.isBroken) throw new Error('broken')
    return { position: String(this.top) as Position, tops: [{ channel: CHAT, epoch: this.epoch, top: this.top }] }
  }
  async events(_channel: string, after: { readonly epoch: Epoch; readonly offset: number }): Promise<EventPage> {
    const { epoch, top, floor } = this
    const gone = after.epoch !== epoch || after.offset < floor
    const events = gone ? [] : Array.from({ length: top - after.offset }, (_, index) => event(after.offset + index + 1))
    await this.holds.shift()
    if (this.isBroken) throw new Error('broken')
    return { epoch, events, top, gone }
  }
}

const clock = { ms: 0 }
let store: Shared
let tail: StoreTail
let hub: Hub<number>
let seen: number[]
let told: string[]
beforeEach(() => {
  clock.ms = 0
  store = new Shared()
  seen = []
  told = []
  hub = new Hub<number>({
    encode: ({ event: { offset } }) => offset,
    join: () => 0,
    tops: [{ channel: CHAT, epoch: EPOCH, top: 0 }],
    ringSize: 4,
    schedule: () => {},
    behind: (channel) => tail.hear(channel),
    reloaded: () => void told.push('reloaded'),
  })
  const commits = new Commits({ hub, followers: [], sessionsEnded: () => {}, revokedElsewhere: () => {} })
  tail = new StoreTail({
    store,
    hub,
    commits,
    position: '0' as Position,
    monotonic: () => clock.ms,
    behind: () => void told.push('behind'),
    failed: () => void told.push('failed'),
  })
  hub.attach(
    CHAT,
    { epoch: EPOCH, offset: 0 },
    {
      deliver: ({ frames }) => void seen.push(...frames),
      cutOff: () => void told.push('cut off'),
    },
  )
})

describe('following the store', () => {
  it('[U4] goes on from where it looked last, and reads what is missing', async () => {
    store.top = 3
    await tail.look()
    await tail.look()
    hub.flush()
    expect([seen, store.asked, told]).toEqual([[1, 2, 3], ['0', '3'], ['behind']])
  })

  it('[U1] a channel whose past is gone, or whose epoch ended, stands where the store does, and readers pull', async () => {
    store.top = 9
    store.floor = 5
    await tail.look()
    expect([told, hub.position(CHAT)]).toEqual([['reloaded', 'cut off', 'behind'], { epoch: EPOCH, offset: 9 }])
    store.epoch = 'fedcba9876543210' as Epoch
    store.top = 2
    await tail.look()
    expect(hub.position(CHAT)).toEqual({ epoch: store.epoch, offset: 2 })
  })

  it('[U4] loses no hint that comes while it reads, for what it has read may be older', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    // The second read finds nothing, and is answered late.
    store.holds.push(Promise.resolve(), promise)
    store.top = 1
    const looking = tail.look()
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    expect(store.holds).toEqual([])
    store.top = 2
    tail.hear(CHAT)
    resolve()
    await looking
    hub.flush()
    expect(seen).toEqual([1, 2])
  })

  it('[U4] skips nothing while the store cannot be read', async () => {
    store.top = 1
    store.isBroken = true
    await expect(tail.look()).rejects.toThrow('broken')
    tail.hear(CHAT)
    await new Promise(setImmediate)
    store.isBroken = false
    await tail.look()
    hub.flush()
    expect([seen, told, store.asked]).toEqual([[1], ['failed', 'behind'], ['0', '0']])
  })

  it('[U6] is as old as the begin of the last look that saw everything, whatever hints came since', async () => {
    clock.ms = 500
    store.top = 1
    const { promise, resolve } = Promise.withResolvers<void>()
    store.holds.push(promise)
    const looking = tail.look()
    clock.ms = 800
    expect(tail.ageMs).toBe(800)
    resolve()
    await looking
    expect(tail.ageMs).toBe(300)
    store.isBroken = true
    clock.ms = 2_000
    await expect(tail.look()).rejects.toThrow('broken')
    tail.hear(CHAT)
    await new Promise(setImmediate)
    expect(tail.ageMs).toBe(1_500)
  })

  it('[U9] looks once more when news came in the middle of a look', async () => {
    let goOn: () => void = () => undefined
    store.holds.push(new Promise((resolve) => (goOn = resolve)))
    store.top = 1
    const looking = tail.look()
    await new Promise((resolve) => setImmediate(resolve))
    store.top = 2
    for (let wakes = 0; wakes < 3; wakes += 1) await tail.look()
    goOn()
    await looking
    hub.flush()
    expect([seen, store.asked.length]).toEqual([[1, 2], 2])
  })
})
