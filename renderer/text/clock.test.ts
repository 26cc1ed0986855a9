import fc from 'fast-check'
import { expect, test } from 'vitest'
import { clock, clockWithSeconds } from './clock.ts'
import { grouped } from './grouped.ts'

const LOCALES = ['en', 'ko-KR']
const parts = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const

test.each(LOCALES)('a time of day is what %s writes', (locale) => {
  const short = new Intl.DateTimeFormat(locale, parts)
  const long = new Intl.DateTimeFormat(locale, { ...parts, second: '2-digit' })
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true, min: new Date(2000, 0), max: new Date(2100, 0) }), (at) => {
      expect([clock(at), clockWithSeconds(at)]).toEqual([short.format(at), long.format(at)])
    }),
  )
})

test.each(LOCALES)('a count is what %s writes', (locale) => {
  fc.assert(
    fc.property(fc.integer({ min: -5_000, max: 2_000_000 }), (value) => {
      expect(grouped(value, locale)).toBe(value.toLocaleString(locale))
    }),
  )
})
