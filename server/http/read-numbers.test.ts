import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readNumbers } from './read-numbers.ts'

describe('JSON with numbers that JSON does not know', () => {
  it('[Y1] reads them as what no measurement may be, wherever a number may stand', () => {
    expect(readNumbers('[{"value":NaN},{"value": Infinity },{"value":-Infinity},{"value":7}]')).toEqual([
      { value: Infinity },
      { value: Infinity },
      { value: -Infinity },
      { value: 7 },
    ])
    expect(readNumbers('NaN')).toBe(Infinity)
  })

  it('[Y1] leaves texts alone, whatever stands in them', () => {
    const value = [{ label: 'NaN, "Infinity" \\', note: '\\"NaN', more: '-Infinity\n' }]
    expect(readNumbers(`[${JSON.stringify(value)},NaN]`)).toEqual([value, Infinity])
  })

  it.each([
    '[nan]',
    '[NaNs]',
    '[1NaN]',
    '[1.Infinity]',
    '[+Infinity]',
    '{NaN:1}',
    '[NaN',
    '["NaN]',
    '["NaN\\',
    '[NaN]x',
    '[--NaN]',
  ])('[Y1] %s is no JSON all the same', (content) => {
    expect(() => readNumbers(content)).toThrow(SyntaxError)
  })

  it('[Y1] reads whatever stands beside them as JSON is read', () => {
    fc.assert(
      fc.property(fc.json(), (content) => {
        expect(readNumbers(`[${content},NaN]`)).toEqual([JSON.parse(content), Infinity])
      }),
    )
  })

  it('[P8] [Y1] an unfinished text of a megabyte is stepped over once, not begun again at each of its marks', () => {
    const words = `["${'\\"'.repeat(500_000)}NaN`
    expect(() => readNumbers(words)).toThrow(SyntaxError)
    expect(() => readNumbers(`NaN${'"'.repeat(1_000_001)}`)).toThrow(SyntaxError)
  })
})
