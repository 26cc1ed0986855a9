import { expect, test } from 'vitest'
import { orderList, type OrderRow } from '../../relay/domain/orders.ts'
import type { OrderFields } from '../../relay/protocol/records.ts'
import { order, ORDERS, stateChannel } from '../../relay/domain/testing/samples.ts'
import { isTaken, nextNumber, orderCounts, ordersShown, type OrderFilter, type OrderSort } from './order-look.ts'

const NOW = '2026-11-20T08:00:00.000Z'
const looker = { person: 'kim', now: NOW }

function rows(...fields: readonly Partial<OrderFields>[]): readonly OrderRow[] {
  const records = fields.map((one, index) => order(index + 1, one))
  return orderList({ channel: stateChannel(ORDERS, 5, records), area: 'line-3', pending: [], rejected: [] })
}
const numbers = (all: readonly OrderRow[], filter: OrderFilter = 'todo', sort: OrderSort = 'due') =>
  ordersShown(all, { filter, sort }, looker).map(({ number }) => number)

const FLOOR = rows(
  { due: '2026-11-20T09:00:00.000Z', status: 'running' },
  { due: '2026-11-20T07:00:00.000Z', assignee: 'kim' },
  { status: 'blocked' },
  { status: 'done', due: '2026-11-20T06:00:00.000Z', assignee: 'kim' },
  { status: 'done', due: '2026-11-20T07:30:00.000Z' },
  { status: 'done' },
)

test('what is done is in no list but its own', () => {
  expect(numbers(FLOOR)).toEqual(['WO-2', 'WO-1', 'WO-3'])
  expect(numbers(FLOOR, 'mine')).toEqual(['WO-2'])
  expect(numbers(FLOOR, 'late')).toEqual(['WO-2'])
  expect(numbers(FLOOR, 'running')).toEqual(['WO-1'])
})

test('of what is done the latest comes first', () => {
  expect(numbers(FLOOR, 'done')).toEqual(['WO-6', 'WO-5', 'WO-4'])
})

test('an order is late once its time has passed, and not at it', () => {
  const at = rows({ due: NOW })
  expect(numbers(at, 'late')).toEqual([])
  expect(ordersShown(at, { filter: 'late', sort: 'due' }, { person: null, now: '2026-11-20T08:00:00.001Z' })).toEqual(
    at,
  )
})

test('what is nobody’s is not of a person who is nobody', () => {
  expect(ordersShown(FLOOR, { filter: 'mine', sort: 'due' }, { person: null, now: NOW })).toEqual([])
})

test('numbers stand as a person counts, states by who looks for them', () => {
  const many = rows(...Array.from({ length: 11 }, () => ({})))
  expect(numbers(many, 'todo', 'number').slice(-2)).toEqual(['WO-10', 'WO-11'])
  expect(numbers(FLOOR, 'todo', 'status')).toEqual(['WO-1', 'WO-3', 'WO-2'])
})

test('each filter says how many it shows', () => {
  expect(orderCounts(FLOOR, looker)).toEqual({ todo: 3, running: 1, late: 1, mine: 1, done: 3 })
})

test.each([
  [['WO-9', 'WO-10'], 'WO-11'],
  [['A-009'], 'A-010'],
  [['A-9', 'B-1'], 'B-2'],
  [['지시 7'], '지시 8'],
  [['no digits'], ''],
  [[], ''],
])('the number after %j is %j', (all, next) => {
  expect(nextNumber(all.map((number) => ({ number })))).toBe(next)
})

test('a number is taken however it is written', () => {
  const all = [{ number: 'WO-7' }]
  expect(isTaken(all, ' wo-007')).toBe(true)
  expect(isTaken(all, 'WO-70')).toBe(false)
})

test('five thousand orders are one list', () => {
  const many = rows(...Array.from({ length: 5_000 }, (_, n) => ({ due: n % 3 === 0 ? NOW : null })))
  expect(numbers(many)).toHaveLength(5_000)
  expect(numbers(many)[0]).toBe('WO-1')
})
