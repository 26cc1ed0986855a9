import { expect, test } from 'vitest'
import { dueDayOf, movedDue, withDueDay } from './due.ts'

/** Local, as a person at the terminal says it. */
const local = (day: number, hours: number, minutes = 0) => new Date(2026, 10, day, hours, minutes)
const iso = (day: number, hours: number, minutes = 0) => local(day, hours, minutes).toISOString()
const NOW = local(30, 13, 20)

test('a time has a day with a name, or none', () => {
  expect(dueDayOf(null, NOW)).toBe('none')
  expect(dueDayOf(iso(30, 23), NOW)).toBe('today')
  expect(dueDayOf(iso(31, 0), NOW)).toBe('tomorrow')
  expect(dueDayOf(iso(29, 12), NOW)).toBeNull()
  expect(dueDayOf(iso(32, 12), NOW)).toBeNull()
})

test('the first time is the next full hour, tomorrow noon', () => {
  expect(withDueDay(null, 'today', NOW)).toBe(iso(30, 14))
  expect(withDueDay(null, 'tomorrow', NOW)).toBe(iso(31, 12))
  expect(withDueDay(null, 'today', local(30, 23, 20))).toBe(iso(30, 23, 45))
})

test('another day keeps the time of day', () => {
  expect(withDueDay(iso(29, 6, 30), 'today', NOW)).toBe(iso(30, 6, 30))
  expect(withDueDay(iso(30, 6, 30), 'tomorrow', NOW)).toBe(iso(31, 6, 30))
  expect(withDueDay(iso(30, 6, 30), 'none', NOW)).toBeNull()
})

test('a time moves by days, and from quarter to quarter', () => {
  expect(movedDue(iso(30, 14), { days: 1 })).toBe(iso(31, 14))
  expect(movedDue(iso(30, 14), { minutes: 15 })).toBe(iso(30, 14, 15))
  expect(movedDue(iso(30, 14, 7), { minutes: 15 })).toBe(iso(30, 14, 15))
  expect(movedDue(iso(30, 14, 7), { minutes: -15 })).toBe(iso(30, 14))
  expect(movedDue(iso(30, 23, 30), { minutes: 60 })).toBe(iso(31, 0, 30))
})
