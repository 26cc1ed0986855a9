import type { OrderRow } from '../../relay/domain/orders.ts'
import type { OrderFields } from '../../relay/protocol/records.ts'
import { unreachable } from '../../relay/protocol/rights.ts'
import { compareText, naturalKey } from './natural-order.ts'

/** Which orders a list shows. All but `done` are about what is still to be done. */
export const ORDER_FILTERS = ['todo', 'running', 'late', 'mine', 'done'] as const
export type OrderFilter = (typeof ORDER_FILTERS)[number]
export const ORDER_SORTS = ['due', 'number', 'status'] as const
export type OrderSort = (typeof ORDER_SORTS)[number]

export interface OrderLook {
  readonly filter: OrderFilter
  readonly sort: OrderSort
}

/** Who looks, and when: a moment of the server in UTC as orders write it; empty where that is not known. */
export interface Looker {
  readonly person: string | null
  readonly now: string
}

/** Digits of the longest number there is (`order.create`). */
const MAX_NUMBER = 32

/** Its time has passed, and it is not done. */
export function isLate({ fields: { due, status } }: Pick<OrderRow, 'fields'>, now: string): boolean {
  // Both are UTC with milliseconds, which sort as text.
  return status !== 'done' && due !== null && due < now
}

/** The orders of one filter in their order; equal ones by number, as a person counts. */
export function ordersShown(
  rows: readonly OrderRow[],
  { filter, sort }: OrderLook,
  looker: Looker,
): readonly OrderRow[] {
  const keyed = rows
    .filter((row) => isIn(row, filter, looker))
    .map((row) => ({ row, key: sortKey(row, sort), number: naturalKey(row.number) }))
  // Of what is done the latest is looked for.
  const way = filter === 'done' && sort === 'due' ? -1 : 1
  return keyed
    .toSorted(
      (a, b) => way * compareText(a.key, b.key) || compareText(a.number, b.number) || compareText(a.row.id, b.row.id),
    )
    .map(({ row }) => row)
}

/** How many orders each filter shows. */
export function orderCounts(rows: readonly OrderRow[], looker: Looker): Readonly<Record<OrderFilter, number>> {
  const counts = { todo: 0, running: 0, late: 0, mine: 0, done: 0 }
  for (const row of rows) for (const filter of ORDER_FILTERS) if (isIn(row, filter, looker)) counts[filter] += 1
  return counts
}

/** The number after the highest one, written like it: `WO-3304` is followed by `WO-3305`. Empty where none ends in digits. */
export function nextNumber(rows: readonly Pick<OrderRow, 'number'>[]): string {
  let highest: { readonly key: string; readonly number: string } | null = null
  for (const { number } of rows) {
    const key = naturalKey(number)
    if (/\d$/.test(number) && (highest === null || compareText(key, highest.key) > 0)) highest = { key, number }
  }
  const [, before, digits] = /^(.*?)(\d{1,15})$/s.exec(highest?.number ?? '') ?? []
  if (before === undefined || digits === undefined) return ''
  return (before + String(Number(digits) + 1).padStart(digits.length, '0')).slice(0, MAX_NUMBER)
}

/** Whether an order here has this number already, however it is written. */
export function isTaken(rows: readonly Pick<OrderRow, 'number'>[], number: string): boolean {
  const key = naturalKey(number)
  return rows.some((row) => naturalKey(row.number) === key)
}

function isIn(row: OrderRow, filter: OrderFilter, { person, now }: Looker): boolean {
  const { status, assignee } = row.fields
  switch (filter) {
    case 'todo':
      return status !== 'done'
    case 'mine':
      return status !== 'done' && assignee !== null && assignee === person
    case 'late':
      return isLate(row, now)
    case 'running':
    case 'done':
      return status === filter
    default:
      return unreachable(filter)
  }
}

/** What runs is looked at first, then what cannot. */
const BY_STATUS = ['running', 'blocked', 'open', 'done'] as const satisfies readonly OrderFields['status'][]

function sortKey({ fields: { due, status } }: OrderRow, sort: OrderSort): string {
  if (sort === 'number') return ''
  // What has no time comes after every time there is.
  const time = due ?? '~'
  return sort === 'due' ? time : `${BY_STATUS.indexOf(status)} ${time}`
}
