import { afterAction, ALERT_EVENTS, alertState, deedsOf, type AlertAction } from '../../relay/protocol/alert-state.ts'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { CommandType } from '../../relay/protocol/commands.ts'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import type { AlertRecord } from '../../relay/protocol/records.ts'
import type { StoreReader } from '../ports/store-reader.ts'
import type { Outcome, SubmitResult } from '../ports/submission.ts'

/** How far back the record of an alert is looked for that was deleted by its last step. */
const LOOK_BACK = { maxItems: 500, maxBytes: 4 * 1024 * 1024 } as const
const ACTIONS = Object.keys(ALERT_EVENTS) as readonly AlertAction[]
const ONE = { maxItems: 1, maxBytes: 4 * 1024 * 1024 } as const

type Reader = Pick<StoreReader, 'lastEvents' | 'record'>

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
    const domain = domainOf(type)
    const found = domain === null ? null : await store.record(domain, id)
    return found === null ? answer : asObject(found.record)
  }
  const [channel, offset] = written as [ChannelName, number]
  const event = result.events.find((one) => one.channel === channel)?.event ?? (await eventAt(store, channel, offset))
  if (event === null) return answer
  const { record } = keyed(event)
  if (record !== null) return asObject(record)
  if (event.type === 'machine.removed') return answer
  const before = await recordBefore(store, { channel, offset, id })
  return before === null ? answer : withLastStep(before, event)
}

/** What became of a record since: it is as the command left it, was changed, or is gone. */
export type RecordState = 'current' | 'changed' | 'gone'

/**
 * Whether the record is still as this command left it, for whoever is answered from memory: an alert of last night's answer
 * may be over (X2). Null for commands that leave no record.
 */
export async function recordState(
  store: Pick<Reader, 'record'>,
  { type, outcome }: { readonly type: CommandType; readonly outcome: Outcome },
): Promise<RecordState | null> {
  const domain = domainOf(type)
  if (domain === null) return null
  const found = await store.record(domain, String(asObject(outcome.data)['id']))
  if (found === null) return 'gone'
  const [written] = Object.entries(outcome.offsets)
  // It changed nothing, so the answer shows the record as it is now.
  if (written === undefined) return 'current'
  const [channel, offset] = written
  return found.channel === channel && found.offset === offset ? 'current' : 'changed'
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

/** The alert as the event that deleted it left it: its last step is nowhere but there. */
function withLastStep(before: object, event: StoredEvent): object {
  const action = ACTIONS.find((one) => ALERT_EVENTS[one] === event.type)
  if (action === undefined) return before
  // Only alerts are deleted by these events, and only their domain writes them.
  const state = afterAction(alertState(before as AlertRecord), action, { by: event.by ?? '', on: null, at: event.at })
  return state === null ? before : { ...before, ...deedsOf(state) }
}

function keyed(event: StoredEvent): { readonly key: unknown; readonly record: unknown } {
  const { key, record } = asObject(event.data)
  return { key, record: record ?? null }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

const DOMAINS: Readonly<Record<string, string>> = { machine: 'equipment', alert: 'alerts', order: 'orders' }

function domainOf(type: CommandType): string | null {
  const [prefix = ''] = type.split('.')
  return DOMAINS[prefix] ?? null
}
