import type { OrderField, OrderFields, OrderRecord } from './records.ts'

/** In the order in which people read them. */
export const ORDER_FIELDS = [
  'title',
  'status',
  'produced',
  'quantity',
  'due',
  'assignee',
  'note',
] as const satisfies readonly OrderField[]

/** The fields of a record, whenever it was written. */
export function orderFields({ fields }: Pick<OrderRecord, 'fields'>): OrderFields {
  return { ...fields, due: fields.due ?? null, produced: fields.produced ?? 0 }
}
