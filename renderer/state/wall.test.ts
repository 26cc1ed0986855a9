import { expect, test } from 'vitest'
import { isNight } from './wall.ts'

test('a wall is dim from nine in the evening to six in the morning, by the clock of the place', () => {
  const hours = [0, 5, 6, 12, 20, 21, 23]
  expect(hours.filter((hour) => isNight(new Date(2026, 10, 20, hour, 59)))).toEqual([0, 5, 21, 23])
})
