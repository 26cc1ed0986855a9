import { expect, it } from 'vitest'
import { domains } from '../domains.ts'
import { createRules } from './rules.ts'

const { rejections } = createRules(domains)

it.each([
  ['strangers pay first, the one with most', { '0 a': 3, '0 b': 5, '1 c': 9, '2 kim': 500 }, '2 lee', '0 b'],
  ['then devices', { '1 c': 9, '1 d': 2, '2 kim': 500 }, '2 lee', '1 c'],
  ['then the person who has most', { '2 kim': 500, '2 lee': 3 }, '2 park', '2 kim'],
  ['whoever has as many as the one with most pays themselves', { '2 kim': 4, '2 lee': 4 }, '2 lee', '2 lee'],
  ['no stranger pushes out a device or a person', { '1 c': 9, '2 kim': 500 }, '0 a', null],
  ['no device pushes out a person', { '2 kim': 500, '2 lee': 500 }, '1 c', null],
] as const)('[D6] [P8] who gives up a record of a full list: %s', (_case, holders, newcomer, who) => {
  expect(rejections.payer(new Map(Object.entries(holders)), newcomer)).toBe(who)
})
