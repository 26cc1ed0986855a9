import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { channelName, URGENT_CHANNEL, type ChannelName } from '../../relay/protocol/channels.ts'
import { Commits } from '../core/commit.ts'
import { Hub } from '../core/hub.ts'
import { StoreTail } from '../gateway/store-tail.ts'
import { CHAT, PAGE, commandId, post, raise, type Bench } from './store-samples.contract.ts'
import type { Position, StoreReader, Tail } from './store-reader.ts'
import type { Store } from './store.ts'
import type { Submission, SubmitResult } from './submission.ts'

/** What was committed behind a position, and what several nodes on one store make of it. */
export function tailContract(bench: Bench): void {
  describe('tail', () => {
    const channels = ({ tops }: Tail) => tops.map(({ channel }) => channel)

    it('[T19] names what was written to behind a position, and how far it is now', async () => {
      const nothing = await bench.store.tail(null)
      await bench.store.submit(post(1, 'one'))
      await bench.store.submit(post(2, 'two'))
      const chat = await bench.store.tail(nothing.position)
      expect(chat.tops).toEqual([{ channel: CHAT, epoch: expect.any(String), top: 2 }])
      expect((await bench.store.tail(chat.position)).tops).toEqual([])
      await bench.store.submit(raise(1, 'P0'))
      expect(channels(await bench.store.tail(chat.position))).toEqual([URGENT_CHANNEL])
      const all = await bench.store.tail(null)
      expect(new Set(channels(all))).toEqual(new Set([CHAT, URGENT_CHANNEL]))
    })

    it('[T19] misses no commit that was answered before, whatever was called with it', async () => {
      const { position } = await bench.store.tail(null)
      const [, between] = await Promise.all([
        bench.store.submit(post(1, 'one')),
        bench.store.tail(position),
        bench.store.submit(raise(1, 'P0')),
      ])
      const behind = await bench.store.tail(between.position)
      expect([...channels(between), ...channels(behind)]).toEqual(expect.arrayContaining([CHAT, URGENT_CHANNEL]))
    })

    it('[T19] goes on from a position over a restart', async () => {
      const before = await bench.store.tail(null)
      await bench.store.submit(post(1, 'one'))
      await bench.reopen()
      expect(channels(await bench.store.tail(before.position))).toEqual([CHAT])
    })

    it.each(['', 'elsewhere 7', 'nonsense'])(
      '[T19] takes a position that it does not know for none: %j',
      async (odd) => {
        await bench.store.submit(post(1, 'one'))
        expect(channels(await bench.store.tail(odd as Position))).toEqual([CHAT])
      },
    )
  })

  describe('several nodes on one store', () => {
    beforeEach(() => bench.store.putApiKey({ id: 'key-1', name: 'scada', hash: 'h', role: 'admin', areas: ['*'] }))

    const step = fc.record({
      node: fc.constantFrom(0, 1),
      priority: fc.constantFrom('P0', 'P2'),
      area: fc.constantFrom('line-1', 'line-3'),
      after: fc.constantFrom('nothing', 'wait', 'look', 'hint'),
    })

    it('[U4] [S1] each publishes every event of every channel once and in order, though news is late, lost or told twice', async () => {
      let ids = 0
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 24 }), fc.infiniteStream(fc.nat(4)), async (steps, turns) => {
          const late = async <T>(answer: Promise<T>): Promise<T> => {
            const value = await answer
            for (let left = Number(turns.next().value); left > 0; left -= 1) await turn()
            return value
          }
          const start = await bench.store.tail(null)
          const nodes = [await openNode(bench.store, start, late), await openNode(bench.store, start, late)] as const
          const submitted: Promise<unknown>[] = []
          for (const { node, priority, area, after } of steps) {
            const data = { priority, area, title: 'Fire' }
            const source = { kind: 'api', keyId: 'key-1', idempotency: null } as const
            const own = nodes[node === 0 ? 0 : 1]
            const other = nodes[node === 0 ? 1 : 0]
            const done = own.submit({ source, id: commandId(0x10_000 + (ids += 1)), type: 'alert.raise', data })
            submitted.push(done)
            if (after === 'wait') await turn()
            if (after === 'look') submitted.push(other.tail.look())
            if (after === 'hint') submitted.push(done.then(() => other.tail.hear(changedBy(priority, area))))
          }
          await Promise.all(submitted)
          const { tops } = await bench.store.tail(null)
          for (const { tail, seen, followed, hub, failures } of nodes) {
            // What is under way is waited for, and may have begun before the last commit.
            for (let looks = 0; looks < 2; looks += 1) await tail.look()
            hub.flush()
            expect(failures).toEqual([])
            for (const { channel, top } of tops) {
              const from = start.tops.find((each) => each.channel === channel)?.top ?? 0
              const all = Array.from({ length: top - from }, (_, index) => from + index + 1)
              expect([seen(channel), followed(channel)]).toEqual([all, all])
            }
          }
        }),
        { numRuns: 15 },
      )
    })
  })
}

const CHANNELS = [URGENT_CHANNEL, channelName('alerts', 'line-1'), channelName('alerts', 'line-3')]

function changedBy(priority: string, area: string): ChannelName {
  return priority === 'P0' ? URGENT_CHANNEL : channelName('alerts', area)
}

/** What a process of the server makes of a store that it shares: hub, pipeline and tail, and a reader of each channel. */
async function openNode(store: Store, start: Tail, late: <T>(answer: Promise<T>) => Promise<T>) {
  const delivered = new Map<ChannelName, number[]>()
  const followed = new Map<ChannelName, number[]>()
  const failures: unknown[] = []
  const hub = new Hub<string>({
    encode: ({ event }) => String(event.offset),
    join: (frames) => frames.join(','),
    tops: start.tops,
    ringSize: 4,
    schedule: () => void setImmediate(() => hub.flush()),
    behind: (channel) => tail.hear(channel),
    reloaded: (channel, why) => void failures.push(channel, why),
  })
  const commits = new Commits({
    hub,
    followers: [
      (events) => {
        for (const { channel, event } of events) note(followed, channel, event.offset)
      },
    ],
    sessionsEnded: () => {},
    revokedElsewhere: () => {},
  })
  const reading: Pick<StoreReader, 'tail' | 'events'> = {
    tail: (after) => late(store.tail(after)),
    events: (channel, after) => late(store.events(channel, after, { ...PAGE, maxItems: 3 })),
  }
  const { position } = start
  const failed = (cause: unknown): void => void failures.push(cause)
  const tail = new StoreTail({ store: reading, hub, commits, position, monotonic: () => 0, behind: () => {}, failed })
  for (const channel of CHANNELS) {
    hub.attach(channel, await store.snapshotStart(channel), {
      deliver: ({ first, frames }) => frames.forEach((_frame, index) => note(delivered, channel, first + index)),
      cutOff: () => void failures.push(`${channel} was cut off`),
    })
  }
  return {
    hub,
    tail,
    failures,
    submit: async (submission: Submission): Promise<SubmitResult> => commits.here(await late(store.submit(submission))),
    seen: (channel: ChannelName) => delivered.get(channel) ?? [],
    followed: (channel: ChannelName) => followed.get(channel) ?? [],
  }
}

function note(notes: Map<ChannelName, number[]>, channel: ChannelName, offset: number): void {
  const known = notes.get(channel)
  if (known === undefined) notes.set(channel, [offset])
  else known.push(offset)
}
