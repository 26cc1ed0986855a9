import { expect, test } from 'vitest'
import { axisTimes, clockOrDay } from './format.ts'

test('a time of another day says the day: "offline since 09:41" must not be yesterday', () => {
  const now = new Date(2026, 10, 20, 14, 6)
  expect(clockOrDay(new Date(2026, 10, 20, 9, 41), now)).toBe('09:41')
  expect(clockOrDay(new Date(2026, 10, 19, 9, 41), now)).toBe('19 Nov 09:41')
})

test('midnight is 00, not 24', () => {
  const midnight = new Date(2026, 10, 20, 0, 5)
  expect(clockOrDay(midnight, midnight)).toBe('00:05')
})

test('an axis of a whole day says which day, once for each; a short one says minutes', () => {
  const at = (day: number, hours: number): number => new Date(2026, 10, day, hours).getTime() / 1_000
  const times = [at(19, 18), at(19, 21), at(20, 0), at(20, 3)]
  expect(axisTimes(times, 24 * 3_600_000)).toEqual(['18:00\n19 Nov', '21:00', '00:00\n20 Nov', '03:00'])
  expect(axisTimes(times.slice(0, 1), 3_600_000)).toEqual(['18:00'])
  expect(axisTimes(times.slice(0, 1), 900_000)).toEqual(['18:00'])
})
