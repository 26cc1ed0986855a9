import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toldApart } from './told-apart.ts'

test('what titles have in common is left out behind their first words', () => {
  const shared = 'Light curtain broken while the press was still moving and somebody stood inside'
  expect(toldApart([`${shared} · Press 2`, `${shared} · Press 7`, 'Gas warning'])).toEqual([
    'Light curtain … Press 2',
    'Light curtain … Press 7',
    'Gas warning',
  ])
})

test('what tells a title from the nearest does not hide what tells it from others', () => {
  expect(
    toldApart([
      'Press 2 hydraulic oil low at north',
      'Press 2 hydraulic oil low at south',
      'Press 2 guard door open at north',
      'Press 2 guard door open at south',
    ]),
  ).toEqual([
    'Press 2 hydraulic … at north',
    'Press 2 hydraulic … at south',
    'Press 2 guard … at north',
    'Press 2 guard … at south',
  ])
})

test('a word without an end is shortened, too, and equal titles stay as they are', () => {
  const word = 'Hydraulikdruckueberwachung'.repeat(4)
  expect(toldApart([`${word}A`, `${word}B`])).toEqual([
    'Hydraulikdruckueberwachu … likdruckueberwachungA',
    'Hydraulikdruckueberwachu … likdruckueberwachungB',
  ])
  expect(toldApart(['Gas warning', 'Gas warning'])).toEqual(['Gas warning', 'Gas warning'])
  expect(toldApart([])).toEqual([])
})

test('different titles are told apart, by something that is no longer than they are', () => {
  const words = fc.array(fc.constantFrom('Press', '2', '7', 'oil', 'low', 'at', 'north'), {
    minLength: 1,
    maxLength: 12,
  })
  fc.assert(
    fc.property(fc.array(words, { maxLength: 10 }), (all) => {
      const titles = [...new Set(all.map((each) => each.join(' ')))]
      const short = toldApart(titles)
      expect(new Set(short).size).toBe(titles.length)
    }),
  )
})
