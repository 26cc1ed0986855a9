import type { OrderField } from '../../relay/protocol/records.ts'
import { grouped } from './grouped.ts'

type OrderFilter = 'todo' | 'running' | 'late' | 'mine' | 'done'
type OrderSort = 'due' | 'number' | 'status'
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
    filterLegend: 'Shown',
    filters: { todo: 'To do', running: 'Running', late: 'Late', mine: 'Mine', done: 'Done' } satisfies Record<
      OrderFilter,
      string
    >,
    noneIn: {
      todo: 'Every order is done.',
      running: 'No order is running now.',
      late: 'No order is late.',
      mine: 'No order is assigned to you.',
      done: 'No order is done yet.',
    } satisfies Record<OrderFilter, string>,
    sortLegend: 'Sorted by',
    sorts: { due: 'By due time', number: 'By number', status: 'By status' } satisfies Record<OrderSort, string>,
    late: 'Late',
    new: 'New order',
    newIn: (area: string): string => `New order · ${area}`,
    create: 'Create order',
    missingNumber: 'The order needs a number.',
    takenNumber: (number: string): string => `There is an order ${number} already.`,
    numberHint: 'Proposed: the next one of this list',
    due: {
      days: { none: 'No time', today: 'Today', tomorrow: 'Tomorrow' },
      dayBefore: 'One day earlier',
      dayAfter: 'One day later',
      step: (minutes: number): string =>
        `${minutes < 0 ? '−' : '+'}${Math.abs(minutes) < 60 ? `${Math.abs(minutes)} min` : `${Math.abs(minutes) / 60} h`}`,
      earlier: 'earlier',
      later: 'later',
    },
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
    save: 'Save changes',
    nothingToSave: 'Nothing is changed.',
    /** `412 made` of those that are planned. */
    made: (pieces: string): string => `${pieces} made`,
    more: (field: string): string => `${field}: one more`,
    less: (field: string): string => `${field}: one less`,
    assigneeHint: 'Short name, for example kim; empty for nobody',
    badAssignee: 'A short name has only a–z, 0–9 and -.',
    badQuantity: 'A whole number from 0 to 10,000,000.',
    missingTitle: 'The title must not be empty.',
    conflict: 'Needs your choice',
  },
  conflict: {
    title: (number: string): string => `${number}: choose a value`,
    explain: 'Somebody else changed this first, so your change was not carried out. Choose the value that holds.',
    meanwhile: 'Somebody changed this while you were editing. Choose the value that holds.',
    yours: 'Yours',
    theirs: (by: string, time: string): string => `By ${by} at ${time}`,
    send: 'Send my choice',
    keepTheirs: 'Leave it as is',
    chooseFirst: 'Choose a value for every field first.',
    gone: 'This was decided in another window.',
  },
}
