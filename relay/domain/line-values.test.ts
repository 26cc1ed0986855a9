import { expect, test } from 'vitest'
import type { MachineRecord } from '../protocol/telemetry.ts'
import { telemetryChannel } from '../protocol/machine-names.ts'
import type { LiveModel } from './live.ts'
import { breachesIn, lineValues } from './line-values.ts'

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

test('those that are chosen stand first, in their order, as far as there are such', () => {
  const machines = [machine('a', 'p', 'Q', 'R'), machine('b', 'S'), machine('c', 't')]
  const chosen = (most: number, keys: readonly string[]) =>
    lineValues(machines, most, keys).map((value) => `${value.machine.id}/${value.signal.name}`)
  expect(chosen(4, ['c/t', 'a/R'])).toEqual(['c/t', 'a/R', 'a/Q', 'b/S'])
  expect(chosen(2, ['gone/x', 'c/x', 'c', 'c/t'])).toEqual(['c/t', 'a/Q'])
  expect(chosen(1, ['c/t', 'a/R'])).toEqual(['c/t'])
})

test('without machines, or room, there is none', () => {
  expect([named([], 4), named([machine('a')], 4), named([machine('a', 'p')], 0)]).toEqual([[], [], []])
})

test('[P5] of these values those are beyond their limits that are so now', () => {
  const [a, b] = [machine('a', 'P'), machine('b', 'Q', 'r')]
  const values = lineValues([a, b], 9)
  const reading = (channel: MachineRecord, key: string, value: number, currentUntil: number): LiveModel =>
    new Map([
      [
        telemetryChannel(channel.area, channel.id),
        new Map([[key, { value: { value, unit: 'bar', limits: null }, at: '', confirmedAt: 0, currentUntil }]]),
      ],
    ])
  const live = (p: number, q: number): LiveModel => new Map([...reading(a, 'P', p, 10), ...reading(b, 'Q', q, 20)])
  expect(breachesIn(values, { live: new Map(), now: 5 })).toBe(0)
  expect(breachesIn(values, { live: live(0.5, 1), now: 5 })).toBe(0)
  expect(breachesIn(values, { live: live(-1, 2), now: 5 })).toBe(2)
  expect(breachesIn(values, { live: live(-1, 2), now: 15 })).toBe(1)
  expect(breachesIn(values, { live: live(-1, 2), now: 25 })).toBe(0)
})
