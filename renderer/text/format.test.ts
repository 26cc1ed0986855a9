import { expect, test } from 'vitest'
import { age, clockOrDay } from './format.ts'

test('a time of another day says the day: "offline since 09:41" must not be yesterday', () => {
  const now = new Date(2026, 10, 20, 14, 6)
  expect(clockOrDay(new Date(2026, 10, 20, 9, 41), now)).toBe('09:41')
  expect(clockOrDay(new Date(2026, 10, 19, 9, 41), now)).toBe('19 Nov 09:41')
})

test('midnight is 00, not 24', () => {
  const midnight = new Date(2026, 10, 20, 0, 5)
  expect(clockOrDay(midnight, midnight)).toBe('00:05')
})

test('an age is said in the largest unit that says enough', () => {
  expect([0, 59, 60, 119 * 60, 120 * 60, 47 * 3600, 48 * 3600].map((seconds) => age(seconds * 1000))).toEqual([
    'a moment',
    'a moment',
    '1 min',
    '119 min',
    '2 h',
    '47 h',
    '2 days',
  ])
})
