import { expect, test } from 'vitest'
import { matches } from './use-filter.ts'

test('[F8] each word that is typed is looked for, in any order and case', () => {
  const words = ['Hydraulic pressure low · Press 2', '41 bar (limit 60)', null]
  expect(matches('PRESS 2', words)).toBe(true)
  expect(matches('bar hydraulic', words)).toBe(true)
  expect(matches('  press  ', words)).toBe(true)
  expect(matches('press lathe', words)).toBe(false)
  expect(matches('', words)).toBe(true)
})

test('[F8] letters are the same however they are composed or wide', () => {
  expect(matches('프레스'.normalize('NFD'), ['프레스 2호기'])).toBe(true)
  expect(matches('WO-1041', ['ｗｏ-1041'])).toBe(true)
})

test.each(['프', '플', '프레', '프렛', '프레ㅅ', '프레스', '유ㅇ', '유압'])(
  '[F8] Hangul is found while it is typed: %s',
  (typed) => {
    expect(matches(typed, ['프레스 유압'])).toBe(true)
  },
)

test('[F8] another syllable is not found', () => {
  expect(matches('푸레스', ['프레스'])).toBe(false)
  expect(matches('각', ['강'])).toBe(false)
})
