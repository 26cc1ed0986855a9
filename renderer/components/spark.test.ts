import { expect, test } from 'vitest'
import { sparkPath } from './spark.tsx'

test('a line goes from corner to corner, a value that does not move through the middle', () => {
  const mean = (at: number, value: number) => [at, value - 1, value, value + 1] as const
  expect(sparkPath([mean(0, 1), mean(5, 3), mean(10, 2)].map(([...point]) => point))).toBe(
    'M0.0 29.0L50.0 1.0L100.0 15.0',
  )
  expect(sparkPath([mean(0, 4), mean(9, 4)].map(([...point]) => point))).toBe('M0.0 15.0L100.0 15.0')
  expect(sparkPath([mean(3, 4), mean(3, 4)].map(([...point]) => point))).toBe('M0.0 15.0L0.0 15.0')
})
