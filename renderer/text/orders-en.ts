import type { OrderField } from '../../relay/protocol/records.ts'
import { grouped } from './grouped.ts'

type OrderStatus = 'open' | 'running' | 'blocked' | 'done'

/** The words of work orders, and of what two people changed at once. */
export const ordersEn = {
  orders: {
    title: 'Work orders',
    summary: (count: number): string =>
      count === 0 ? 'All done' : count === 1 ? '1 order to do' : `${grouped(count, 'en')} orders to do`,
    empty: (area: string): string => `No work orders in ${area} yet.`,
    notHere: 'This order is not in the list of this line any more.',
    emptyMore: 'They are made here with “New order”, or come from the planning system.',
    late: 'Late',
    new: 'New order',
    field: {
      title: 'Title',
      status: 'Status',
      quantity: 'Quantity',
      produced: 'Made so far',
      due: 'Due',
      assignee: 'Assigned to',
      note: 'Note',
    } satisfies Record<OrderField, string>,
    status: { open: 'Open', running: 'Running', blocked: 'Blocked', done: 'Done' } satisfies Record<
      OrderStatus,
      string
    >,
    nobody: 'nobody',
    none: 'none',
    notDue: 'no time set',
    number: 'Order',
    edit: (number: string): string => `Edit ${number}`,
    changed: (by: string, time: string): string => `${by} ${time}`,
    changedTitle: 'Last change',
    /** `412 made` of those that are planned. */
    made: (pieces: string): string => `${pieces} made`,
    conflict: 'Needs your choice',
  },
}
