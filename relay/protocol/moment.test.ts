import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isoOf, momentOf } from './moment.ts'

const NOON = Date.UTC(2026, 10, 20, 12)

describe('a time from outside', () => {
  it.each([
    ['2026-11-20T12:00:00Z', NOON],
    ['2026-11-20t12:00:00z', NOON],
    ['2026-11-20 12:00:00.000Z', NOON],
    ['2026-11-20T21:00:00+09:00', NOON],
    ['2026-11-20T21:00:00+0900', NOON],
    ['2026-11-20T21:00:00 +09', NOON],
    ['2026-11-20T06:30:00-05:30', NOON],
    ['2026-11-20T12:00:00.5Z', NOON + 500],
    ['2026-11-20T12:00:00.123456789Z', NOON + 123],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['9999-12-31T23:59:59.999Z', Date.UTC(9999, 11, 31, 23, 59, 59, 999)],
    ['0000-01-01T00:01:00+00:01', Date.parse('0000-01-01T00:00:00.000Z')],
  ])('[Y2] %s is that moment, whatever its offset', (iso, moment) => {
    expect(momentOf(iso)).toBe(moment)
    expect(isoOf(moment)).toBe(new Date(moment).toISOString())
  })

  it.each([
    '2026-11-20T12:00:00',
    '2026-11-20',
    '2026-02-31T12:00:00Z',
    '2023-02-29T12:00:00Z',
    '2026-13-20T12:00:00Z',
    '2026-11-00T12:00:00Z',
    '2026-11-20T24:00:00Z',
    '2026-11-20T12:60:00Z',
    '2026-11-20T12:00:60Z',
    '2026-11-20T12:00:00+24:00',
    '9999-12-31T23:59:59-00:01',
    '0000-01-01T00:00:00+00:01',
    '12:00',
    '',
  ])('[Y2] "%s" is none', (iso) => {
    expect(momentOf(iso)).toBeNull()
  })

  it('[Y2] any moment of any offset is what the engine’s own calendar makes of it', () => {
    const years = fc.integer({ min: Date.UTC(1, 0, 1), max: Date.UTC(9998, 0, 1) })
    fc.assert(
      fc.property(years, fc.integer({ min: -23 * 60, max: 23 * 60 }), (moment, minutes) => {
        const local = new Date(moment + minutes * 60_000).toISOString().slice(0, -1)
        const two = (count: number) => String(count).padStart(2, '0')
        const size = Math.abs(minutes)
        const offset = `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
        expect(momentOf(local + offset)).toBe(moment)
        expect(isoOf(moment)).toBe(new Date(moment).toISOString())
      }),
    )
  })
})
