import { expect, test } from 'vitest'
import type { PendingCommand, SettledCommand } from '../protocol/local.ts'
import { orderFields } from '../protocol/order-fields.ts'
import type { OrderConflict, OrderRecord } from '../protocol/records.ts'
import { changedFields, conflictOf, fieldsToResend, orderList } from './orders.ts'
import { command, id, order, ORDERS, rejected, stateChannel } from './testing/samples.ts'

function list(records: OrderRecord[], pending: PendingCommand[] = [], refused: SettledCommand[] = []) {
  return orderList({ channel: stateChannel(ORDERS, 5, records), area: 'line-3', pending, rejected: refused })
}
const edit = (n: number, of: number, fields: object) => command(n, 'order.edit', { id: id(of), fields, baseVersion: 1 })
const CONFLICT: OrderConflict = {
  current: order(1, { quantity: 120 }, 2),
  fields: { quantity: { yours: 80, theirs: 120, by: 'lee', at: '2026-11-20T05:03:00.000Z' } },
}

test('a waiting edit is laid over its fields, and only those are marked', () => {
  const [row] = list([order(1)], [edit(50, 1, { quantity: 80 })])
  expect(row?.fields).toMatchObject({ quantity: 80, title: 'Order 1' })
  expect(Object.keys(row?.waiting ?? {})).toEqual(['quantity'])
  expect(row?.record?.fields.quantity).toBe(100)
})

test('of two waiting edits of one field the later one shows', () => {
  const [row] = list([order(1)], [edit(50, 1, { quantity: 80 }), edit(51, 1, { quantity: 70, status: 'running' })])
  expect(row?.fields).toMatchObject({ quantity: 70, status: 'running' })
  expect(row?.waiting.quantity?.command).toBe(id(51))
})

test('null is a value: nobody assigned', () => {
  const [row] = list([order(1, { assignee: 'lee' })], [edit(50, 1, { assignee: null })])
  expect(row?.fields.assignee).toBeNull()
  expect(row?.waiting.assignee).toBeDefined()
})

test('an order that waits is listed and can be edited before the server knows it', () => {
  const made = { area: 'line-3', number: 'WO-7', title: 'Brackets', quantity: 5, assignee: null, note: '' }
  const [row] = list([], [command(50, 'order.create', made), edit(51, 50, { quantity: 6 })])
  expect(row).toMatchObject({ number: 'WO-7', record: null, fields: { quantity: 6, status: 'open' } })
  expect(row?.creating?.command).toBe(id(50))
})

test('an order with a time waits, and is changed, by types of their own', () => {
  const DUE = '2026-11-20T09:00:00.000Z'
  const made = { area: 'line-3', number: 'WO-7', title: 'Brackets', quantity: 5, assignee: null, note: '', due: DUE }
  const change = command(51, 'order.change', { id: id(50), fields: { due: null }, baseVersion: 1 })
  const plan = command(50, 'order.plan', made)
  expect(list([], [plan])[0]?.fields).toMatchObject({ due: DUE, status: 'open' })
  expect(list([], [plan, change])[0]).toMatchObject({ fields: { due: null }, waiting: { due: { command: id(51) } } })
})

test('how many are made waits, and is changed, by a type of its own', () => {
  const update = command(51, 'order.update', { id: id(1), fields: { produced: 40 }, baseVersion: 1 })
  const [row] = list([order(1)], [update])
  expect(row).toMatchObject({ fields: { produced: 40, quantity: 100 }, waiting: { produced: { command: id(51) } } })
})

test('a record from before there were times and pieces made has none', () => {
  const { due: _due, produced: _produced, ...fields } = order(1).fields
  expect(list([{ ...order(1), fields }])[0]?.fields).toMatchObject({ due: null, produced: 0 })
})

test('an order that waits in another area is not listed here', () => {
  const made = { area: 'line-1', number: 'WO-7', title: 'Brackets', quantity: 5, assignee: null, note: '' }
  expect(list([], [command(50, 'order.create', made)])).toEqual([])
})

test('a refused edit is attached to the order it was about', () => {
  const refused = rejected(edit(50, 1, { quantity: 80 }), 'order-conflict', CONFLICT)
  const [first, second] = list([order(1), order(2)], [], [refused])
  expect(first?.conflicts).toEqual([refused])
  expect(second?.conflicts).toEqual([])
})

test('only an order conflict with both values is a conflict', () => {
  expect(conflictOf(rejected(edit(50, 1, {}), 'order-conflict', CONFLICT))).toBe(CONFLICT)
  expect(conflictOf(rejected(edit(50, 1, {}), 'forbidden'))).toBeNull()
  expect(conflictOf(rejected(edit(50, 1, {}), 'order-conflict', { current: null }))).toBeNull()
})

test('what is sent again after a conflict is the whole edit without the values of the other person', () => {
  expect(fieldsToResend({ quantity: 80, note: 'x' }, new Set(['quantity']))).toEqual({ note: 'x' })
  expect(fieldsToResend({ assignee: null }, new Set())).toEqual({ assignee: null })
})

test('only fields that differ are changed fields', () => {
  const fields = orderFields(order(1))
  expect(changedFields(fields, { ...fields, quantity: 7, assignee: 'kim' })).toEqual({ quantity: 7, assignee: 'kim' })
  expect(changedFields(fields, fields)).toEqual({})
})
