import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseChannel, type Channel } from '../../relay/protocol/channels.ts'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import type { ServerFrame } from '../../relay/protocol/frames.ts'
import type { Cursor, Epoch, EventId } from '../../relay/protocol/ids.ts'
import { Hub } from '../core/hub.ts'
import { LiveHub } from '../core/live.ts'
import type { Store } from '../ports/store.ts'
import { Pulls } from './pulls.ts'
import { joinBytes, SharedBytes } from './shared-bytes.ts'
import { SharedReads } from './shared-reads.ts'
import { Subscription, type SubscriptionHost } from './subscription.ts'

const EPOCH = '0123456789abcdef' as Epoch
const ZERO: Cursor = { epoch: EPOCH, offset: 0, id: null }
const RING_SIZE = 2
/** More than a ring and one: a page can then bring what the hub has not delivered yet. */
const PAGE_ITEMS = 4

function chat(): Channel {
  const channel = parseChannel('chat/line-3')
  if (channel === null) throw new Error('chat/line-3')
  return channel
}

/** A log that commits when told, and answers reads one by one when told: every interleaving can be played. */
class World {
  readonly log: StoredEvent[] = []
  readonly sent: ServerFrame[] = []
  readonly delivered: number[] = []
  readonly #reads: (() => void)[] = []
  readonly #order: number[] = []
  isFull = false
  /** Events up to here are no longer retained. */
  floor = 0
  /** The store's; a restore changes it. */
  epoch = EPOCH
  readonly hub = new Hub<SharedBytes>({
    encode: ({ event }) => new SharedBytes([`${event.offset}`]),
    join: joinBytes,
    schedule: () => {},
    behind: () => {},
    reloaded: () => {},
    tops: [{ channel: chat().name, epoch: EPOCH, top: 0 }],
    ringSize: RING_SIZE,
  })

  /** Commits and ends the turn. */
  commit(): void {
    this.publish()
    this.flush()
  }

  publish(): void {
    const event: StoredEvent = {
      offset: this.log.length + 1,
      id: `${this.log.length + 1}` as EventId,
      type: 'chat.posted',
      at: '',
      data: null,
    }
    this.log.push(event)
    this.hub.publish([{ channel: chat().name, epoch: EPOCH, event }])
  }

  /** The turn ends: what was published leaves. */
  flush(): void {
    this.hub.flush()
  }

  /** Lets the oldest waiting read finish; what it returns was read when it was called. */
  async answer(): Promise<void> {
    this.#reads.shift()?.()
    for (let turn = 0; turn < 8; turn += 1) await Promise.resolve()
  }

  get waitingReads(): number {
    return this.#reads.length
  }

  subscribe(start: ConstructorParameters<typeof Subscription>[1]): Subscription {
    const later = <T>(value: T): Promise<T> => new Promise((resolve) => this.#reads.push(() => resolve(value)))
    const store = {
      snapshotStart: () => later({ epoch: this.epoch, offset: this.log.length, id: this.log.at(-1)?.id ?? null }),
      lastEvents: (_name: string, upTo: number) => later(this.log.slice(0, upTo)),
      resume: (_name: string, cursor: { offset: number }) =>
        later({ kind: 'resumed', epoch: EPOCH, offset: cursor.offset, id: null, top: this.log.length }),
      oldest: () => later({ epoch: this.epoch, offset: this.floor, id: null, top: this.log.length }),
      events: (_name: string, after: { epoch: Epoch; offset: number }) => {
        const { epoch } = this
        const top = this.log.length
        const gone = after.epoch !== epoch || after.offset < this.floor || after.offset > top
        const events = gone ? [] : this.log.slice(after.offset, after.offset + PAGE_ITEMS)
        return later({ epoch, events, top, gone })
      },
    } as unknown as Store
    const host: SubscriptionHost = {
      options: {
        store,
        // Time stands still: whatever can be shared is.
        reads: new SharedReads(store, () => 0),
        hub: this.hub,
        live: new LiveHub<SharedBytes>({
          encode: () => new SharedBytes([]),
          join: joinBytes,
          schedule: () => {},
        }),
        presence: { read: () => {} },
        monotonic: () => 0,
      },
      pulls: new Pulls(),
      writer: {
        write: ({ messages }) => {
          for (const text of messages.map(String)) {
            // A page is a whole frame; an event of the hub is its offset.
            const page = text.startsWith('{') ? (JSON.parse(text) as ServerFrame) : null
            if (page?.t === 'snapshot') this.sent.push(page)
            else {
              const offsets = page?.t === 'page' ? page.events.map(({ offset }) => offset) : [Number(text)]
              if (page === null) this.delivered.push(...offsets)
              this.#order.push(...offsets)
            }
          }
        },
        isFull: () => this.isFull,
        isBusy: () => false,
      },
      send: (frame) => {
        this.sent.push(frame)
      },
      failed: (_channel, cause) => {
        throw cause
      },
    }
    const subscription = new Subscription(chat(), start, host)
    subscription.pump()
    return subscription
  }

  /** Offsets in the order they were sent, by page or live. */
  offsets(): readonly number[] {
    return this.#order
  }
}

describe('subscription', () => {
  it('[S4] starts with a snapshot and goes on live without a page between, when nothing happened meanwhile', async () => {
    const world = new World()
    world.commit()
    world.subscribe({ start: { kind: 'snapshot' }, credit: 1 })
    while (world.waitingReads > 0) await world.answer()
    world.commit()
    expect(world.sent.map((frame) => frame.t)).toEqual(['snapshot'])
    expect(world.delivered).toEqual([2])
  })

  it('[S6] sends no page beyond its credit, and goes on when more is given', async () => {
    const world = new World()
    for (let count = 0; count < 10; count += 1) world.commit()
    const subscription = world.subscribe({
      start: { kind: 'cursor', cursor: ZERO },
      credit: 1,
    })
    while (world.waitingReads > 0) await world.answer()
    expect(world.offsets()).toEqual([1, 2, 3, 4])
    expect(subscription.addCredit(2)).toBe(true)
    while (world.waitingReads > 0) await world.answer()
    expect(world.offsets()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(subscription.addCredit(5)).toBe(false)
  })

  it('[V2] asks the store for nothing while the socket is full, not even with credit', async () => {
    const world = new World()
    for (let count = 0; count < 12; count += 1) world.commit()
    world.isFull = true
    const subscription = world.subscribe({ start: { kind: 'cursor', cursor: ZERO }, credit: 2 })
    expect(world.waitingReads).toBe(0)
    world.isFull = false
    subscription.pump()
    await world.answer()
    // The socket fills while the first page is being read: that page is the last.
    world.isFull = true
    await world.answer()
    expect(subscription.addCredit(1)).toBe(true)
    expect([world.offsets(), world.waitingReads]).toEqual([[1, 2, 3, 4], 0])
    world.isFull = false
    subscription.pump()
    while (world.waitingReads > 0) await world.answer()
    expect(world.offsets()).toEqual(world.log.map(({ offset }) => offset))
  })

  it('[S7] sends of a batch only what a page has not brought already', async () => {
    const world = new World()
    for (let count = 0; count < RING_SIZE + 1; count += 1) world.commit()
    world.publish()
    world.subscribe({ start: { kind: 'cursor', cursor: ZERO }, credit: 4 })
    while (world.waitingReads > 0) await world.answer()
    expect(world.offsets()).toEqual([1, 2, 3, 4])
    world.publish()
    world.flush()
    expect(world.offsets()).toEqual([1, 2, 3, 4, 5])
    expect(world.delivered).toEqual([5])
  })

  it.each<[string, (world: World) => void, object]>([
    ['retention', (world) => (world.floor = 7), { reason: 'expired', lost: { from: 5, to: 7 } }],
    ['a restore', (world) => (world.epoch = 'fedcba9876543210' as Epoch), { reason: 'unknown-epoch', lost: null }],
    ['a rollback', (world) => world.log.splice(2), { reason: 'ahead', lost: null }],
  ])('[S3] [P2] says what %s between two pages took, before it starts over', async (_what, happen, reset) => {
    const world = new World()
    for (let count = 0; count < 12; count += 1) world.commit()
    world.subscribe({ start: { kind: 'cursor', cursor: ZERO }, credit: 2 })
    await world.answer()
    happen(world)
    while (world.waitingReads > 0) await world.answer()
    expect(world.offsets()).toEqual([1, 2, 3, 4])
    expect(world.sent.slice(1)).toMatchObject([
      { t: 'reset', channel: chat().name, ...reset },
      { t: 'snapshot', epoch: world.epoch, offset: world.log.length },
    ])
  })

  it('detaches a reader whose socket is full, and lets it pull when there is room', async () => {
    const world = new World()
    const subscription = world.subscribe({ start: { kind: 'snapshot' }, credit: 4 })
    while (world.waitingReads > 0) await world.answer()
    world.isFull = true
    for (let count = 0; count < 6; count += 1) world.commit()
    expect(world.delivered).toEqual([1])
    world.isFull = false
    subscription.pump()
    while (world.waitingReads > 0) await world.answer()
    expect(world.offsets()).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('[S7] misses nothing and repeats nothing, however commits and reads interleave', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('publish', 'flush', 'answer', 'full', 'room', 'credit'), { maxLength: 60 }),
        fc.nat(5),
        async (steps, before) => {
          const world = new World()
          for (let count = 0; count < before; count += 1) world.commit()
          const subscription = world.subscribe({
            start: { kind: 'cursor', cursor: ZERO },
            credit: 2,
          })
          for (const step of steps) {
            if (step === 'publish') world.publish()
            else if (step === 'flush') world.flush()
            else if (step === 'answer') await world.answer()
            else if (step === 'credit') subscription.addCredit(1)
            else {
              world.isFull = step === 'full'
              subscription.pump()
            }
          }
          world.isFull = false
          world.flush()
          for (let turn = 0; turn < 200 && world.offsets().length < world.log.length; turn += 1) {
            subscription.addCredit(1)
            subscription.pump()
            await world.answer()
          }
          expect(world.offsets()).toEqual(world.log.map(({ offset }) => offset))
        },
      ),
    )
  })
})
