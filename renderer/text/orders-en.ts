import type { OrderField } from '../../relay/protocol/records.ts'

type OrderStatus = 'open' | 'running' | 'blocked' | 'done'

/** The words of work orders, and of what two people changed at once. */
export const ordersEn = {
  orders: {
    title: 'Work orders',
    summary: (count: number): string => (count === 1 ? '1 order' : `${count} orders`),
    empty: (area: string): string => `No work orders in ${area}.`,
    field: {
      title: 'Title',
      status: 'Status',
      quantity: 'Quantity',
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
    more: 'One more',
    less: 'One less',
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
