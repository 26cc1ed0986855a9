import { afterEach, beforeEach, expect, it } from 'vitest'
import { SimulatedTime } from '../../test/model/simulated-time.ts'
import { useTimersOf } from '../../test/model/world.ts'
import { Deadlines, type Due } from './deadlines.ts'

let time: SimulatedTime
let release: () => void
beforeEach(() => {
  time = new SimulatedTime()
  release = useTimersOf(time)
})
afterEach(() => release())

/** Whose deadline comes, and when it did. */
class Member implements Due {
  dueAt: number
  slot = 0
  readonly told: number[] = []
  constructor(dueAt: number) {
    this.dueAt = dueAt
  }
  overdue(): void {
    this.told.push(time.now)
  }
}

/** Never early, and at most this late. */
const LATE_MS = 100

it('[H2] [A1] tells everybody once, never early and hardly late, however far ahead it is', async () => {
  const deadlines = new Deadlines(() => time.now)
  const members = [0, 1, 99, 100, 101, 30_000, 59_999, 60_000, 60_001, 3_600_050].map((dueAt) => new Member(dueAt))
  for (const member of members) deadlines.set(member)
  await time.advance(4_000_000)
  for (const { dueAt, told } of members) {
    expect(told).toHaveLength(1)
    expect(told[0]).toBeGreaterThanOrEqual(dueAt)
    expect(told[0]).toBeLessThanOrEqual(dueAt + LATE_MS)
  }
})

it('[H2] forgets who was cleared, and looks again at who was moved on, or set anew', async () => {
  const deadlines = new Deadlines(() => time.now)
  const [cleared, movedOn, earlier] = [new Member(500), new Member(500), new Member(50_000)]
  for (const member of [cleared, movedOn, earlier]) deadlines.set(member)
  deadlines.clear(cleared)
  deadlines.clear(cleared)
  movedOn.dueAt = 900
  earlier.dueAt = 300
  deadlines.set(earlier)
  await time.advance(60_000)
  expect([cleared, movedOn, earlier].map(({ told }) => told)).toEqual([[], [900], [300]])
})

it('[H2] goes on although one that is told ends another, or sets itself anew', async () => {
  const deadlines = new Deadlines(() => time.now)
  const other = new Member(100)
  const again = new Member(100)
  const ends = Object.assign(new Member(100), { overdue: () => deadlines.clear(other) })
  again.overdue = () => {
    again.told.push(time.now)
    again.dueAt += 1_000
    if (again.told.length < 3) deadlines.set(again)
  }
  for (const member of [ends, other, again]) deadlines.set(member)
  await time.advance(10_000)
  expect([other.told, again.told]).toEqual([[], [100, 1_100, 2_100]])
})

it('[H2] asks no timer for a time that is over, and tells at once who is overdue already', async () => {
  const delays: number[] = []
  const { setTimeout: timer } = globalThis
  globalThis.setTimeout = ((run: () => void, ms: number) => {
    delays.push(ms)
    return timer(run, ms)
  }) as typeof setTimeout
  await time.advance(1_000)
  const late = new Member(450)
  new Deadlines(() => time.now).set(late)
  await time.advance(10)
  expect([late.told, delays]).toEqual([[1_000], [0]])
})
