import { expect, test } from 'vitest'
import { CALM_MS, stepTroubled, troubledFirst, type Troubled } from './trouble-order.ts'

const FLOOR = ['a', 'b', 'c', 'd'].map((id) => ({ id }))
const shown = (troubled: Troubled): string =>
  troubledFirst(FLOOR, [...troubled.keys()])
    .map(({ id }) => id)
    .join('')

test('machines in trouble are first, in the order in which they came into it', () => {
  const first = stepTroubled(new Map(), ['c'], 0)
  expect(shown(first)).toBe('cabd')
  expect(shown(stepTroubled(first, ['a', 'c'], 1_000))).toBe('cabd')
  expect(shown(stepTroubled(first, ['c', 'd'], 1_000))).toBe('cdab')
})

test('one that is well again keeps its place for a while, and then goes back to its own', () => {
  const first = stepTroubled(new Map(), ['c', 'd'], 0)
  const wandering = stepTroubled(first, ['d'], CALM_MS - 1)
  expect(shown(wandering)).toBe('cdab')
  expect(shown(stepTroubled(wandering, ['c', 'd'], CALM_MS))).toBe('cdab')
  expect(shown(stepTroubled(wandering, ['d'], CALM_MS))).toBe('dabc')
})

test('with no machine in trouble the floor’s own order stands, and is the same array', () => {
  expect(troubledFirst(FLOOR, [])).toBe(FLOOR)
  expect(shown(stepTroubled(new Map(), [], 0))).toBe('abcd')
})
