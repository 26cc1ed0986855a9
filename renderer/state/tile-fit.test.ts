import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { breachOf } from '../../relay/domain/telemetry.ts'
import { limitWords } from '../text/limit-words.ts'
import { quantity } from '../text/quantity.ts'
import { speak } from '../text/text.ts'
import { fitLimit, fitValue, type TileMeasure } from './tile-fit.ts'

afterEach(() => speak('en'))

/** As wide as so many letters; a smaller number has room for more. */
function letters(room: number): TileMeasure {
  const scale = { large: 1, medium: 0.75, small: 0.5 } as const
  return {
    room,
    number: (words, size) => words.length * scale[size],
    unit: (words) => words.length + 1,
    limit: (words) => words.length * 0.6,
  }
}

/** The number that is read, and what a sign before it says of it. */
function read(words: string): { readonly sign: string; readonly number: number } {
  const [, sign = '', mantissa = '', size = '', power = ''] =
    /^([≈<>]?)(-?[\d,.]+)([KMBT]?)(?: × 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?$/.exec(words) ?? []
  const tens = Array.from(power, (one) => (one === '⁻' ? '-' : '⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(one))).join('')
  const exponent = { K: 3, M: 6, B: 9, T: 12 }[size] ?? Number(tens)
  return { sign, number: Number(`${mantissa.replaceAll(',', '')}e${exponent}`) }
}

function tile(value: number, high: number, room: number): { readonly value: string; readonly limit: string } {
  const measure = letters(room)
  const limits = { low: null, high }
  const breach = breachOf(value, limits)
  const { words, reads } = fitValue(value, 'kWh', { limits, measure })
  return { value: words, limit: fitLimit(limitWords({ breach, limits, unit: 'kWh', reads }), 'plain', measure) }
}

test.each([
  [1_000_000_000_001, 1e12, 30, '1,000,000,000,001', 'Above 1,000,000,000,000 kWh'],
  [1_000_000_000_001, 1e12, 8, '1.000000000001T', 'Above 1T'],
  [1_000_000_000_001, 1e12, 5, '>1T', 'Above 1T'],
  [999_999_999_999, 1e12, 5, '≈1T', '…'],
  [1e12, 1e12, 5, '1T', '…'],
  [1e12, 1e12, 7, '1T', 'at most 1T'],
  [1_234_567, 1_234_000, 4, '≈1.235M', '1.234M'],
  [-1_234_567_890.5, 640, 6, '≈-1.235B', '…'],
  [1.000_04e12, 1.000_01e12, 4, '1.00004T', '≈1T'],
])('%f beside a limit of %f in a room of %d', (value, high, room, words, limit) => {
  expect(tile(value, high, room)).toEqual({ value: words, limit })
})

const anyValue = fc.oneof(
  fc.double({ min: -1e15, max: 1e15, noNaN: true }),
  fc.double({ min: -1, max: 1, noNaN: true }),
  fc.double({ min: -1e-5, max: 1e-5, noNaN: true }),
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map((whole) => whole / 1_000),
)
/** A value, and a limit that is far from it or as near as two doubles are. */
const anyPair = fc.oneof(
  fc.tuple(anyValue, anyValue),
  fc
    .tuple(anyValue, fc.integer({ min: 1, max: 15 }))
    .map(([value, digits]) => [value, Number(value.toPrecision(digits))]),
  fc.tuple(anyValue, fc.double({ min: -1e-9, max: 1e-9, noNaN: true })).map(([value, by]) => [value, value * (1 + by)]),
) as fc.Arbitrary<readonly [number, number]>

test('in any room, what is read of a value is near it, and on the same side of its limit as what is read of that', () => {
  fc.assert(
    fc.property(anyPair, fc.integer({ min: 3, max: 30 }), ([value, high], room) => {
      const limits = { low: null, high }
      const breach = breachOf(value, limits)
      const said = tile(value, high, room)
      const seen = read(said.value)
      expect(Math.abs(seen.number - value)).toBeLessThanOrEqual(Math.max(Math.abs(value) * 0.051, 0.5))
      // All of it, or a sign that it is not.
      expect(seen.sign !== '' || said.value === quantity(value, limits) || seen.number === value).toBe(true)
      const limit = /[≈-]?\d.*?(?= kWh|$)/.exec(said.limit)?.[0]
      if (limit === undefined) return
      const top = read(limit)
      // Named by its limit: on that side of it.
      if (seen.sign === '>') expect(value).toBeGreaterThan(seen.number)
      if (seen.sign === '<') expect(value).toBeLessThan(seen.number)
      const meant = seen.sign === '>' || seen.sign === '<' ? value : seen.number
      if (top.sign === '≈' || seen.sign !== '≈') expect(breachOf(meant, { low: null, high: top.number })).toBe(breach)
    }),
    { numRuns: 2_000 },
  )
})
