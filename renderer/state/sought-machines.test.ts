import { expect, test } from 'vitest'
import type { MachineRecord } from '../../relay/protocol/telemetry.ts'
import { soughtMachines } from './sought-machines.ts'

function machine(id: string, label: string, signals: readonly string[]): MachineRecord {
  const named = signals.map((name) => ({ name, unit: 'bar', label: null, limits: null }))
  return { id, area: 'line-3', label, simulated: false, signals: named, lastSampleAt: null }
}
const FLOOR = [machine('press-1', '프레스 1', ['oil', 'force']), machine('oven-4', 'Oven 4', ['zone-1', 'oil'])]
const found = (query: string) =>
  soughtMachines(FLOOR, query).map(({ machine: { id }, signals }) => [id, ...signals.map(({ name }) => name)].join(' '))

test('a machine is found by its name with all that it measures, a signal without the others', () => {
  expect(found('oven')).toEqual(['oven-4 zone-1 oil'])
  expect(found('oil')).toEqual(['press-1 oil', 'oven-4 oil'])
  expect(found('프랫 oil')).toEqual([])
  expect(found('프레ㅅ oil')).toEqual(['press-1 oil'])
  expect(found('lathe')).toEqual([])
})

test('without words all of them are there, with their own lists', () => {
  expect(soughtMachines(FLOOR, ' ')[0]?.signals).toBe(FLOOR[0]?.signals)
  expect(found('')).toHaveLength(2)
})
