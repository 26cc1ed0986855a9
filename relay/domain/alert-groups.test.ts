import { expect, test } from 'vitest'
import { URGENT_CHANNEL } from '../protocol/channels.ts'
import type { AlertRecord } from '../protocol/records.ts'
import { groupAlerts, machineOfAlert } from './alert-groups.ts'
import { alertBoard } from './alerts.ts'
import { alert, stateChannel } from './testing/samples.ts'

const PRESSES = [
  { id: 'press-2', label: 'Press 2' },
  { id: 'press-2-east', label: 'Press 2 east' },
]
const deed = { by: 'lee', on: null, at: '2026-11-20T05:50:00.000Z' }

/** What stands in each place of the list, the newest alert first. */
function placesOf(...alerts: readonly Partial<AlertRecord>[]): readonly (string | readonly string[])[] {
  const records = alerts.map((over, index) => alert(index + 1, over))
  const { rows } = alertBoard({ urgent: stateChannel(URGENT_CHANNEL, 1, records), areas: [], pending: [] })
  return groupAlerts(rows, PRESSES).map((entry) =>
    entry.kind === 'alert' ? entry.row.title : [entry.machine, ...entry.rows.map(({ title }) => title)],
  )
}

test('three alerts of one machine stand in one place, where the first of them is, and two do not', () => {
  const two = [{ title: 'Oil low · Press 2' }, { title: 'Guard open · Lathe 4' }, { title: 'Filter of Press 2 full' }]
  expect(placesOf(...two)).toHaveLength(3)
  expect(placesOf(...two, { title: 'Press 2: no coolant' })).toEqual([
    ['Press 2', 'Press 2: no coolant', 'Filter of Press 2 full', 'Oil low · Press 2'],
    'Guard open · Lathe 4',
  ])
})

test('what is urgent is never folded away, whoever has it', () => {
  const oil = [{ title: 'A · Lathe 4' }, { title: 'B · Lathe 4' }, { title: 'C · Lathe 4' }]
  const urgent = { priority: 'P1', title: 'D · Lathe 4' } as const
  const group = ['Lathe 4', 'C · Lathe 4', 'B · Lathe 4', 'A · Lathe 4']
  expect(placesOf(...oil, urgent)).toEqual(['D · Lathe 4', group])
  expect(placesOf(...oil, { ...urgent, acknowledged: deed })).toEqual(['D · Lathe 4', group])
})

test.each([
  ['Oil low · Press 2', 'Press 2'],
  ['press-2 is hot', 'Press 2'],
  ['Press 2 east is hot', 'Press 2 east'],
  ['Press 21 is hot', null],
  ['Torque · out of band · Station 7', 'Station 7'],
  ['Fire', null],
  ['Fire · ', null],
  ['유압 저하 · 프레스 5', '프레스 5'],
])('which machine "%s" names', (title, machine) => {
  expect(machineOfAlert(title, PRESSES)).toBe(machine)
})
