import { expect, test } from 'vitest'
import { olderFirst, TAIL_STEP, tailStart } from './tail.ts'

const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => ({ key: String(from + n) }))

test('at the end the newest rows are drawn, and a short talk whole [F5]', () => {
  expect(tailStart(rows(0, 1_000), null)).toBe(1_000 - TAIL_STEP)
  expect(tailStart(rows(0, 5), null)).toBe(0)
  expect(tailStart([], null)).toBe(0)
})

test('away from it the oldest drawn row stays, whatever comes or goes; each step draws as many more [F5]', () => {
  const all = rows(0, 1_000)
  const start = tailStart(all, null)
  const first = all[start]?.key ?? null
  expect(tailStart(rows(0, 1_050), first)).toBe(start)
  expect(tailStart(rows(50, 1_050), first)).toBe(start - 50)
  const older = olderFirst(all, start)
  expect(tailStart(all, older)).toBe(start - TAIL_STEP)
  expect(tailStart(rows(900, 1_900), older)).toBe(0)
  expect(olderFirst(all, 10)).toBe('0')
})
