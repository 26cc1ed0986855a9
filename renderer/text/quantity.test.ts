import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { breachOf } from '../../relay/domain/telemetry.ts'
import { exact, quantity, shortened, withUnit } from './quantity.ts'
import { speak } from './text.ts'

afterEach(() => speak('en'))

test.each([
  [0, '0.00'],
  [-0, '0.00'],
  [0.416, '0.42'],
  [0.0009, '0.00090'],
  [-0.001, '-0.0010'],
  [0.042, '0.042'],
  [9.994, '9.99'],
  [9.996, '10.0'],
  [42.04, '42.0'],
  [99.96, '100'],
  [1234.5, '1,235'],
  [-17.25, '-17.3'],
  [1_234_567, '1,234,567'],
  [1_234_567_890, '1,234,567,890'],
  [1e12, '1,000,000,000,000'],
  [9e-7, '9.0 × 10⁻⁷'],
  [-1e-15, '-1.0 × 10⁻¹⁵'],
])('%s is read as %s', (value, words) => {
  expect(quantity(value)).toBe(words)
})

test.each([
  [0.0009, { low: null, high: 0.0005 }, '0.00090', '0.0005'],
  [640.02, { low: 560, high: 640 }, '640.02', '640'],
  [640, { low: 560, high: 640 }, '640', '640'],
  [639.98, { low: 560, high: 640 }, '640', '640'],
  [0.986, { low: null, high: 0.989 }, '0.986', '0.989'],
  [-0.0004, { low: -0.0003, high: null }, '-0.00040', '-0.0003'],
])('%s beside the limits %j is read as %s, the limit as %s', (value, limits, words, limit) => {
  expect([quantity(value, limits), exact(limits.high ?? limits.low ?? 0, '')]).toEqual([words, limit])
})

/** The number that a person reads. */
function read(words: string): number {
  const [mantissa = '', power] = words.replaceAll(',', '').split(' × 10')
  const digits = Array.from(power ?? '', (sign) => (sign === '⁻' ? '-' : '⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(sign))).join('')
  return Number(`${mantissa}e${digits === '' ? 0 : digits}`)
}

const anyValue = fc.oneof(
  fc.double({ min: -1e15, max: 1e15, noNaN: true }),
  fc.double({ min: -1, max: 1, noNaN: true }),
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map((whole) => whole / 1_000),
)

test('whatever is measured, what is read is near it, on its side of nought and of its limits, with every digit before the point', () => {
  fc.assert(
    fc.property(anyValue, anyValue, (value, high) => {
      const limits = { low: null, high }
      const seen = read(quantity(value, limits))
      expect(Math.sign(seen)).toBe(Math.sign(value) || 0)
      expect(Math.abs(seen - value)).toBeLessThanOrEqual(Math.max(Math.abs(value) * 0.051, 1e-300))
      expect(Math.abs(seen - value)).toBeLessThanOrEqual(0.5)
      if (Math.abs(value) >= 1e-6) expect(breachOf(seen, limits)).toBe(breachOf(value, limits))
    }),
  )
})

test('a limit, and a value in its sheet, has every digit', () => {
  expect([exact(80, '%'), exact(0.125, 'mm'), exact(0.0005, ''), exact(0.1 + 0.2, '')]).toEqual([
    '80 %',
    '0.125 mm',
    '0.0005',
    '0.30000000000000004',
  ])
  fc.assert(
    fc.property(anyValue, (value) => {
      expect(read(exact(value, ''))).toBe(value === 0 ? 0 : value)
    }),
  )
})

test('what is shortened says so, in the words of the language', async () => {
  expect([
    shortened(1_234_567, 4),
    shortened(-1e12, 3),
    shortened(640.0213, 4),
    shortened(9.14e-7, 3),
    shortened(0.0007, 2),
    shortened(1.3e-5, 2),
  ]).toEqual(['≈1.235M', '-1T', '≈640', '≈9.1 × 10⁻⁷', '0.0007', '≈1 × 10⁻⁵'])
  await speak('ko')
  expect([shortened(1_234_567, 4), shortened(1e12, 3)]).toEqual(['≈123.5만', '1조'])
})

test('a unit stands behind its value; a bare number has none', () => {
  expect(withUnit(41, 'bar')).toBe('41.0 bar')
  expect(withUnit(41, '')).toBe('41.0')
})

test('the words of a trend tell a value from its limits as the tile does', () => {
  expect(withUnit(60.04, 'bar', { low: 40, high: 60 })).toBe('60.04 bar')
  expect(withUnit(0.5004, 'mm', { low: null, high: 0.5 })).toBe('0.5004 mm')
})
