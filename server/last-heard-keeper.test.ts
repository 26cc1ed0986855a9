import { expect, it } from 'vitest'
import type { DeviceId } from '../relay/protocol/ids.ts'
import { StoreUnavailable } from './ports/store-errors.ts'
import type { Heard, LastHeard } from './ports/last-heard.ts'
import { LastHeardKeeper } from './last-heard-keeper.ts'

const NOW = Date.parse('2026-11-20T06:00:00.000Z')
const MINUTE = 60_000

function idOf(number: number): DeviceId {
  return `${number}`.padStart(43, 'd') as DeviceId
}

function lastHeard(number: number, agoMs: number): LastHeard {
  const device = { id: idOf(number), name: 'Press', areas: [], status: 'active' } as const
  return { device, isAlone: false, at: new Date(NOW - agoMs).toISOString() }
}

function heard(number: number): Heard {
  return { device: idOf(number), area: 'line-3', isAlone: false, at: new Date(NOW).toISOString(), isOver: false }
}

const HEARD = [lastHeard(1, MINUTE), lastHeard(2, 90 * MINUTE)]

function newKeeper({ isAlone = true, heard: stored = HEARD } = {}) {
  const state = { hasHadTime: false, isFull: false, unkept: [] as readonly Heard[] }
  const kept: (readonly Heard[])[] = []
  const restored: string[] = []
  const keeper = new LastHeardKeeper({
    presence: {
      hasHadTime: () => state.hasHadTime,
      unkept: () => state.unkept,
      restore: (area, rows) =>
        void restored.push(
          ...rows.map(({ heardWall }) => `${area} ${new Date(heardWall).toISOString().slice(11, 16)}`),
        ),
    },
    store: {
      heard: (rows) => {
        if (state.isFull) return Promise.reject(new StoreUnavailable())
        kept.push(rows)
        return Promise.resolve()
      },
      lastHeard: () => Promise.resolve(stored),
    },
    areas: ['line-3'],
    log: { warn: () => {} },
    isAlone,
    leaseMs: 35_000,
    monotonic: () => 0,
    wall: () => NOW,
  })
  return { keeper, state, kept, restored }
}

it('[M12] says once who is silent, oldest first, when everybody had the time to come back', async () => {
  const { keeper, state, restored } = newKeeper()
  await keeper.step()
  expect(restored).toEqual([])
  state.hasHadTime = true
  await keeper.step()
  await keeper.step()
  expect(restored).toEqual(['line-3 04:30', 'line-3 05:59'])
})

it('[M12] [U6] calls nobody silent whom another server may have heard since', async () => {
  const { keeper, state, restored } = newKeeper({ isAlone: false })
  state.hasHadTime = true
  await keeper.step()
  expect(restored).toEqual(['line-3 04:30'])
})

it.each([
  [true, ['line-3 06:00', 'line-3 06:00']],
  [false, ['line-3 05:54']],
])('[M12] names who was heard by a clock that was ahead (alone: %s)', async (isAlone, names) => {
  const { keeper, state, restored } = newKeeper({
    isAlone,
    heard: [lastHeard(1, -1_440 * MINUTE), lastHeard(2, -MINUTE)],
  })
  state.hasHadTime = true
  await keeper.step()
  expect(restored).toEqual(names)
})

it('[M12] [P8] writes in pieces, and what the store does not take again with the next, and nothing more of it meanwhile', async () => {
  const { keeper, state, kept } = newKeeper()
  const first = Array.from({ length: 450 }, (_, index) => heard(index))
  Object.assign(state, { isFull: true, unkept: first })
  await keeper.step()
  state.unkept = [heard(1_000)]
  await keeper.step()
  expect(keeper.counts()).toEqual({ kept: 0, untaken: 450 })
  state.isFull = false
  await keeper.step()
  expect([kept.flat(), Math.max(...kept.map((rows) => rows.length))]).toEqual([first, 200])
  await keeper.stop()
  expect(kept.at(-1)).toEqual([heard(1_000)])
  expect(keeper.counts()).toEqual({ kept: 451, untaken: 0 })
})
