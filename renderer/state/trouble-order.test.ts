import { expect, test } from 'vitest'
import { CALM_MS, stepTroubled, troubledFirst, type Troubled } from './trouble-order.ts'

const FLOOR = ['a', 'b', 'c', 'd'].map((id) => ({ id, machine: { label: id.toUpperCase() } }))
const shown = (beyond: Troubled, silent: readonly string[] = []): string =>
  troubledFirst(FLOOR, { beyond: [...beyond.keys()], silent })
    .map(({ id }) => id)
    .join('')

test('what is beyond a limit is first, then what is silent, each by name', () => {
  expect(shown(stepTroubled(new Map(), ['d', 'b'], 0))).toBe('bdac')
  expect(shown(stepTroubled(new Map(), ['d'], 0), ['c', 'd'])).toBe('dcab')
  expect(shown(new Map(), ['c'])).toBe('cabd')
})

test('one that is well again keeps its place for a while, and then goes back to its own', () => {
  const first = stepTroubled(new Map(), ['c', 'd'], 0)
  const wandering = stepTroubled(first, ['d'], CALM_MS - 1)
  expect(shown(wandering)).toBe('cdab')
  expect(shown(stepTroubled(wandering, ['c', 'd'], CALM_MS))).toBe('cdab')
  expect(shown(stepTroubled(wandering, ['d'], CALM_MS))).toBe('dabc')
})

test('with no machine in trouble all stand by name, as a person counts', () => {
  const halls = ['Press 10', 'Press 9', 'Oven'].map((label) => ({ id: label, machine: { label } }))
  const names = troubledFirst(halls, { beyond: [], silent: [] }).map(({ id }) => id)
  expect(names).toEqual(['Oven', 'Press 9', 'Press 10'])
})
