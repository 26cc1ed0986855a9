import { expect, test } from 'vitest'
import { grown } from './use-growing.ts'

test('[F7] as many as there is room for are drawn at once, and at least the next one', () => {
  expect(grown(0, [8, 8, 8, 8], 24)).toBe(3)
  expect(grown(3, [8, 8, 8, 8], 24)).toBe(4)
  expect(grown(4, [8, 8, 8, 8], 24)).toBe(4)
  expect(grown(0, [64, 1], 24)).toBe(1)
  expect(grown(0, [20, 10, 1], 24)).toBe(1)
  expect(grown(0, [], 24)).toBe(0)
})

test('[F7] whatever machines have, the last is drawn in the end', () => {
  const weights = [0, 100, 3, 0, 24, 25, 1]
  let drawn = 0
  let frames = 0
  for (; drawn < weights.length; frames += 1) drawn = grown(drawn, weights, 24)
  expect(frames).toBeLessThanOrEqual(weights.length)
})
