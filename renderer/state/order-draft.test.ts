import { expect, test } from 'vitest'
import { orderList, type OrderRow } from '../../relay/domain/orders.ts'
import { order, ORDERS, stateChannel } from '../../relay/domain/testing/samples.ts'
import type { OrderFields } from '../../relay/protocol/records.ts'
import { changesOf, disputedFields, draftOf, valuesOf, withKept, withoutField, withValue } from './order-draft.ts'

function row(fields: Partial<OrderFields> = {}): OrderRow {
  const channel = stateChannel(ORDERS, 1, [order(1, fields)])
  const [first] = orderList({ channel, area: 'line-3', pending: [], rejected: [] })
  if (first === undefined) throw new Error('no order')
  return first
}

test('only what differs from the record is sent', () => {
  const draft = draftOf(row(), { quantity: 80, title: 'Order 1' })
  expect(changesOf(draft, row())).toEqual({ quantity: 80 })
})

test('a value that is set back is no change any more', () => {
  const draft = withValue(withValue({}, row(), 'quantity', 80), row(), 'quantity', 100)
  expect(draft).toEqual({})
})

test('fields nobody touched here follow the record', () => {
  const draft = withValue({}, row(), 'quantity', 80)
  expect(valuesOf(draft, row({ title: 'New title' }))).toMatchObject({ title: 'New title', quantity: 80 })
})

test('a field that somebody else changed meanwhile is disputed until a person chooses', () => {
  const draft = withValue({}, row(), 'quantity', 80)
  const moved = row({ quantity: 120 })
  expect(disputedFields(draft, moved)).toEqual(['quantity'])
  expect(disputedFields(withKept(draft, moved, 'quantity'), moved)).toEqual([])
  expect(valuesOf(withoutField(draft, 'quantity'), moved).quantity).toBe(120)
})

test('when both chose the same value there is nothing to dispute and nothing to send', () => {
  const draft = withValue({}, row(), 'quantity', 80)
  expect(disputedFields(draft, row({ quantity: 80 }))).toEqual([])
  expect(changesOf(draft, row({ quantity: 80 }))).toEqual({})
})
