import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { nameFrom, withoutForbidden } from './plain-text.ts'
import { deviceName, line, optionalProse, prose, unit } from './text.ts'

const say = (schema: v.GenericSchema<unknown, string>, words: string): string => {
  const parsed = v.safeParse(schema, words)
  return parsed.success ? parsed.output : `refused: ${parsed.issues[0].message}`
}

/** Writing of people, of which nothing may be lost. */
const WRITING = [
  '3호 프레스 유압 낮음',
  '\u1112\u1161\u11ab\u1100\u1173\u11af', // 한글 in conjoining letters, as macOS writes file names
  '👩‍🏭 stopped ⚠️ 🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
  'می‌خواهم', // with a zero-width non-joiner
  'क्‍ष', // with a zero-width joiner
  'שלום \u200fאב\u200e 12',
  'e\u0301a\u0308', // combining marks
  'ภาษา\u200bไทย', // breaks between Thai words
  'soft\u00adhyphen',
  '≥ 5 µm, ±0.2 %',
]

/** What leaves no ink, whatever it is called. */
const EMPTY = [
  '',
  ' ',
  '\u3164',
  '\u200b',
  '\u200b\u200d\ufeff',
  '\u00ad',
  '\u2800',
  '\u{1d159}',
  '\u{13441}\u{16fe4}',
  '\u115f\u1160',
  '\uffa0',
  '\u2060',
  '\t\n',
  '\u00a0\u3000',
]

/** What acts on who reads it: terminals, the direction of other words, programs that read text. */
const ACTING = [
  '\u0000',
  '\u0007',
  '\u001b[2J',
  '\u009b2J',
  '\u007f',
  '\u202e',
  '\u202a',
  '\u2066',
  '\u2069',
  '\ufff9',
  '\ufffe',
  '\ufdd0',
  '\u{1fffe}',
  '\u{10ffff}',
  '\ud83d',
]

describe('text that a person reads', () => {
  it.each(WRITING)('[C7] keeps "%s" as it is written', (words) => {
    expect([say(line(120), words), say(prose(120), words), say(optionalProse(120), words), nameOf(words)]).toEqual([
      words,
      words,
      words,
      words.replaceAll(/[\u200b\u00ad]/g, ''),
    ])
  })

  it.each(EMPTY)('[C7] of nothing that can be seen is empty: %j', (words) => {
    expect([say(line(120), words), say(prose(120), words)]).toEqual(
      Array.from({ length: 2 }, () => 'refused: must not be empty'),
    )
    expect([say(optionalProse(120), words), nameOf(words)]).toEqual(['', 'unnamed'])
  })

  it.each(ACTING)('[C7] with %j in it is refused; a device that is called so is cleaned', (mark) => {
    const words = `Press${mark} 2`
    const refused = 'refused: must not contain control characters'
    expect([
      say(line(120), words),
      say(prose(120), words),
      say(optionalProse(120), words),
      say(unit(16), words),
    ]).toEqual([refused, refused, refused, refused])
    expect([nameOf(words), withoutForbidden(words)]).toEqual([`Press${rest(mark)} 2`, `Press${rest(mark)} 2`])
  })

  it('[C7] is one line where it is a title or a name, and keeps its lines where it is a body', () => {
    const words = ' Press 2\r\n\t stopped\u2028now\rand\u0085here '
    expect(say(line(120), words)).toBe('Press 2 stopped now and here')
    expect(say(prose(120), words)).toBe('Press 2\n\t stopped\nnow\nand\nhere')
    expect(nameOf(words)).toBe('Press 2 stopped now and here')
    expect(say(unit(16), 'k\nN')).toMatch('refused')
  })

  it('[C7] a unit may be nothing, and otherwise has to be seen', () => {
    expect([say(unit(16), ''), say(unit(16), 'm³/h')]).toEqual(['', 'm³/h'])
    expect(say(unit(16), '\u200b')).toMatch('refused')
  })

  it('[C7] [P6] any text is a name of a device: bounded, of one line, to be seen, and the same when it is cleaned again', () => {
    fc.assert(
      fc.property(
        fc
          .array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 100 })
          .map((codes) => String.fromCodePoint(...codes)),
        (words) => {
          const name = nameFrom(words, 64)
          expect(name.length).toBeGreaterThan(0)
          expect(name.length).toBeLessThanOrEqual(64)
          expect(nameFrom(name, 64)).toBe(name)
          expect(say(line(64), name)).toBe(name)
        },
      ),
    )
    expect(nameFrom('😀'.repeat(40), 63)).toBe('😀'.repeat(31))
  })
})

/** Without its first character. */
function rest(mark: string): string {
  return mark.slice(String.fromCodePoint(mark.codePointAt(0) ?? 0).length)
}

function nameOf(words: string): string {
  return say(deviceName(120), words)
}
