import { channelName } from '../../relay/protocol/channels.ts'
import type { CommandData } from '../../relay/protocol/commands.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { ORDER_FIELDS, orderFields } from '../../relay/protocol/order-fields.ts'
import type { OrderConflict, OrderField, OrderFields, OrderRecord } from '../../relay/protocol/records.ts'
import { coversArea } from '../../relay/protocol/rights.ts'
import type { Decision, Now, RecordKey, Records } from '../ports/rules.ts'
import type { Handlers } from './handler.ts'

/**
 * Work orders. An edit names the version it was made on; two edits of different fields merge, two of the same field
 * conflict, and a device's own later edit builds on its earlier one (both may have been waiting in one outbox).
 */
export const orders: Handlers = {
  'order.create': { reads: readsNew, decide: (records, data, now) => plan(records, { ...data, due: null }, now) },
  'order.plan': { reads: readsNew, decide: plan },
  'order.edit': { reads: readsOne, decide: changeOrder },
  'order.change': { reads: readsOne, decide: changeOrder },
  'order.update': { reads: readsOne, decide: changeOrder },
}

function readsNew(_data: unknown, id: CommandId): readonly RecordKey[] {
  return [{ domain: 'orders', key: id }]
}

function readsOne({ id }: { readonly id: CommandId }): readonly RecordKey[] {
  return [{ domain: 'orders', key: id }]
}

function plan(records: Records, data: CommandData<'order.plan'>, now: Now): Decision {
  if (!now.areas.includes(data.area)) return refuse('unknown-area', `There is no area "${data.area}".`)
  if (!coversArea(now.actor.areas, data.area))
    return refuse('forbidden', `You may not create work orders in ${data.area}.`)
  if (records.has(`orders/${now.id}`)) return refuse('bad-command', 'Another work order has this id.')
  const { title, quantity, assignee, note, due } = data
  const deed = { by: now.actor.by, on: now.actor.on, at: now.at }
  const stamp = { version: 1, by: now.actor.by, at: now.at, source: now.actor.source }
  const record: OrderRecord = {
    id: now.id,
    number: data.number,
    area: data.area,
    version: 1,
    fields: { title, status: 'open', quantity, produced: 0, assignee, note, due },
    stamps: {
      title: stamp,
      status: stamp,
      quantity: stamp,
      produced: stamp,
      assignee: stamp,
      note: stamp,
      due: stamp,
    },
    created: deed,
    changed: deed,
  }
  return { ok: true, events: [change('order.created', record)], data: { id: record.id, version: 1 } }
}

function changeOrder(records: Records, data: CommandData<'order.update'>, now: Now): Decision {
  const found = records.get(`orders/${data.id}`)
  if (found === undefined) return refuse('order-not-found')
  // Only this domain writes its records, always as OrderRecord.
  const current = found.record as OrderRecord
  if (!coversArea(now.actor.areas, current.area))
    return refuse('forbidden', `This work order belongs to ${current.area}; you may not edit it.`)
  if (data.baseVersion > current.version) {
    return refuse(
      'bad-command',
      `"baseVersion": this work order is at version ${current.version}, not yet at ${data.baseVersion}.`,
    )
  }
  const conflict = conflictOf(current, data, now.actor.source)
  if (conflict !== null) return refuse('order-conflict', conflictSentence(conflict), conflict)
  const version = current.version + 1
  const stamp = { version, by: now.actor.by, at: now.at, source: now.actor.source }
  const fields = orderFields(current)
  const changed = changedFields(fields, data.fields)
  if (changed.length === 0) return { ok: true, events: [], data: { id: current.id, version: current.version } }
  const record: OrderRecord = {
    ...current,
    version,
    fields: merged(fields, data.fields),
    stamps: { ...current.stamps, ...Object.fromEntries(changed.map((field) => [field, stamp])) },
    changed: { by: now.actor.by, on: now.actor.on, at: now.at },
  }
  return { ok: true, events: [change('order.edited', record)], data: { id: record.id, version } }
}

/** Fields that somebody else set to another value after the version this edit was made on; null when there are none. */
function conflictOf(
  current: OrderRecord,
  edit: { readonly fields: Readonly<Partial<Record<OrderField, unknown>>>; readonly baseVersion: number },
  source: Now['actor']['source'],
): OrderConflict | null {
  const fields: OrderConflict['fields'] = {}
  const now = orderFields(current)
  for (const field of ORDER_FIELDS) {
    const yours = edit.fields[field]
    const stamp = current.stamps[field]
    if (
      yours === undefined ||
      stamp === undefined ||
      stamp.version <= edit.baseVersion ||
      stamp.source === source ||
      yours === now[field]
    )
      continue
    fields[field] = { yours, theirs: now[field], by: stamp.by, at: stamp.at }
  }
  return Object.keys(fields).length === 0 ? null : { current, fields }
}

function conflictSentence(conflict: OrderConflict): string {
  const names = Object.entries(conflict.fields).map(([field, both]) => `${field} (by ${both.by})`)
  return `Somebody else changed this work order first: ${names.join(', ')}.`
}

function changedFields(before: OrderFields, edit: Readonly<Partial<Record<OrderField, unknown>>>): OrderField[] {
  return ORDER_FIELDS.filter((field) => edit[field] !== undefined && edit[field] !== before[field])
}

function merged(before: OrderFields, edit: CommandData<'order.update'>['fields']): OrderFields {
  return {
    title: edit.title ?? before.title,
    status: edit.status ?? before.status,
    quantity: edit.quantity ?? before.quantity,
    produced: edit.produced ?? before.produced,
    // Null is a value of these two: nobody is assigned, and nobody said when.
    assignee: edit.assignee === undefined ? before.assignee : edit.assignee,
    due: edit.due === undefined ? before.due : edit.due,
    note: edit.note ?? before.note,
  }
}

function change(type: string, record: OrderRecord) {
  return { channel: channelName('orders', record.area), type, data: { key: record.id, record } }
}
