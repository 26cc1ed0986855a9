import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { legible, printable, printableJson } from './printable.ts'

/** What a terminal obeys, and what turns the words around it. */
// oxlint-disable-next-line no-control-regex -- control characters are exactly what must not be there
const ACTING = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]|\p{Cs}/u
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 100 })
  .map((codes) => String.fromCharCode(...codes))

describe('words of others', () => {
  it('[C7] [X9] are printed as one line that does nothing to a terminal, and nothing of them is left out', () => {
    expect(printable('Press\u001b[2J \u202e2\n\u009b3\u0000')).toBe('Press\\u001b[2J \\u202e2\\u000a\\u009b3\\u0000')
    expect(printable('a\u061cb\u200b\u200e\u200f \ufdd0\u{1ffff}')).toBe(
      'a\\u061cb\\u200b\\u200e\\u200f \\ufdd0\\ud83f\\udfff',
    )
    expect(printable('3호 프레스 👩‍🏭 می‌خواهم')).toBe('3호 프레스 👩‍🏭 می‌خواهم')
    fc.assert(
      fc.property(anyText, (words) => {
        expect(printable(words)).not.toMatch(ACTING)
      }),
    )
  })

  it('[C7] [X9] in JSON mean the same to a program', () => {
    fc.assert(
      fc.property(anyText, (words) => {
        const json = printableJson({ words, list: [words] })
        expect(json).not.toMatch(ACTING)
        expect(JSON.parse(json)).toEqual({ words, list: [words] })
      }),
    )
  })

  it.each(['\u3164', '\u200b\u2060', '\u{1d159}', ' \u2800 '])('[C7] on a page are never an empty row: %j', (title) => {
    expect(legible({ title, body: '', note: ' \n' })).toEqual({ title: '\ufffd', body: '', note: ' \n' })
  })

  it('[C7] on a page keep their lines; what acts is a replacement character, in whatever depth and under whatever key', () => {
    const stored = { title: 'a\u202eb', list: [{ body: 'one\n\ttwo\u001b' }], 'k\u0000': null, n: 1 }
    expect(legible(stored)).toEqual({ title: 'a\ufffdb', list: [{ body: 'one\n\ttwo\ufffd' }], 'k\ufffd': null, n: 1 })
    const clean = { title: '3호', list: [{ body: 'one\n\ttwo' }], at: null }
    expect(legible(clean)).toBe(clean)
  })
})
