import { signal } from '@preact/signals'
import { expect, test } from 'vitest'
import { momentOf, timeWords } from './moments.ts'

const NOON = new Date(2026, 10, 20, 12)
const clocks = (aheadMs: number) => ({ now: signal(NOON.getTime() + aheadMs), serverNow: signal(NOON.getTime()) })
const MINUTE = 60_000
const HOUR = 60 * MINUTE

test('[P7] a moment of the server is said as it is, and its day is the server’s, on a device that is days off', () => {
  const wrong = clocks(50 * HOUR)
  expect(timeWords(wrong, new Date(2026, 10, 20, 9, 41).toISOString())).toBe('09:41')
  expect(timeWords(wrong, new Date(2026, 10, 19, 9, 41))).toBe('19 Nov 09:41')
})

test('[P7] a moment of this device is said by the clock of the server', () => {
  for (const ahead of [5 * HOUR, -9 * HOUR, 0]) {
    const { now, serverNow } = clocks(ahead)
    expect(timeWords({ now, serverNow }, now.value - 10 * MINUTE)).toBe('11:50')
  }
})

test('a device that is right but for seconds says its own minutes, whatever the way of an answer took', () => {
  const at = NOON.getTime()
  for (const ahead of [-20_000, -300, 0, 300, 20_000]) expect(momentOf(clocks(ahead), at)).toEqual(NOON)
})
