/** The records and event payloads of the domains: what a `state` channel holds per key, what a `log` event carries. */
import * as v from 'valibot'
import { MessageFile } from './attachments.ts'
import { CommandId, DeviceId, Offset, Segment, Timestamp } from './ids.ts'
import { LIMITS } from './limits.ts'
import { Moment } from './moment.ts'
import { LANGUAGES, ORDER_STATUSES, PRIORITIES, ROLES, THEMES } from './record-words.ts'
import { line, optionalProse } from './text.ts'

/** One of these words; a refusal names them all. */
function oneOf<const Words extends readonly string[]>(words: Words) {
  return v.picklist(words, `must be ${words.slice(0, -1).join(', ')} or ${words.at(-1)}`)
}

/** ISA-18.2 priorities, highest first. P0 and P1 live in `alerts/urgent`. */
export const Priority = oneOf(PRIORITIES)
export type Priority = v.InferOutput<typeof Priority>

/**
 * Who did something and from where, as a person reads it: `by` is an operator's name, an API key's name, `device:NAME` or `SYSTEM`;
 * `on` names the device, null when it came over the HTTP API.
 */
export const Deed = v.strictObject({ by: v.string(), on: v.nullable(v.string()), at: Timestamp })
export type Deed = v.InferOutput<typeof Deed>

/**
 * An active alert. `cleared` with `acknowledged` null is ISA-18.2's "returned to normal, unacknowledged"; a record that is
 * both cleared and acknowledged is deleted.
 */
export const AlertRecord = v.strictObject({
  id: CommandId,
  priority: Priority,
  area: Segment,
  title: v.string(),
  body: v.nullable(v.string()),
  raised: Deed,
  acknowledged: v.nullable(Deed),
  cleared: v.nullable(Deed),
})
export type AlertRecord = v.InferOutput<typeof AlertRecord>

export const OrderStatus = oneOf(ORDER_STATUSES)

const Pieces = v.pipe(v.number(), v.safeInteger('must be a whole number'), v.minValue(0), v.maxValue(LIMITS.maxPieces))

/** What `order.create` and `order.edit` take of a work order: fixed with those types (P1). */
export const OrderBasics = v.strictObject({
  title: line(LIMITS.maxTitle),
  status: OrderStatus,
  quantity: Pieces,
  assignee: v.nullable(Segment),
  note: optionalProse(LIMITS.maxBody),
})

/** What `order.plan` and `order.change` take besides: `due`, when it is to be done, in UTC; null where nobody said. */
export const PlannedFields = v.strictObject({ ...OrderBasics.entries, due: v.nullable(Moment) })

/** What a person may edit of a work order. `produced`: how many of its `quantity` are made; more than planned is no mistake. */
export const OrderFields = v.strictObject({ ...PlannedFields.entries, produced: Pieces })
export type OrderFields = v.InferOutput<typeof OrderFields>
export type OrderField = keyof OrderFields

/** Last change of one field. `source` (a device id or key) lets a device's own later edit build on its earlier one. */
export const FieldStamp = v.strictObject({ version: v.number(), by: v.string(), at: Timestamp, source: v.string() })

/** A work order. `version` counts its changes from 1; `stamps` says per field who changed it last. */
export const OrderRecord = v.strictObject({
  id: CommandId,
  number: v.string(),
  area: Segment,
  version: v.number(),
  /** `due` and `produced` are absent in records of before, here and in `stamps`. */
  fields: v.strictObject({
    ...OrderBasics.entries,
    due: v.optional(OrderFields.entries.due),
    produced: v.optional(OrderFields.entries.produced),
  }),
  stamps: v.strictObject({
    title: FieldStamp,
    status: FieldStamp,
    quantity: FieldStamp,
    assignee: FieldStamp,
    note: FieldStamp,
    due: v.optional(FieldStamp),
    produced: v.optional(FieldStamp),
  }),
  created: Deed,
  changed: Deed,
})
export type OrderRecord = v.InferOutput<typeof OrderRecord>

/** `data` of an `order-conflict`: per field in conflict both values, who wrote theirs and when; and the record as it is. */
export interface OrderConflict {
  readonly current: OrderRecord
  readonly fields: Partial<
    Record<OrderField, { readonly yours: unknown; readonly theirs: unknown; readonly by: string; readonly at: string }>
  >
}

/** What a message may answer: another one of its line, an alert or a work order, by its id. */
export const ReplyTo = v.strictObject({ to: oneOf(['message', 'alert', 'order']), id: CommandId })
export type ReplyTo = v.InferOutput<typeof ReplyTo>

/** What a message answers, in words of its own, so that they are read where the rest of it is not at hand. */
export const Quote = v.strictObject({ ...ReplyTo.entries, by: v.string(), text: v.string() })
export type Quote = v.InferOutput<typeof Quote>

/** Who took a message back, and when. */
export const Withdrawal = v.strictObject({ by: v.string(), at: Timestamp })
export type Withdrawal = v.InferOutput<typeof Withdrawal>

/** `data` of `chat.posted`; of one that was withdrawn, only that. Its id is that of the command in its `cause`. */
export const ChatMessage = v.union([
  v.strictObject({
    line: Segment,
    text: v.string(),
    reply: v.optional(Quote),
    mentions: v.optional(v.array(Segment)),
    files: v.optional(v.array(MessageFile)),
  }),
  v.strictObject({ line: Segment, withdrawn: Withdrawal }),
])
export type ChatMessage = v.InferOutput<typeof ChatMessage>

/**
 * `data` of `chat.mentioned`: which message, whose, and how it begins; null once it was withdrawn. `offset`: where the message
 * stands in the chat of its line; absent once it was withdrawn, and in what servers before it have said.
 */
export const ChatMention = v.strictObject({
  line: Segment,
  id: CommandId,
  by: v.string(),
  text: v.nullable(v.string()),
  offset: v.optional(Offset),
})
export type ChatMention = v.InferOutput<typeof ChatMention>

/** How far a person has read the chat of a line: the message they saw last, by its offset and time. */
export const ReadMark = v.strictObject({ offset: Offset, at: Timestamp })
export type ReadMark = v.InferOutput<typeof ReadMark>

/** How a person, or the server over its limit, settled a rejected command. `reason` is null only where it was sent again. */
export const RejectionEnd = v.strictObject({
  by: v.string(),
  on: v.nullable(v.string()),
  at: Timestamp,
  how: v.picklist(['resent', 'discarded']),
  reason: v.nullable(v.string()),
})
export type RejectionEnd = v.InferOutput<typeof RejectionEnd>

/**
 * Who answers for a rejected command: the person whose session it named, the device alone (also for what it reports of its own
 * outbox, under whatever name), or a device on which nobody ever signed in.
 */
export const RejectionOrigin = v.picklist(['person', 'device', 'stranger'])
export type RejectionOrigin = v.InferOutput<typeof RejectionOrigin>

/**
 * A command that was rejected, as it came: `type` and `data` may be what no lane table knows. `by` is its author as a person
 * reads it, `device:NAME` where nobody was signed in; `on` names the device. `claimed` is whom
 * the device alone calls its author; the server does not know that. `closed` is null as long as it is in the list.
 */
export const RejectionRecord = v.strictObject({
  id: CommandId,
  type: v.string(),
  data: v.unknown(),
  by: v.string(),
  on: v.nullable(v.string()),
  device: DeviceId,
  area: Segment,
  code: v.string(),
  message: v.string(),
  at: Timestamp,
  /** Absent in records of before. */
  origin: v.optional(RejectionOrigin),
  claimed: v.optional(v.nullable(v.string())),
  closed: v.nullable(RejectionEnd),
})
export type RejectionRecord = v.InferOutput<typeof RejectionRecord>

/** A person's preferences: records of `prefs/{operator}` under the keys `theme` and `language`, beside their read marks. */
export const Theme = oneOf(THEMES)
export type Theme = v.InferOutput<typeof Theme>
export const Language = oneOf(LANGUAGES)
export type Language = v.InferOutput<typeof Language>

export const Role = v.picklist(ROLES)
export type Role = v.InferOutput<typeof Role>
