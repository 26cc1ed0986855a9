import { expect, test } from 'vitest'
import { compareText, naturalKey } from './natural-order.ts'

test('names stand as a person counts', () => {
  const names = ['Press 10', 'press 2', '프레스 1', 'Oven', 'Press １']
  const sorted = names.toSorted((a, b) => compareText(naturalKey(a), naturalKey(b)))
  expect(sorted).toEqual(['Oven', 'Press １', 'press 2', 'Press 10', '프레스 1'])
})
