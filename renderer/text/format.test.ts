import { expect, test } from 'vitest'
import { clockOrDay } from './format.ts'

test('a time of another day says the day: "offline since 09:41" must not be yesterday', () => {
  const now = new Date(2026, 10, 20, 14, 6)
  expect(clockOrDay(new Date(2026, 10, 20, 9, 41), now)).toBe('09:41')
  expect(clockOrDay(new Date(2026, 10, 19, 9, 41), now)).toBe('19 Nov 09:41')
})

test('midnight is 00, not 24', () => {
  const midnight = new Date(2026, 10, 20, 0, 5)
  expect(clockOrDay(midnight, midnight)).toBe('00:05')
})
