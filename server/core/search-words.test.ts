import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { gramsOf, hitOf, searchRules, termsOf } from './search-words.ts'

const item = { kind: 'chat', id: 'm1', area: 'line-3', at: '2026-11-20T06:00:00.000Z', by: 'kim' } as const

/** As the index does it: every piece is there, and then the words themselves. */
function find(q: string, text: string, title = '') {
  const terms = termsOf(q)
  if (terms === null) return null
  const grams = gramsOf(`${title}\n${text}`)
  return terms.grams.every((gram) => grams.has(gram)) ? hitOf({ ...item, title, text }, terms) : null
}

/** The text with its hits in brackets. */
function shown(q: string, text: string): string | null {
  const hit = find(q, text)
  if (hit === null) return null
  return hit.text.marks
    .toReversed()
    .reduce((rest, [from, to]) => `${rest.slice(0, from)}[${rest.slice(from, to)}]${rest.slice(to)}`, hit.text.text)
}

describe('[Q2] words', () => {
  it.each([
    ['금형', '금형을 교체했습니다', '[금형]을 교체했습니다'],
    ['형', '금형을 교체', '금[형]을 교체'],
    ['불량', '도장불량 3건', '도장[불량] 3건'],
    ['불량률이', '오늘 불량률이 높다', '오늘 [불량률이] 높다'],
    ['3번', 'press 3번 라인', 'press [3번] 라인'],
    ['oil', 'The OIL is low; boiler', 'The [OIL] is low; b[oil]er'],
    ['1042', 'see A-1042', 'see A-[1042]'],
    ['a-1042', 'see A-1042', 'see [A]-[1042]'],
    ['m8', 'bolt M8 of the RAM8', 'bolt [M8] of the RAM8'],
    ['low oil', 'oil is low', '[oil] is [low]'],
    ['ｐｒｅｓｓ', 'press', '[press]'],
    ['press', 'ｐｒｅｓｓ １', '[ｐｒｅｓｓ] １'],
    ['straße', 'Straße', '[Straße]'],
    ['οδος', 'ΟΔΟΣ', '[ΟΔΟΣ]'],
    ['금형'.normalize('NFD'), '금형', '[금형]'],
    ['fi', 'ﬁlter', '[ﬁ]lter'],
  ])('finds %s in "%s"', (q, text, marked) => {
    expect(shown(q, text)).toBe(marked)
  })

  it.each([
    ['8', 'bolt M8'],
    ['il', 'oil'],
    ['oil low', 'oil only'],
    ['abcab', 'abc bca cab'],
    ['금량', '금형 불량'],
  ])('does not find %s in "%s"', (q, text) => {
    expect(find(q, text)).toBeNull()
  })

  it('finds every piece of a text of Hangul, and every three letters of any other', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...Array.from('금형불량교체abc12')), { minLength: 3, maxLength: 30 }),
        fc.nat(29),
        fc.integer({ min: 3, max: 30 }),
        (letters, from, length) => {
          const text = letters.join('')
          const q = letters
            .slice(Math.min(from, letters.length - 3))
            .slice(0, length)
            .join('')
          expect(find(q, text)).not.toBeNull()
        },
      ),
    )
  })
})

describe('[Q9] whatever is asked', () => {
  it.each(['', '   ', '"', '*', '"*()-^:', '\ud800', '…'])('has no words in %j', (q) => {
    expect(termsOf(q)).toBeNull()
  })

  it.each([
    ['oil AND (low) NEAR(a b) "x', ['oil', 'and', 'low', 'near', 'a', 'b', 'x']],
    ['oil\ud800low', ['oil', 'low']],
  ])('is plain words: %j', (q, words) => {
    expect(termsOf(q)?.words).toEqual(words)
  })

  it('asks the index for a bounded number of pieces, of letters and digits only', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (q) => {
        const { grams = [], words = [] } = termsOf(q) ?? {}
        expect(words.length).toBeLessThanOrEqual(LIMITS.maxSearchWords)
        expect(grams.length).toBeLessThanOrEqual(LIMITS.maxSearchWords)
        for (const gram of grams) expect(gram).toMatch(/^[\p{L}\p{N}\p{M}]{1,3}$/u)
      }),
    )
  })
})

it('[Q2] asks for pieces of each word, and of many words for few of each', () => {
  const { words = [], grams = [] } = termsOf('press oil valve leak coil gauge reset') ?? {}
  expect(grams).toHaveLength(words.length)
  for (const word of words) expect(grams.some((gram) => word.includes(gram))).toBe(true)
  expect(termsOf('zirconia')?.grams).toEqual(['zir', 'irc', 'rco', 'con', 'oni', 'nia'])
})

describe('[Q7] what is shown', () => {
  it('is the text around the first hit, cut between characters', () => {
    const text = `${'😀'.repeat(300)} oil ${'😀'.repeat(300)}`
    const hit = find('oil', text)
    expect(hit?.text.text).toMatch(/^…(😀)+ oil (😀)+…$/u)
    expect(hit?.text.text.isWellFormed()).toBe(true)
    expect(shown('oil', text)).toContain(' [oil] ')
  })

  it('marks places in order and apart, whatever was asked', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), fc.string({ maxLength: 20 }), (text, q) => {
        const hit = find(q, text)
        let end = 0
        for (const [from, to] of hit?.text.marks ?? []) {
          expect(from).toBeGreaterThanOrEqual(end)
          expect(to).toBeGreaterThan(from)
          end = to
        }
        expect(end).toBeLessThanOrEqual(hit?.text.text.length ?? 0)
      }),
    )
  })

  it('has the title beside the text, and words in either count', () => {
    const hit = find('press oil', 'oil is low', 'Press 3')
    expect(hit).toMatchObject({ title: { text: 'Press 3', marks: [[0, 5]] }, text: { marks: [[0, 3]] } })
    expect(searchRules.fold('Ａ-1')).toBe('a-1')
  })
})
