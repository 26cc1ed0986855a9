import { expect, test } from 'vitest'
import { HandClock } from '../testing/hand-clock.ts'
import { dimAt, flashInOnePhase, HALF_FLASH_MS } from './one-phase.ts'

test('a P0 is dim every other half second, what is less every other second', () => {
  const halves = [0, 1, 2, 3, 4].map((half) => dimAt(half * HALF_FLASH_MS))
  expect(halves).toEqual(['', 'fast', 'slow', 'fast slow', ''])
})

test('pages that began at different moments are always in the same half, and change twice a second [F7]', () => {
  const clock = new HandClock()
  let writes = 0
  const dataset = new Proxy<Record<string, string>>(
    {},
    {
      set(target, name, value: string) {
        writes += 1
        return Reflect.set(target, name, value)
      },
    },
  )
  const pages = [{ dataset }, { dataset: {} as Record<string, string> }] as const
  const timed = { now: () => clock.monotonic(), after: clock.after.bind(clock) }
  const stopFirst = flashInOnePhase(pages[0] as unknown as HTMLElement, timed)
  clock.pass(730)
  const stopLater = flashInOnePhase(pages[1] as unknown as HTMLElement, timed)
  const before = writes
  for (let passed = 0; passed < 4_000; passed += 100) {
    clock.pass(100)
    expect(pages[0].dataset['dim']).toBe(pages[1].dataset['dim'])
    expect(pages[0].dataset['dim']).toBe(dimAt(clock.monotonic()))
  }
  expect(writes - before).toBe(8)
  stopFirst()
  stopLater()
  expect(pages.map((page) => page.dataset['dim'])).toEqual([undefined, undefined])
})
