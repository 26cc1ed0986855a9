import type { InferOutput } from 'valibot'
import { ALERT_EVENTS, type AlertAction } from './alert-state.ts'
import type { Domain } from './channels.ts'
import type { Lane } from './lanes.ts'
import type { StoredEvent as StoredEventSchema } from './stored-event.ts'

/** Where an event class goes. `bus+port`: both, ids make it one. `port`: only to windows that show it. */
export interface ClassRow {
  readonly windows: 'bus' | 'bus+port' | 'port'
  readonly devices: boolean
}

/** THE EVENT TABLE, first half: the classes. Routing reads these columns and nothing else. */
export const CLASSES = {
  'token-refreshed': { windows: 'bus', devices: false },
  'signed-out': { windows: 'bus', devices: true },
  'theme-changed': { windows: 'bus', devices: true },
  'record-changed': { windows: 'bus', devices: true },
  'alert-urgent': { windows: 'bus+port', devices: true },
  alert: { windows: 'bus', devices: true },
  live: { windows: 'port', devices: true },
} as const satisfies Record<string, ClassRow>

export type EventClass = keyof typeof CLASSES

interface EventRow {
  /** Class by the lane of the channel it is in: an alert is urgent because it is in `alerts/urgent`. */
  readonly class: EventClass | Readonly<Record<Lane, EventClass>>
  /** Domain of its channel; null for what never leaves the device. */
  readonly domain: Domain | null
}

const ALERT: Readonly<Record<Lane, EventClass>> = { urgent: 'alert-urgent', normal: 'alert' }

const ALERT_ROW = { class: ALERT, domain: 'alerts' } as const satisfies EventRow

/** A row for each step of an alert. */
function alertSteps() {
  const rows = Object.values(ALERT_EVENTS).map((type) => [type, ALERT_ROW] as const)
  return Object.fromEntries(rows) as Readonly<Record<(typeof ALERT_EVENTS)[AlertAction], typeof ALERT_ROW>>
}

/** THE EVENT TABLE, second half: every event type is a row. What it carries stands in `event-data.ts`, which no relay needs. */
export const EVENTS = {
  'token.refreshed': { class: 'token-refreshed', domain: null },
  'session.ended': { class: 'signed-out', domain: 'inbox' },
  /** Every session of the person ended at once (PROTOCOL A7). */
  'session.revoked': { class: 'signed-out', domain: 'inbox' },
  'theme.changed': { class: 'theme-changed', domain: 'prefs' },
  'language.changed': { class: 'theme-changed', domain: 'prefs' },
  'order.created': { class: 'record-changed', domain: 'orders' },
  'order.edited': { class: 'record-changed', domain: 'orders' },
  'chat.posted': { class: 'record-changed', domain: 'chat' },
  /** Takes a message back, in its channel; its text is in no page any more. */
  'chat.withdrawn': { class: 'record-changed', domain: 'chat' },
  /** Says in its channel what became of the files of a message; its message has it as well. */
  'chat.filed': { class: 'record-changed', domain: 'chat' },
  'chat.mentioned': { class: 'record-changed', domain: 'inbox' },
  'chat.read': { class: 'record-changed', domain: 'prefs' },
  'note.opened': { class: 'record-changed', domain: 'notes' },
  /** The text is another one than was signed. */
  'note.changed': { class: 'record-changed', domain: 'notes' },
  'note.signed': { class: 'record-changed', domain: 'notes' },
  'note.accepted': { class: 'record-changed', domain: 'notes' },
  'note.added': { class: 'record-changed', domain: 'notes' },
  'note.updated': { class: 'record-changed', domain: 'note' },
  'note.compacted': { class: 'record-changed', domain: 'note' },
  'note.booked': { class: 'record-changed', domain: 'notebooks' },
  'rejection.added': { class: 'record-changed', domain: 'rejections' },
  /** Takes the record away; `rejection` says what it was, and who closed it how and why. */
  'rejection.closed': { class: 'record-changed', domain: 'rejections' },
  /** The same two for the author, wherever they sign in next (P9). */
  'command.rejected': { class: 'record-changed', domain: 'inbox' },
  'command.closed': { class: 'record-changed', domain: 'inbox' },
  'alert.raised': ALERT_ROW,
  ...alertSteps(),
  'machine.changed': { class: 'record-changed', domain: 'equipment' },
  'machine.removed': { class: 'record-changed', domain: 'equipment' },
  'telemetry.sampled': { class: 'live', domain: 'telemetry' },
  'presence.changed': { class: 'live', domain: 'presence' },
  'typing.changed': { class: 'live', domain: 'typing' },
} as const satisfies Record<string, EventRow>

export type EventType = keyof typeof EVENTS

/** The class row that decides where an event of this type, in a channel of this lane, goes. Unknown types go as records. */
export function routeOf(type: string, lane: Lane): ClassRow & { readonly class: EventClass } {
  const row: EventRow | undefined = isEventType(type) ? EVENTS[type] : undefined
  const chosen = row === undefined ? 'record-changed' : typeof row.class === 'string' ? row.class : row.class[lane]
  return { ...CLASSES[chosen], class: chosen }
}

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(EVENTS, type)
}

/** An event as it stands in a channel. */
export type StoredEvent = InferOutput<typeof StoredEventSchema>
