import { expect, test } from 'vitest'
import type { MachineRecord } from '../protocol/telemetry.ts'
import { lineValues } from './line-values.ts'

function machine(id: string, ...signals: readonly string[]): MachineRecord {
  return {
    id,
    area: 'line-3',
    label: id,
    simulated: false,
    lastSampleAt: null,
    // A capital has limits.
    signals: signals.map((name) => ({
      name,
      unit: 'bar',
      label: null,
      limits: name === name.toUpperCase() ? { low: 0, high: 1 } : null,
    })),
  }
}
const named = (machines: readonly MachineRecord[], most: number) =>
  lineValues(machines, most).map((value) => `${value.machine.id}/${value.signal.name}`)

test('values with limits stand for a line before those without, one of each machine before a second', () => {
  const machines = [machine('a', 'p', 'Q', 'R'), machine('b', 'S'), machine('c', 't')]
  expect(named(machines, 2)).toEqual(['a/Q', 'b/S'])
  expect(named(machines, 4)).toEqual(['a/Q', 'b/S', 'a/R', 'c/t'])
  expect(named(machines, 9)).toEqual(['a/Q', 'b/S', 'a/R', 'c/t', 'a/p'])
})

test('without machines, or room, there is none', () => {
  expect([named([], 4), named([machine('a')], 4), named([machine('a', 'p')], 0)]).toEqual([[], [], []])
})
