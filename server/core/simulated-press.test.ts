import { expect, it } from 'vitest'
import { PRESS_SIGNALS, pressAt } from './simulated-press.ts'

it('a simulated press has a value of each signal at every moment, and passes its limits now and then', () => {
  const warm: boolean[] = []
  for (let second = 0; second < 1_800; second += 1) {
    const values = pressAt(second, 0.4)
    expect(Object.keys(values).toSorted()).toEqual(PRESS_SIGNALS.map(({ name }) => name).toSorted())
    expect(Object.values(values).every(Number.isFinite)).toBe(true)
    warm.push((values['oil-temperature'] ?? 0) > 62)
  }
  expect([warm.includes(true), warm.includes(false)]).toEqual([true, true])
})

it('two presses are told apart by their phase', () => {
  expect(pressAt(100, 0)).not.toEqual(pressAt(100, 0.4))
  expect(pressAt(100, 0)).toEqual(pressAt(100, 0))
})
