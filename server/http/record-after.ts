import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { CommandType } from '../../relay/protocol/commands.ts'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import type { Outcome, Store, SubmitResult } from '../ports/store.ts'

/** How far back the record of an alert is looked for that was deleted by its last step. */
const LOOK_BACK = { maxItems: 500, maxBytes: 4 * 1024 * 1024 } as const
const ONE = { maxItems: 1, maxBytes: 4 * 1024 * 1024 } as const

type Reader = Pick<Store, 'lastEvents' | 'record'>

/**
 * The record as the command left it. Read from the command's own event and never from the present, so that a repeated
 * request gets the answer of the first, whatever happened since; a command that changed nothing shows the record as it is.
 */
export async function recordAfter(
  store: Reader,
  { type, result, outcome }: { readonly type: CommandType; readonly result: SubmitResult; readonly outcome: Outcome },
): Promise<object> {
  const answer = asObject(outcome.data)
  const id = String(answer['id'])
  const [written] = Object.entries(outcome.offsets)
  if (written === undefined) {
    const found = await store.record(domainOf(type), id)
    return found === null ? answer : asObject(found.record)
  }
  const [channel, offset] = written as [ChannelName, number]
  const event = result.events.find((one) => one.channel === channel)?.event ?? (await eventAt(store, channel, offset))
  if (event === null) return answer
  const { record } = keyed(event)
  if (record !== null) return asObject(record)
  if (event.type === 'machine.removed') return answer
  const before = await recordBefore(store, { channel, offset, id })
  return before === null ? answer : { ...before, ...lastDeed(event) }
}

async function eventAt(store: Reader, channel: ChannelName, offset: number): Promise<StoredEvent | null> {
  const events = await store.lastEvents(channel, offset, ONE)
  return events.find((event) => event.offset === offset) ?? null
}

/** The last record of this key before the event that deleted it. */
async function recordBefore(
  store: Reader,
  { channel, offset, id }: { readonly channel: ChannelName; readonly offset: number; readonly id: string },
): Promise<object | null> {
  const events = await store.lastEvents(channel, offset - 1, LOOK_BACK)
  const event = events.findLast((one) => keyed(one).key === id)
  const record = event === undefined ? null : keyed(event).record
  return record === null ? null : asObject(record)
}

/** What the deleting event did to the alert: the second of acknowledged and cleared deletes it (ISA-18.2). */
function lastDeed(event: StoredEvent): object {
  const deed = { by: event.by ?? '', on: null, at: event.at }
  return event.type === 'alert.cleared' ? { cleared: deed } : { acknowledged: deed }
}

function keyed(event: StoredEvent): { readonly key: unknown; readonly record: unknown } {
  const { key, record } = asObject(event.data)
  return { key, record: record ?? null }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function domainOf(type: CommandType): string {
  if (type.startsWith('machine.')) return 'equipment'
  return type.startsWith('alert.') ? 'alerts' : 'orders'
}
