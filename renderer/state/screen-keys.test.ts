import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { erase, ROWS, write, type Edit, type Field } from './screen-keys.ts'

/** Presses keys one after the other, `<` being the one that takes back. */
function typed(keys: string, text = ''): string {
  let field: Field = { text, start: text.length, end: text.length }
  let composing = false
  for (const key of keys) {
    const edit: Edit = key === '<' ? erase(field, composing) : write(field, key, composing)
    const next = field.text.slice(0, edit.from) + edit.insert + field.text.slice(edit.to)
    const caret = edit.from + edit.insert.length
    field = { text: next, start: caret, end: caret }
    composing = edit.composing
  }
  return field.text
}

describe('the keyboard on the screen', () => {
  it.each([
    ['ㅅㅓㄹㅂㅣ', '설비'],
    ['ㄱㅏㄱㅏ', '가가'],
    ['ㄱㅏㄱㅅㅣ', '각시'],
    ['ㅎㅏㄴㄱㅡㄹ', '한글'],
    ['ㄱㅗㅏㄴㄹㅣ', '관리'],
    ['ㅇㅏㄹㄹㅏㅁ', '알람'],
    ['ㄲㅡㅌ', '끝'],
    ['pump', 'pump'],
    ['ㅍㅓㅁㅍㅡ 2', '펌프 2'],
  ])('writes %s as %s', (keys, words) => expect(typed(keys)).toBe(words))

  it('takes back letter by letter what is composed, and whole characters of the rest', () => {
    expect(typed('ㅅㅓㄹ<')).toBe('서')
    expect(typed('ㅅㅓㄹ<<')).toBe('ㅅ')
    expect(typed('ㅅㅓㄹ<<<<')).toBe('')
    expect(typed('ㅅㅓㄹ <<')).toBe('')
    expect(typed('<', '가나')).toBe('가')
    expect(typed('<', 'a🔥')).toBe('a')
    expect(typed('ㅏ', '가')).toBe('가ㅏ')
  })

  it('replaces what is selected', () => {
    expect(write({ text: 'abc', start: 1, end: 3 }, 'x', true)).toEqual({
      from: 1,
      to: 3,
      insert: 'x',
      composing: false,
    })
    expect(erase({ text: 'abc', start: 1, end: 3 }, false)).toMatchObject({ from: 1, to: 3, insert: '' })
  })

  it('begins another letter behind vowels alone', () => {
    expect(typed('ㅜㅣㅁ')).toBe('ㅟㅁ')
    expect(typed('ㅏㅂㅏ')).toBe('ㅏ바')
  })

  it('never throws, and never leaves half of a character, whatever is pressed', () => {
    const keys = [...new Set(Object.values(ROWS).flat(2).flat()), '<', ' ']
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...keys), { maxLength: 60 }), (pressed) => {
        expect(typed(pressed.join('')).isWellFormed()).toBe(true)
      }),
    )
  })
})
