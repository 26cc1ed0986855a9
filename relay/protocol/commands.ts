import * as v from 'valibot'
import { ContentHash, FileEnd, NamedFiles } from './attachments.ts'
import { CommandId, Segment, SessionId } from './ids.ts'
import type { Lane } from './lanes.ts'
import type { TAKES } from './frames.ts'
import { LIMITS } from './limits.ts'
import { NOTE_COMMANDS } from './notes.ts'
import { Language, OrderBasics, OrderFields, PlannedFields, Priority, RejectionEnd, ReplyTo, Theme } from './records.ts'
import { line, optionalProse, prose } from './text.ts'
import { MachineAddress, MachineDescription } from './telemetry.ts'

const NEW_ORDER = {
  area: Segment,
  number: line(32),
  title: line(LIMITS.maxTitle),
  quantity: v.optional(OrderBasics.entries.quantity, 0),
  assignee: v.optional(OrderBasics.entries.assignee, null),
  note: v.optional(OrderBasics.entries.note, ''),
} as const

/** Where something is said, what it answers and whom it names. */
const TALK = {
  line: Segment,
  reply: v.optional(v.nullable(ReplyTo), null),
  mentions: v.optional(
    v.pipe(
      v.array(Segment),
      v.maxLength(LIMITS.maxMentions, `must not name more than ${LIMITS.maxMentions} people`),
      v.check((names) => new Set(names).size === names.length, 'must not name a person twice'),
    ),
    [],
  ),
} as const

/** An edit of these fields, at least one of them, on the version at which they were read. */
function edited<const Fields extends v.ObjectEntries>(fields: v.StrictObjectSchema<Fields, undefined>) {
  return {
    id: CommandId,
    fields: v.pipe(
      v.partial(fields),
      v.check((named) => Object.keys(named).length > 0, 'must name at least one field'),
    ),
    baseVersion: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  } as const
}

/**
 * THE LANE TABLE: every command type, once. A type is immutable; a change is a new type, and an old one is accepted for
 * 400 days (P1). `author` says whether a device may send it with nobody signed in.
 */
export const COMMANDS = {
  'alert.raise': {
    lane: 'urgent',
    author: 'device',
    data: v.strictObject({
      priority: Priority,
      area: Segment,
      title: line(LIMITS.maxTitle),
      body: v.optional(v.nullable(prose(LIMITS.maxBody))),
    }),
  },
  'alert.ack': { lane: 'urgent', author: 'operator', data: v.strictObject({ id: CommandId }) },
  'alert.resolve': { lane: 'urgent', author: 'operator', data: v.strictObject({ id: CommandId }) },
  'order.create': { lane: 'normal', author: 'operator', data: v.strictObject(NEW_ORDER) },
  'order.edit': { lane: 'normal', author: 'operator', data: v.strictObject(edited(OrderBasics)) },
  /** The same two with what orders did not have at first: when they are due. Servers of before refuse them, and take those. */
  'order.plan': {
    lane: 'normal',
    author: 'operator',
    data: v.strictObject({ ...NEW_ORDER, due: v.optional(PlannedFields.entries.due, null) }),
  },
  'order.change': { lane: 'normal', author: 'operator', data: v.strictObject(edited(PlannedFields)) },
  /** As `order.change`, with how many pieces are made. Of several edits of one order each names what it changes. */
  'order.update': { lane: 'normal', author: 'operator', data: v.strictObject(edited(OrderFields)) },
  'chat.post': {
    lane: 'normal',
    author: 'operator',
    data: v.strictObject({ line: Segment, text: prose(LIMITS.maxText) }),
  },
  /** The same with what it answers and whom it names. Servers of before refuse it, and take that. */
  'chat.say': {
    lane: 'normal',
    author: 'operator',
    data: v.strictObject({ ...TALK, text: prose(LIMITS.maxText) }),
  },
  /** The same with photos and files, and words only where there are any (`attachments.ts`, PROTOCOL O1 to O9). */
  'chat.share': {
    lane: 'normal',
    author: 'operator',
    data: v.strictObject({ ...TALK, text: optionalProse(LIMITS.maxText), files: NamedFiles }),
  },
  /** The site writes into a message what became of its file; of null of all that are still on their way. */
  'chat.settle': {
    lane: 'normal',
    author: 'operator',
    data: v.strictObject({ line: Segment, id: CommandId, hash: v.nullable(ContentHash), end: FileEnd }),
  },
  'chat.withdraw': { lane: 'normal', author: 'operator', data: v.strictObject({ line: Segment, id: CommandId }) },
  /** The author has read the chat of this line up to this message. */
  'chat.read': {
    lane: 'normal',
    author: 'operator',
    ofItself: 'chat',
    data: v.strictObject({ line: Segment, id: CommandId }),
  },
  /** Handover notes (`notes.ts`, PROTOCOL J1 to J9). */
  'note.open': { lane: 'normal', author: 'operator', data: NOTE_COMMANDS.open },
  'note.update': { lane: 'normal', author: 'operator', data: NOTE_COMMANDS.update },
  'note.sign': { lane: 'normal', author: 'operator', data: NOTE_COMMANDS.sign },
  'note.accept': { lane: 'normal', author: 'operator', data: NOTE_COMMANDS.accept },
  'note.add': { lane: 'normal', author: 'operator', data: NOTE_COMMANDS.add },
  'note.compact': { lane: 'normal', author: 'operator', data: NOTE_COMMANDS.compact },
  /** A rejected command is settled: it was sent again as a new one, or is given up for a reason. */
  'rejection.close': {
    lane: 'normal',
    author: 'operator',
    data: v.pipe(
      v.strictObject({
        id: CommandId,
        how: RejectionEnd.entries.how,
        reason: v.optional(v.nullable(prose(LIMITS.maxReason)), null),
      }),
      v.check(({ how, reason }) => how === 'resent' || reason !== null, 'must have a reason to be discarded'),
    ),
  },
  /**
   * A device hands over what it put to review, because the server does not know its outbox like that (PROTOCOL D7). `by` is who
   * made it by the device's word.
   */
  'outbox.report': {
    lane: 'normal',
    author: 'device',
    data: v.strictObject({
      code: v.picklist(['outbox-forked', 'device-forgotten']),
      command: v.strictObject({
        id: CommandId,
        type: v.pipe(v.string(), v.maxLength(64)),
        data: v.unknown(),
        session: v.nullable(SessionId),
        by: v.nullable(Segment),
      }),
    }),
  },
  /** A program says what a machine is and measures. Taken from API keys only: people read machines, they do not make them. */
  'machine.describe': { lane: 'normal', author: 'operator', data: MachineDescription },
  /** Takes a machine and its signals away, so that their places are free; from API keys of those who supervise. */
  'machine.remove': { lane: 'normal', author: 'operator', data: MachineAddress },
  /** What a person likes to see, on whatever device. What is not named stays as it is. */
  'prefs.set': {
    lane: 'normal',
    author: 'operator',
    data: v.pipe(
      v.strictObject({ theme: v.optional(Theme), language: v.optional(Language) }),
      v.check(({ theme, language }) => theme !== undefined || language !== undefined, 'must name a preference'),
    ),
  },
  /** Ends every session of this person, on every device (PROTOCOL A7). */
  'session.revoke': { lane: 'normal', author: 'operator', data: v.strictObject({ operator: Segment }) },
  'session.end': { lane: 'normal', author: 'operator', data: v.strictObject({ session: SessionId }) },
} as const satisfies Record<string, CommandRow>

export interface CommandRow {
  readonly lane: Lane
  /**
   * Lanes this type stood in before. Outboxes of older relays hold it numbered there, and are taken from for 400 days (W7): a
   * type that moves leaves its old lane here.
   */
  readonly formerLanes?: readonly Lane[]
  readonly author: 'device' | 'operator'
  /**
   * A window makes it without being asked to, so that nobody would know what to do with a refusal. Its relay takes it
   * where the server that was reached last names this in `challenge.takes`, and otherwise not at all (C8).
   */
  readonly ofItself?: (typeof TAKES)[number]
  readonly data: v.GenericSchema<unknown, unknown>
}

export type CommandType = keyof typeof COMMANDS
export type CommandData<T extends CommandType> = v.InferOutput<(typeof COMMANDS)[T]['data']>

/** A command whose `data` has been checked against its row. */
export type TypedCommand = { [T in CommandType]: { readonly type: T; readonly data: CommandData<T> } }[CommandType]

export function isCommandType(type: string): type is CommandType {
  return Object.hasOwn(COMMANDS, type)
}

/** The lane of a type; unknown types travel in `normal`, so that an old server can still refuse them in order. */
export function laneOf(type: string): Lane {
  return isCommandType(type) ? COMMANDS[type].lane : 'normal'
}

/** Whether a command of this type may have been numbered in this lane. A type that is not known is refused for that, not for its lane. */
export function mayTravelIn(type: string, lane: Lane): boolean {
  return !isCommandType(type) || stoodIn(COMMANDS[type], lane)
}

/** The lane of this row now, or one it stood in before. */
export function stoodIn(row: CommandRow, lane: Lane): boolean {
  return row.lane === lane || row.formerLanes?.includes(lane) === true
}
