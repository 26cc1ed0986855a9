import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ChannelName } from '../../protocol/channels.ts'
import type { Epoch } from '../../protocol/ids.ts'
import type { ChannelView } from '../../protocol/local.ts'
import { Floor } from '../../testing/floor.ts'
import { settle } from '../../testing/virtual-clock.ts'

const CHANNELS = ['chat/line-3', 'alerts/line-3'] as const

type Bare = 'connect' | 'cut' | 'crash' | 'hold' | 'release' | 'lose' | 'repeat' | 'restore' | 'serve'
type Move =
  | {
      readonly kind: 'publish'
      readonly channel: (typeof CHANNELS)[number]
      readonly key: string
      readonly gone: boolean
    }
  | { readonly kind: Bare }
  | { readonly kind: 'up' | 'down'; readonly frames: number }
  | { readonly kind: 'advance'; readonly ms: number }

const just = (kind: Bare) => fc.constant<Move>({ kind })
const frames = (kind: 'up' | 'down') => fc.integer({ min: 1, max: 6 }).map((count): Move => ({ kind, frames: count }))
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .record({ channel: fc.constantFrom(...CHANNELS), key: fc.constantFrom('a', 'b', 'c'), gone: fc.boolean() })
      .map((change): Move => ({ kind: 'publish', ...change })),
  },
  { weight: 4, arbitrary: just('connect') },
  { weight: 4, arbitrary: just('serve') },
  { weight: 4, arbitrary: frames('up') },
  { weight: 4, arbitrary: frames('down') },
  { weight: 2, arbitrary: just('cut') },
  { weight: 1, arbitrary: just('crash') },
  { weight: 1, arbitrary: just('hold') },
  { weight: 2, arbitrary: just('release') },
  { weight: 1, arbitrary: just('lose') },
  { weight: 1, arbitrary: just('repeat') },
  { weight: 1, arbitrary: just('restore') },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 40_000 }).map((ms): Move => ({ kind: 'advance', ms })) },
)

/** Reads observations as a careful program would, and complains about what P2 forbids. */
class Reader {
  readonly #at = new Map<string, { epoch: Epoch | null; offset: number }>()
  /** Snapshots seen in this life: nothing comes before the first. */
  #started = new Set<string>()
  #reset = new Set<string>()

  newLife(): void {
    this.#started = new Set()
    this.#reset = new Set()
  }

  read(floor: Floor, from: number): number {
    for (const each of floor.observed.slice(from)) {
      if (each.kind === 'reset') {
        expect(this.#started.has(each.channel), 'a snapshot comes before a reset').toBe(true)
        this.#reset.add(each.channel)
      } else if (each.kind === 'snapshot') {
        const { channel, epoch, offset } = each.view
        const before = this.#at.get(channel)
        const isFirst = !this.#started.has(channel)
        if (!isFirst) expect(this.#reset.has(channel), 'a later snapshot is announced by a reset').toBe(true)
        if (isFirst && before !== undefined && before.epoch === epoch) {
          expect(offset, 'what was observed was durable').toBeGreaterThanOrEqual(before.offset)
        }
        this.#started.add(channel)
        this.#reset.delete(channel)
        this.#at.set(channel, { epoch, offset })
      } else if (each.kind === 'event') {
        const before = this.#at.get(each.channel)
        expect(this.#started.has(each.channel), 'events come after the snapshot').toBe(true)
        expect([each.epoch, each.event.offset], 'the next event, once').toEqual([
          before?.epoch,
          (before?.offset ?? 0) + 1,
        ])
        this.#at.set(each.channel, { epoch: each.epoch, offset: each.event.offset })
      }
    }
    return floor.observed.length
  }
}

class Schedule {
  floor: Floor
  readonly #reader = new Reader()
  #read = 0

  constructor(seed: number) {
    this.floor = new Floor({ seed })
    this.floor.server.channel('chat/line-3', 'log')
    this.floor.server.channel('alerts/line-3', 'state')
  }

  async begin(): Promise<void> {
    await this.floor.live()
    await this.floor.relay.signIn('kim', '1111')
    this.#subscribe()
    this.floor.window(...CHANNELS)
  }

  async make(next: Move): Promise<void> {
    const { floor } = this
    const { wire, server, store } = floor
    switch (next.kind) {
      case 'publish': {
        const { channel, key, gone } = next
        if (channel === 'chat/line-3') server.publish(wire, channel, 'chat.posted', { line: 'line-3', text: key })
        else server.publish(wire, channel, 'alert.raised', { key, record: gone ? null : { id: key } })
        break
      }
      case 'connect':
        server.accept(wire)
        break
      case 'serve':
        await floor.serve()
        break
      case 'up':
        server.serve(wire, next.frames)
        break
      case 'down':
        wire.flushDown(next.frames)
        break
      case 'cut':
        wire.cut()
        break
      case 'crash':
        this.check()
        this.floor = floor.again()
        this.#read = 0
        this.#reader.newLife()
        await this.floor.relay.start()
        this.#subscribe()
        break
      case 'hold':
        store.hold()
        break
      case 'release':
        store.release()
        break
      case 'lose':
      case 'repeat':
        wire.disturb(next.kind)
        break
      case 'restore': {
        // A backup from before the last events: another epoch, fewer of them.
        const chat = server.channels.get('chat/line-3' as ChannelName)
        if (chat === undefined) break
        chat.epoch = String(chat.events.length).padStart(16, '0') as Epoch
        chat.events.splice(-2)
        wire.cut()
        break
      }
      case 'advance':
        await floor.clock.advance(next.ms)
        break
    }
    await settle()
    this.check()
  }

  check(): void {
    this.#read = this.#reader.read(this.floor, this.#read)
  }

  /** The faults are over; two heartbeats later everything must be there. */
  async heal(): Promise<void> {
    this.floor.store.release()
    for (let round = 0; round < 40; round += 1) {
      this.floor.server.accept(this.floor.wire)
      await this.floor.serve()
      await this.floor.clock.advance(5_000)
      await this.floor.serve()
    }
    this.check()
  }

  #subscribe(): void {
    for (const channel of CHANNELS) this.floor.relay.subscribe(channel)
  }
}

/** A second on a machine that is idle. */
const TIMEOUT_MS = 60_000

it(
  '[R12 R13 R14 R15] shows every event once, in order, without a gap, or says reset',
  async () => {
    const length = { minLength: 5, maxLength: 80, size: 'max' } as const
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1_000_000 }), fc.array(move, length), async (seed, moves) => {
        const schedule = new Schedule(seed)
        await schedule.begin()
        for (const next of moves) await schedule.make(next)
        await schedule.heal()
        const { floor } = schedule
        expect(floor.status()).toBe('live')
        const window = floor.window(...CHANNELS)
        const view = window.of('view').at(-1)?.view
        const chat = floor.server.channels.get('chat/line-3' as ChannelName)
        const shown = new Map<string, ChannelView>(view?.channels.map((channel) => [channel.channel, channel]))
        expect(shown.get('chat/line-3')).toMatchObject({
          epoch: chat?.epoch,
          offset: chat?.events.length,
          current: true,
        })
        expect(shown.get('chat/line-3')?.events).toEqual(chat?.events.slice(-200))
        const records: Record<string, unknown> = {}
        for (const { offset, data } of floor.server.channels.get('alerts/line-3' as ChannelName)?.events ?? []) {
          const { key, record } = data as { key: string; record: unknown }
          if (record === null) delete records[key]
          else records[key] = { offset, record }
        }
        expect(shown.get('alerts/line-3')?.records).toEqual(records)
        expect(onDisk(floor, 'alerts/line-3')).toEqual(records)
      }),
      { numRuns: 200 },
    )
  },
  TIMEOUT_MS,
)

function onDisk(floor: Floor, channel: string): Record<string, unknown> {
  const rows = floor.disk.rows('records', { from: `${channel} `, to: `${channel}!` })
  return Object.fromEntries(rows.map((row) => [row.key.slice(channel.length + 1), row.value]))
}
