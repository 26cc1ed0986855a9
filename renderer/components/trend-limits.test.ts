import { expect, test } from 'vitest'
import { limitWords } from './trend-limits.ts'

const LIMITS = { low: 150, high: 200 }
const told = (min: number, max: number, limits = LIMITS) =>
  limitWords(limits, { min, max }, '°C').map(({ words, at, row }) => `${words} ${at} ${row}`)

test('two limits beyond the same edge stand one over the other, the higher value above', () => {
  expect(told(390, 490)).toEqual(['↓ 150 °C bottom 0', '↓ 200 °C bottom 1'])
  expect(told(0, 90)).toEqual(['↑ 150 °C top 1', '↑ 200 °C top 0'])
})

test('a limit alone beyond an edge stands at it, one within has its line', () => {
  expect(told(160, 190)).toEqual(['↓ 150 °C bottom 0', '↑ 200 °C top 0'])
  expect(told(170, 490)).toEqual(['↓ 150 °C bottom 0', '200 °C line 0'])
  expect(limitWords({ low: null, high: 200 }, { min: 390, max: 490 }, '°C')).toMatchObject([{ at: 'bottom', row: 0 }])
  expect(limitWords({ low: 150, high: null }, { min: 0, max: 90 }, '°C')).toMatchObject([{ at: 'top', row: 0 }])
})
