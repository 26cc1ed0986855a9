import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ClientFrameOf } from '../../relay/protocol/frames.ts'
import type { CommandId, DeviceId } from '../../relay/protocol/ids.ts'
import { SimulatedTime } from '../../test/model/simulated-time.ts'
import { useTimersOf } from '../../test/model/world.ts'
import { StoreUnavailable } from '../ports/store-errors.ts'
import { ReceiptIntake } from './receipt-intake.ts'

let time: SimulatedTime
let release: () => void
beforeEach(() => {
  time = new SimulatedTime()
  release = useTimersOf(time)
})
afterEach(() => release())

function batch(ref: number, agoMs = 0): ClientFrameOf<'receipts'> {
  return { t: 'receipts', ref, items: [{ alert: 'a' as CommandId, kind: 'displayed', agoMs }] }
}

function setUp() {
  const world = {
    recorded: [] as number[],
    crowded: [] as boolean[],
    written: [] as string[],
    waitMs: 0,
    isDiskFull: false,
    dropped: 0,
    stale: 0,
    links: [] as unknown[],
    link: 7,
    /** Of the device, as the store has it. */
    newest: 7,
  }
  const intake = new ReceiptIntake({
    store: {
      recordReceipts: (receipts, from) => {
        world.links.push(from?.link)
        if (from?.link !== world.newest) return Promise.resolve('stale-link')
        if (world.isDiskFull) return Promise.reject(new StoreUnavailable())
        world.written.push(...receipts.map(({ at }) => at))
        return Promise.resolve(1)
      },
    },
    device: 'd'.repeat(43) as DeviceId,
    link: () => world.link,
    stale: () => (world.stale += 1),
    pace: () => world.waitMs,
    dropped: (count) => (world.dropped += count),
    recorded: ({ ref }) => world.recorded.push(ref),
    crowded: (isCrowded) => world.crowded.push(isCrowded),
    failed: (cause) => {
      throw cause
    },
    nowMs: () => 1_000_000 + time.now,
  })
  return { intake, world }
}

it('[E1] records batch after batch, in order, and says so of each; the time is that of its coming', async () => {
  const { intake, world } = setUp()
  for (const ref of [1, 2, 3]) intake.take(batch(ref, 400_000))
  await time.advance(1)
  expect(world.recorded).toEqual([1, 2, 3])
  expect(new Set(world.written)).toEqual(new Set([new Date(600_000).toISOString()]))
  expect(world.dropped).toBe(3)
})

it('[N11] records nothing of a link that is stale, and ends it', async () => {
  const { intake, world } = setUp()
  world.newest = 8
  intake.take(batch(1))
  intake.take(batch(2))
  await time.advance(1)
  expect([world.recorded, world.stale, world.links]).toEqual([[], 1, [7]])
})

it('[N14] records what was under way while its device moved to a newer link, by that one', async () => {
  const { intake, world } = setUp()
  world.newest = 8
  intake.take(batch(1))
  world.link = 8
  await time.advance(1)
  expect([world.recorded, world.stale, world.links]).toEqual([[1], 0, [7, 8]])
})

it('[E3] waits for its rate, and holds up nobody who handed it over', async () => {
  const { intake, world } = setUp()
  world.waitMs = 300
  intake.take(batch(1))
  await time.advance(299)
  expect(world.recorded).toEqual([])
  world.waitMs = 0
  await time.advance(2)
  expect(world.recorded).toEqual([1])
  expect(world.written).toEqual([new Date(1_000_000).toISOString()])
})

it('[C6] tries again what the disk did not take, and nothing is lost or out of order', async () => {
  const { intake, world } = setUp()
  world.isDiskFull = true
  for (const ref of [1, 2]) intake.take(batch(ref))
  await time.advance(60_000)
  expect(world.recorded).toEqual([])
  world.isDiskFull = false
  await time.advance(2_001)
  expect(world.recorded).toEqual([1, 2])
})

it('[P8] asks to be sent no more when more waits than a relay sends, and nothing once the connection is gone', async () => {
  const { intake, world } = setUp()
  world.waitMs = 100
  for (const ref of [1, 2, 3, 4]) intake.take(batch(ref))
  expect(world.crowded).toEqual([true])
  world.waitMs = 0
  await time.advance(101)
  expect([world.crowded, world.recorded]).toEqual([
    [true, false],
    [1, 2, 3, 4],
  ])
  world.waitMs = 100
  intake.take(batch(5))
  intake.end()
  world.waitMs = 0
  await time.advance(1_000)
  expect(world.recorded).toEqual([1, 2, 3, 4])
})
