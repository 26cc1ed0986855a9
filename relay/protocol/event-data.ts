/** What each event carries: for whoever describes the wire. The way down checks none of it (`StoredEvent`), so no relay has it. */
import * as v from 'valibot'
import { ALERT_EVENTS, type AlertAction } from './alert-state.ts'
import { ChatFiled } from './attachments.ts'
import type { EventType } from './events.ts'
import { CommandId, DeviceId, Segment, SessionId } from './ids.ts'
import { NoteBook, NotePiece, NoteRecord } from './notes.ts'
import {
  AlertRecord,
  ChatMention,
  ChatMessage,
  Language,
  OrderRecord,
  ReadMark,
  RejectionRecord,
  Theme,
} from './records.ts'
import { MachineRecord } from './telemetry.ts'

type Schema = v.GenericSchema<unknown, unknown>

/** `data` of every event on a `state` channel: one key is set, or deleted by null. */
function keyed<T extends Schema>(record: T) {
  return v.strictObject({ key: v.string(), record: v.nullable(record) })
}

const LiveValue = v.strictObject({ key: v.string(), value: v.unknown() })

/** Of each step of an alert. */
function alertSteps() {
  const rows = Object.values(ALERT_EVENTS).map((type): readonly [string, Schema] => [type, keyed(AlertRecord)])
  return Object.fromEntries(rows) as Readonly<Record<(typeof ALERT_EVENTS)[AlertAction], Schema>>
}

/** Beside the table of `events.ts`: the schema of `data` of each type. */
export const EVENT_DATA: Readonly<Record<EventType, Schema>> = {
  'token.refreshed': v.strictObject({ generation: v.number(), lifetimeMs: v.number() }),
  'session.ended': v.strictObject({
    session: SessionId,
    device: DeviceId,
    reason: v.picklist(['signed-out', 'revoked', 'expired']),
  }),
  'session.revoked': v.strictObject({ operator: Segment }),
  'theme.changed': keyed(Theme),
  'language.changed': keyed(Language),
  'order.created': keyed(OrderRecord),
  'order.edited': keyed(OrderRecord),
  'chat.posted': ChatMessage,
  'chat.withdrawn': v.strictObject({ line: Segment, id: CommandId, by: v.string() }),
  'chat.filed': ChatFiled,
  'chat.mentioned': ChatMention,
  'chat.read': keyed(ReadMark),
  'note.opened': keyed(NoteRecord),
  'note.changed': keyed(NoteRecord),
  'note.signed': keyed(NoteRecord),
  'note.accepted': keyed(NoteRecord),
  'note.added': keyed(NoteRecord),
  'note.updated': keyed(NotePiece),
  'note.compacted': keyed(NotePiece),
  'note.booked': keyed(NoteBook),
  'rejection.added': keyed(RejectionRecord),
  'rejection.closed': v.strictObject({ key: v.string(), record: v.null(), rejection: RejectionRecord }),
  'command.rejected': RejectionRecord,
  'command.closed': RejectionRecord,
  'alert.raised': keyed(AlertRecord),
  ...alertSteps(),
  'machine.changed': keyed(MachineRecord),
  'machine.removed': v.strictObject({ key: v.string(), record: v.null() }),
  'telemetry.sampled': LiveValue,
  'presence.changed': LiveValue,
  'typing.changed': LiveValue,
}
