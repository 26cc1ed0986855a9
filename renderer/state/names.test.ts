import { describe, expect, test } from 'vitest'
import { nameAtCaret, namedIn } from './names.ts'

const PEOPLE = ['kim', 'lee', 'maria-fernanda']

describe('[K3] whom a text names', () => {
  test.each([
    ['@kim look', ['kim']],
    ['look, @KIM!', ['kim']],
    ['(@lee) and @kim, @lee', ['lee', 'kim']],
    ['펌프 @maria-fernanda', ['maria-fernanda']],
    ['mail kim@lee.com', []],
    ['@@kim', []],
    ['@kimberley', []],
    ['@nobody', []],
  ])('%s', (words, named) => {
    expect(namedIn(words, PEOPLE, 20)).toEqual(named)
  })

  test('are no more than a message may name', () => {
    expect(namedIn('@kim @lee @maria-fernanda', PEOPLE, 2)).toEqual(['kim', 'lee'])
  })
})

describe('the name that is being written', () => {
  test.each([
    ['@', 1, { from: 0, begun: '' }],
    ['hey @ki', 7, { from: 4, begun: 'ki' }],
    ['hey @kim now', 6, { from: 4, begun: 'k' }],
    ['@ㅏㅑ', 3, { from: 0, begun: 'ㅏㅑ' }],
    ['a@b', 3, null],
    ['@kim ', 5, null],
  ])('in "%s" at %i', (words, caret, name) => {
    expect(nameAtCaret(words, caret)).toEqual(name)
  })
})
