import { expect, test } from 'vitest'
import type { MachineRecord } from '../../relay/protocol/telemetry.ts'
import { MAX_CHOICES, signalChoices } from './signal-choices.ts'

function machine(id: string, signals: readonly string[]): MachineRecord {
  const named = signals.map((name) => ({ name, unit: 'bar', label: null, limits: null }))
  return { id, area: 'line-3', label: id, simulated: false, signals: named, lastSampleAt: null }
}
const FLOOR = [machine('press 10', ['oil']), machine('press 2', ['oil', 'force']), machine('press 9', ['oil'])]
const OIL = [{ machine: 'press 9', signal: 'oil' }]

test('a value is compared with others of its machine first, then of others by name, and not with itself', () => {
  const named = (query: string) =>
    signalChoices(FLOOR, OIL, query).shown.map(({ machine: { id }, signal }) => `${id} ${signal.name}`)
  expect(named('')).toEqual(['press 2 oil', 'press 2 force', 'press 10 oil'])
  expect(named('force')).toEqual(['press 2 force'])
  expect(signalChoices(FLOOR, [{ machine: 'press 2', signal: 'oil' }], '').shown[0]?.signal.name).toBe('force')
  const both = [...OIL, { machine: 'press 2', signal: 'oil' }]
  expect(signalChoices(FLOOR, both, '').shown.map(({ machine: { id } }) => id)).toEqual(['press 2', 'press 10'])
})

test('of thousands a few are offered, and how many more there are is said', () => {
  const many = Array.from({ length: 100 }, (_, n) => machine(`press ${n}`, ['oil', 'force']))
  const choices = signalChoices(many, OIL, '')
  expect(choices.shown).toHaveLength(MAX_CHOICES)
  expect(choices.more).toBe(199 - MAX_CHOICES)
})
