import type { OrderRow } from '../../relay/domain/orders.ts'
import { ORDER_FIELDS } from '../../relay/protocol/order-fields.ts'
import type { OrderField, OrderFields } from '../../relay/protocol/records.ts'

/**
 * What a person has changed in an open order: per field the new value, and the value it was made from. Fields that are
 * not in it follow the record while the sheet is open; one whose base moved is disputed until a person chooses.
 */
export type OrderDraft = Readonly<Partial<Record<OrderField, { readonly value: unknown; readonly base: unknown }>>>

export function draftOf(row: OrderRow, values: Partial<OrderFields>): OrderDraft {
  return ORDER_FIELDS.reduce<OrderDraft>(
    (draft, field) => (values[field] === undefined ? draft : withValue(draft, row, field, values[field])),
    {},
  )
}

/** Sets a field; a value that equals the record's is no change. */
export function withValue(draft: OrderDraft, row: OrderRow, field: OrderField, value: unknown): OrderDraft {
  const { [field]: before, ...others } = draft
  if (value === row.fields[field]) return others
  return { ...others, [field]: { value, base: before?.base ?? row.fields[field] } }
}

/** A person saw the new value and keeps theirs: it is now made from the new one. */
export function withKept(draft: OrderDraft, row: OrderRow, field: OrderField): OrderDraft {
  const kept = draft[field]
  return kept === undefined ? draft : { ...draft, [field]: { value: kept.value, base: row.fields[field] } }
}

export function withoutField(draft: OrderDraft, field: OrderField): OrderDraft {
  const { [field]: _dropped, ...others } = draft
  return others
}

/** Fields somebody else changed since this person did, to something else. */
export function disputedFields(draft: OrderDraft, row: OrderRow): readonly OrderField[] {
  return ORDER_FIELDS.filter((field) => {
    const change = draft[field]
    return change !== undefined && change.base !== row.fields[field] && change.value !== row.fields[field]
  })
}

/** What to show: the record with the draft over it. */
export function valuesOf(draft: OrderDraft, row: OrderRow): OrderFields {
  return { ...row.fields, ...changesOf(draft, row) }
}

/** What to send. */
export function changesOf(draft: OrderDraft, row: OrderRow): Partial<OrderFields> {
  const changed = ORDER_FIELDS.filter((field) => draft[field] !== undefined && draft[field].value !== row.fields[field])
  return Object.fromEntries(changed.map((field) => [field, draft[field]?.value]))
}
