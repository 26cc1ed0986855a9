import { expect, test } from 'vitest'
import { limitValue, quantity, withUnit } from './quantity.ts'

test.each([
  [0, '0.00'],
  [-0, '0.00'],
  [0.416, '0.42'],
  [9.994, '9.99'],
  [9.996, '10.0'],
  [42.04, '42.0'],
  [99.96, '100'],
  [1234.5, '1,235'],
  [-17.25, '-17.3'],
])('%s is read as %s', (value, words) => {
  expect(quantity(value)).toBe(words)
})

test('a unit stands behind its value; a bare number has none', () => {
  expect(withUnit(41, 'bar')).toBe('41.0 bar')
  expect(withUnit(41, '')).toBe('41.0')
})

test('a limit is written as it was set', () => {
  expect(limitValue(80, '%')).toBe('80 %')
  expect(limitValue(0.125, 'mm')).toBe('0.125 mm')
})
