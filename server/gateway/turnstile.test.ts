import { afterEach, beforeEach, expect, it } from 'vitest'
import { SimulatedTime } from '../../test/model/simulated-time.ts'
import { useTimersOf } from '../../test/model/world.ts'
import { Turnstile } from './turnstile.ts'

let time: SimulatedTime
let release: () => void
beforeEach(() => {
  time = new SimulatedTime()
  release = useTimersOf(time)
})
afterEach(() => release())

it('[V8] lets pass at once what has room, and the rest when its time has come, however often it is put off', async () => {
  const waits = [0, 300, 200, 0]
  const turnstile = new Turnstile({ waitMs: () => waits.shift() ?? 0 })
  expect(turnstile.enter()).toBeNull()
  const passed: boolean[] = []
  void turnstile.enter()?.then((passes) => passed.push(passes))
  await time.advance(499)
  expect([passed, waits]).toEqual([[], [0]])
  await time.advance(2)
  expect(passed).toEqual([true])
})

it('[V8] [V9] lets nobody pass once it is over, nor makes anybody wait for it', async () => {
  const turnstile = new Turnstile({ waitMs: () => 1_000 })
  const waiting = turnstile.enter()
  turnstile.end()
  expect(await waiting).toBe(false)
  expect(await turnstile.enter()).toBe(false)
})
