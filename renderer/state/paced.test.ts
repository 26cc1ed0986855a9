import { signal } from '@preact/signals'
import { expect, test } from 'vitest'
import { HandClock } from '../testing/hand-clock.ts'
import { paced } from './paced.ts'

const PACE_MS = 250

function follow(first: number) {
  const clock = new HandClock()
  const source = signal(first)
  const [followed, release] = paced(source, { isDear: (value) => value >= 100, paceMs: PACE_MS, clock })
  return { clock, source, followed, release }
}

test('[F6] what is cheap is followed at once', () => {
  const { source, followed } = follow(1)
  source.value = 2
  expect(followed.value).toBe(2)
})

test('[F6] what is dear is followed four times a second, and its last value in the end', () => {
  const { clock, source, followed } = follow(100)
  const seen = new Set<number>()
  for (let n = 0; n < 60; n += 1) {
    source.value = 101 + n
    clock.pass(1_000 / 60)
    seen.add(followed.value)
  }
  clock.pass(PACE_MS)
  expect(followed.value).toBe(160)
  expect(seen.size).toBeLessThanOrEqual(1_000 / PACE_MS + 1)
})

test('[F6] what becomes cheap again is followed at once, and a release ends it', () => {
  const { clock, source, followed, release } = follow(100)
  source.value = 101
  source.value = 3
  expect(followed.value).toBe(3)
  source.value = 200
  release()
  clock.pass(PACE_MS)
  expect(followed.value).toBe(3)
})
