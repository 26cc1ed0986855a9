import { signal } from '@preact/signals'
import { expect, test } from 'vitest'
import { chooseValues, MAX_CHOSEN, MAX_CHOSEN_LINES, type ChosenValues } from './chosen-values.ts'

test('[P8] of a line a few values are chosen, of some hundred lines, and each once', () => {
  const kept: ChosenValues[] = []
  const choice = {
    chosenValues: signal<ChosenValues>(new Map()),
    memory: { rememberValues: (values: ChosenValues) => void kept.push(values) },
  }
  chooseValues(choice, 'line-0', ['a/p', 'a/p', 'a/q', 'a/r', 'a/s', 'a/t'])
  expect(choice.chosenValues.value.get('line-0')).toEqual(['a/p', 'a/q', 'a/r', 'a/s'].slice(0, MAX_CHOSEN))
  expect(kept.at(-1)).toBe(choice.chosenValues.value)
  for (let n = 1; n <= MAX_CHOSEN_LINES; n += 1) chooseValues(choice, `line-${n}`, ['a/p'])
  expect([choice.chosenValues.value.size, choice.chosenValues.value.has('line-0')]).toEqual([MAX_CHOSEN_LINES, false])
  chooseValues(choice, 'line-1', [])
  expect(choice.chosenValues.value.has('line-1')).toBe(false)
})
