import { expect, test } from 'vitest'
import { URGENT_CHANNEL } from '../protocol/channels.ts'
import type { PendingCommand } from '../protocol/local.ts'
import type { AlertRecord } from '../protocol/records.ts'
import { alertBoard } from './alerts.ts'
import { alert, ALERTS, command, id, stateChannel } from './testing/samples.ts'

const ACK = { by: 'lee', on: null, at: '2026-11-20T05:03:00.000Z' }

function board(urgent: AlertRecord[], area: AlertRecord[], pending: PendingCommand[] = []) {
  return alertBoard({
    urgent: stateChannel(URGENT_CHANNEL, 5, urgent),
    areas: [stateChannel(ALERTS, 5, area)],
    pending,
  })
}

test('rows stand by priority, then what needs a person, then the newest first', () => {
  const { rows } = board(
    [alert(1, { priority: 'P0', acknowledged: ACK }), alert(2, { priority: 'P0' }), alert(3, { priority: 'P0' })],
    [alert(9, { priority: 'P3' }), alert(4, { cleared: ACK }), alert(5)],
  )
  expect(rows.map((row) => row.title)).toEqual(['Alert 3', 'Alert 2', 'Alert 1', 'Alert 5', 'Alert 4', 'Alert 9'])
})

test('each state of ISA-18.2 has its name', () => {
  const { rows } = board([], [alert(1), alert(2, { acknowledged: ACK }), alert(3, { cleared: ACK })])
  expect(Object.fromEntries(rows.map((row) => [row.title, row.state]))).toEqual({
    'Alert 1': 'active',
    'Alert 2': 'acknowledged',
    'Alert 3': 'cleared',
  })
})

test('an alert raised here shows at once as raising, above what the server knows of its priority (P3)', () => {
  const raise = command(50, 'alert.raise', { priority: 'P0', area: 'line-3', title: 'Fire', body: 'Hall 2' })
  const { rows, open } = board([alert(1, { priority: 'P0' })], [], [raise])
  expect(rows[0]).toMatchObject({ id: id(50), state: 'raising', title: 'Fire', body: 'Hall 2', raised: null })
  expect(rows[0]?.raising).toEqual({ command: id(50), by: 'kim', since: 1050, saved: true })
  expect(open).toHaveLength(2)
})

test('a raise whose record has come down is not shown twice', () => {
  const raise = command(50, 'alert.raise', { priority: 'P0', area: 'line-3', title: 'Fire' })
  expect(board([alert(50, { priority: 'P0' })], [], [raise]).rows).toHaveLength(1)
})

test('an acknowledgement that waits takes the alert off the open ones and stays visible as waiting', () => {
  const { rows, open } = board([], [alert(1)], [command(50, 'alert.ack', { id: id(1) })])
  expect(rows[0]).toMatchObject({ state: 'active', acknowledging: { by: 'kim' } })
  expect(open).toEqual([])
})

test('an alert that waits itself can be acknowledged before the server knows it', () => {
  const raise = command(50, 'alert.raise', { priority: 'P1', area: 'line-3', title: 'Leak' })
  const { rows } = board([], [], [raise, command(51, 'alert.ack', { id: id(50) })])
  expect(rows[0]).toMatchObject({ state: 'raising', acknowledging: { command: id(51) } })
})

test('what waits is laid over exactly where the table of transitions lets the action change something', () => {
  const asked = [command(50, 'alert.ack', { id: id(1) }), command(51, 'alert.resolve', { id: id(1) })]
  const laidOver = (deeds: Partial<AlertRecord>) => {
    const [row] = board([], [alert(1, deeds)], asked).rows
    return [row?.acknowledging !== null, row?.resolving !== null]
  }
  expect(laidOver({})).toEqual([true, true])
  expect(laidOver({ acknowledged: ACK })).toEqual([false, true])
  expect(laidOver({ cleared: ACK })).toEqual([true, false])
  // One that is over and still has a record is shown as cleared, and is confirmed like that.
  expect(laidOver({ acknowledged: ACK, cleared: ACK })).toEqual([true, false])
})

test('when another person was first, their acknowledgement stands and ours waits for nothing', () => {
  const { rows } = board([], [alert(1, { acknowledged: ACK })], [command(50, 'alert.ack', { id: id(1) })])
  expect(rows[0]).toMatchObject({ state: 'acknowledged', acknowledged: ACK, acknowledging: null })
})

test('a resolution that waits is laid over the alert', () => {
  const { rows } = board([], [alert(1, { acknowledged: ACK })], [command(50, 'alert.resolve', { id: id(1) })])
  expect(rows[0]?.resolving).toMatchObject({ command: id(50) })
})

test('an alert that crosses to the urgent channel stands once, in the urgent place', () => {
  const { rows } = board([alert(1, { priority: 'P1' })], [alert(1)])
  expect(rows).toMatchObject([{ priority: 'P1' }])
})

test('rows of a channel that is not current say so', () => {
  const stale = { ...stateChannel(ALERTS, 5, [alert(1)]), current: false }
  expect(alertBoard({ urgent: null, areas: [stale], pending: [] }).rows[0]?.current).toBe(false)
})

test('what is not an alert record is left out instead of breaking the board', () => {
  const strange = { id: 'x', priority: 'P9' } as unknown as AlertRecord
  expect(board([strange], []).rows).toEqual([])
})
