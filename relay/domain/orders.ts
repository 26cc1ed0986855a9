import type { CommandData } from '../protocol/commands.ts'
import type { CommandId } from '../protocol/ids.ts'
import type { ChannelView, PendingCommand, SettledCommand } from '../protocol/local.ts'
import { ORDER_FIELDS, orderFields } from '../protocol/order-fields.ts'
import type { OrderConflict, OrderField, OrderFields, OrderRecord } from '../protocol/records.ts'
import { dataOf, hasTexts, isObject, waitingOf, type Waiting } from './pending.ts'

export interface OrderRow {
  readonly id: CommandId
  readonly number: string
  readonly area: string
  /** The server's record; null while the order itself waits (`creating`). */
  readonly record: OrderRecord | null
  /** What to show: the record with this device's waiting edits laid over it. */
  readonly fields: OrderFields
  /** Per field the last waiting edit that set it. */
  readonly waiting: Readonly<Partial<Record<OrderField, Waiting>>>
  readonly creating: Waiting | null
  /** Edits of this order that were refused because somebody else was first, oldest first. */
  readonly conflicts: readonly SettledCommand[]
}

interface OrderSources {
  readonly channel: ChannelView | null
  readonly area: string
  readonly pending: readonly PendingCommand[]
  readonly rejected: readonly SettledCommand[]
}

/** The work orders of an area, in no order that means something: a list has its own. */
export function orderList({ channel, area, pending, rejected }: OrderSources): readonly OrderRow[] {
  const rows = new Map<string, OrderRow>()
  const conflicts = conflictsOf(rejected)
  for (const { record } of Object.values(channel?.records ?? {})) {
    if (isOrderRecord(record)) rows.set(record.id, rowOf(record, conflicts.get(record.id) ?? NO_CONFLICTS))
  }
  for (const command of pending) layOver(rows, command, area)
  return [...rows.values()]
}

/** What a command makes, of whichever type that makes an order. */
export function plannedOrder(command: Pick<PendingCommand, 'type' | 'data'>): CommandData<'order.plan'> | null {
  const made = dataOf(command, 'order.create')
  return made === null ? dataOf(command, 'order.plan') : { ...made, due: null }
}

/** Data of a command that changes an order. What it does not name it does not have. */
export interface OrderEdit {
  readonly id: CommandId
  readonly fields: Partial<OrderFields>
  readonly baseVersion: number
}

/** What a command changes, of whichever type that changes an order. */
export function orderEdit(command: Pick<PendingCommand, 'type' | 'data'>): OrderEdit | null {
  const edit = dataOf(command, 'order.edit') ?? dataOf(command, 'order.change') ?? dataOf(command, 'order.update')
  return edit as OrderEdit | null
}

/** The conflict in a refusal, null when it is about something else. */
export function conflictOf(settled: SettledCommand): OrderConflict | null {
  if (settled.code !== 'order-conflict' || !isObject(settled.data)) return null
  const { current, fields } = settled.data
  return isOrderRecord(current) && isObject(fields) ? (settled.data as unknown as OrderConflict) : null
}

/** The fields whose values differ, from `before` to `after`. */
export function changedFields(before: OrderFields, after: OrderFields): Partial<OrderFields> {
  return pick(
    after,
    ORDER_FIELDS.filter((field) => before[field] !== after[field]),
  )
}

/** What to send after a conflict: the whole refused edit, without the fields in which the other person's value stays. */
export function fieldsToResend(edit: Partial<OrderFields>, theirs: ReadonlySet<OrderField>): Partial<OrderFields> {
  return pick(
    edit,
    ORDER_FIELDS.filter((field) => edit[field] !== undefined && !theirs.has(field)),
  )
}

function pick(fields: Partial<OrderFields>, names: readonly OrderField[]): Partial<OrderFields> {
  return Object.fromEntries(names.map((name) => [name, fields[name]]))
}

const NO_CONFLICTS: readonly SettledCommand[] = []

/** Refused edits by the order they were about: one look at each, for lists of thousands. */
function conflictsOf(rejected: readonly SettledCommand[]): ReadonlyMap<string, readonly SettledCommand[]> {
  const byOrder = new Map<string, SettledCommand[]>()
  for (const settled of rejected) {
    const id = conflictOf(settled)?.current.id
    if (id !== undefined) byOrder.set(id, [...(byOrder.get(id) ?? []), settled])
  }
  return byOrder
}

function rowOf(record: OrderRecord, conflicts: readonly SettledCommand[]): OrderRow {
  const { id, number, area } = record
  return { id, number, area, record, fields: orderFields(record), waiting: {}, creating: null, conflicts }
}

function layOver(rows: Map<string, OrderRow>, command: PendingCommand, area: string): void {
  const made = plannedOrder(command)
  if (made !== null && made.area === area && !rows.has(command.id)) {
    const { title, quantity, assignee, note, due, number } = made
    const creating = waitingOf(command)
    rows.set(command.id, {
      id: command.id,
      number,
      area,
      record: null,
      fields: { title, status: 'open', quantity, produced: 0, assignee, note, due },
      waiting: {},
      creating,
      conflicts: NO_CONFLICTS,
    })
  }
  const edit = orderEdit(command)
  const edited = edit === null ? undefined : rows.get(edit.id)
  if (edit === null || edited === undefined) return
  const { fields } = edit
  const named = ORDER_FIELDS.filter((field) => fields[field] !== undefined)
  const waiting = Object.fromEntries(named.map((field) => [field, waitingOf(command)]))
  rows.set(edited.id, {
    ...edited,
    fields: { ...edited.fields, ...pick(fields, named) },
    waiting: { ...edited.waiting, ...waiting },
  })
}

function isOrderRecord(value: unknown): value is OrderRecord {
  return hasTexts(value, 'id', 'number', 'area') && 'fields' in value && isObject(value.fields)
}
