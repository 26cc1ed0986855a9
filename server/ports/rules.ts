/**
 * What decides inside the store's transaction. Pure: the adapter reads what `reads` names, calls `decide` and writes what
 * it says. The core implements it; the worker that owns the database composes both.
 */
import type { ChannelName, Domain } from '../../relay/protocol/channels.ts'
import type { Checked } from '../../relay/protocol/check.ts'
import type { Refusal } from '../../relay/protocol/errors.ts'
import type { CommandId, DeviceId, Epoch, OutboxEpoch, SessionId } from '../../relay/protocol/ids.ts'
import type { Lane } from '../../relay/protocol/lanes.ts'
import type { TypedCommand } from '../../relay/protocol/commands.ts'
import type { RejectionRecord, Role } from '../../relay/protocol/records.ts'
import type { CommandFacts } from './documents.ts'
import type { SessionRow } from './sessions.ts'
import type { ApiKeyRow, DeviceRow, OperatorRow } from './site.ts'
import type { Outcome, OutboxSource, Submission } from './submission.ts'
import type { TimerChange } from './timers.ts'

/**
 * A record by its key: of a domain, wherever it is (an alert moves between channels), or of one channel where keys are its own.
 * Or the event of this type that the command with this id made; of several, as only forged ids make them, the first.
 */
export type RecordKey =
  | { readonly domain: Domain | ChannelName; readonly key: string }
  | { readonly event: FoundEvent; readonly cause: CommandId }
/** Types of events that are found by the command that made them: what people answer and take back. */
export type FoundEvent = 'chat.posted' | 'alert.raised'

/** `record`: of an event the whole `StoredEvent`. */
export interface FoundRecord {
  readonly channel: ChannelName
  readonly record: unknown
}
/** What was found, by `foundName`; absent when there is none. */
export type Records = ReadonlyMap<string, FoundRecord>

/** `domain/key`, `channel/key` or `event/cause`. */
export function foundName(key: RecordKey): string {
  return 'event' in key ? `${key.event}/${key.cause}` : `${key.domain}/${key.key}`
}

/** Who acts, resolved from the rows in the transaction. */
export interface Actor {
  /** As a person reads it: operator, key name, `device:NAME` or `system`. */
  readonly by: string
  /** Device name, null over the API. */
  readonly on: string | null
  /** Stable name of where edits come from: the device id, `key:ID` or `system`. */
  readonly source: string
  readonly operator: string | null
  /** The author session, null for a device alone or a key. */
  readonly session: SessionId | null
  readonly device: DeviceId | null
  readonly role: Role | 'device'
  /** Areas of the person or key; of the device where nobody is signed in. */
  readonly areas: readonly string[]
  /** Areas of the device itself: a call for help may be raised wherever the terminal stands. */
  readonly deviceAreas: readonly string[]
}

/** What a command may know besides the records it read. */
export interface Now {
  /** Server time, ISO 8601 UTC. */
  readonly at: string
  readonly areas: readonly string[]
  readonly actor: Actor
  readonly id: CommandId
  /** Of the people whom the command asks for, those that there are, by id. */
  readonly people: ReadonlyMap<string, OperatorRow>
  /** Of a channel as it is now, or as it will begin. */
  readonly epochOf: (channel: ChannelName) => Epoch
  /** Of the first event that this command appends to a channel. */
  readonly nextOffset: (channel: ChannelName) => number
  /** What was found out about the command before; absent where nothing was. */
  readonly facts?: CommandFacts
}

/** Gives the event of this type that this command made in this channel other data: what was said before is in no page any more. */
export interface Rewrite {
  readonly channel: ChannelName
  readonly type: 'chat.posted' | 'chat.mentioned'
  readonly cause: CommandId
  readonly data: unknown
  /** Where there was such an event, one of the same type and data is appended: whoever read it before is told. */
  readonly isTold?: true
}

/** What answers this message in this channel quotes it, and does so no more. */
export interface Unquote {
  readonly channel: ChannelName
  readonly message: CommandId
}

/** A message without the words that it quotes: `''`, as for one that had none. */
export function unquoted(message: unknown): unknown {
  // Only what answers something is asked for.
  const answer = message as { readonly reply: object }
  return { ...answer, reply: { ...answer.reply, text: '' } }
}

/** Says it. */
export function toldOf({ channel, type, data }: Rewrite): NewEvent {
  return { channel, type, data }
}

/** One event to append; on `state` channels its data sets or deletes one record. */
export interface NewEvent {
  readonly channel: ChannelName
  readonly type: string
  readonly data: unknown
}

export type Decision =
  | {
      readonly ok: true
      readonly events: readonly NewEvent[]
      readonly data?: unknown
      /** Done before the events are appended; where there is no such event, nothing. */
      readonly rewrites?: readonly Rewrite[]
      readonly unquotes?: readonly Unquote[]
      /** Commands that the site is to give at a time by itself, or no more (T20). */
      readonly timers?: readonly TimerChange[]
      /** Raises the alert of this command's id without a person: it counts against the device until it is gone (T21). */
      readonly raiser?: DeviceId
      readonly endSession?: SessionId
      /** Every session of this operator that could still author something is revoked (A7). */
      readonly revokeSessionsOf?: string
    }
  | Refusal

/** Rows behind a claimed author session; null where the store has none. */
export interface AuthorRows {
  readonly session: SessionRow | null
  readonly operator: OperatorRow | null
}

/** The author of a command of an outbox. `isLate`: the session was over, and this is not of what it left behind (W11). */
export interface Author extends AuthorRows {
  readonly isLate: boolean
}

/** In one outbox and of each lane the last sequence that a session which is over may still have authored (W11). */
export interface LeftBehind extends Readonly<Record<Lane, number>> {
  readonly epoch: OutboxEpoch
}

/**
 * What bounds late authorship (PROTOCOL W11). The adapter keeps `LeftBehind` beside a session, writes it once and in the
 * transaction of the command that asked for it, and hands in the marks of the command's outbox as they are at that moment.
 */
export interface LateRules {
  /** What a session that is over left behind, by the greeting of its device; null while there was none since. */
  leftBehind(session: SessionRow, source: OutboxSource, now: MarksAt): LeftBehind | null
  /** What the sign-out that this source brings leaves behind; `before` is what was kept of the session already. */
  signedOut(source: OutboxSource, marks: MarksAt['marks'], before: LeftBehind | null): LeftBehind
  isLate(left: LeftBehind, source: OutboxSource): boolean
  /** What a session may do however long it is over: take itself back. */
  isAlwaysTaken(command: Pick<Submission, 'type' | 'data'>, session: SessionRow): boolean
}

/** The sequences taken last of each lane of an outbox; server time, ISO 8601 UTC. */
export interface MarksAt {
  readonly marks: Readonly<Record<Lane, number>>
  readonly at: string
}

/** A command of an outbox that ended `rejected`, here or, by its own report, on its device (D7). */
export interface Rejected {
  readonly id: CommandId
  readonly type: string
  /** As it came; checked by nobody. */
  readonly data: unknown
  readonly code: string
  readonly message: string
  /** The author session it claims; null for a device alone. */
  readonly session: SessionId | null
  /** Who made it by the word of the device; null where the device says nothing of it. */
  readonly claimed: string | null
  /** The device says itself that it ended so (D7). */
  readonly isReported: boolean
}

/** With the rows behind it; null where the store has none. */
export interface RejectedCommand extends Omit<Rejected, 'session'> {
  /** Server time, ISO 8601 UTC. */
  readonly at: string
  /** Areas of the site. */
  readonly areas: readonly string[]
  readonly device: DeviceId
  readonly deviceRow: DeviceRow | null
  /** Nobody ever signed in on it, and no command of it was applied (T18). */
  readonly isStranger: boolean
  /** Null for a device alone. */
  readonly author: AuthorRows | null
}

/** A record that is to be kept, and who answers for it. */
export interface KeptRejection {
  readonly record: RejectionRecord
  /** Rank and name: of several the lower one in text order makes room first. The store finds records by it. */
  readonly holder: string
  /** Records that this holder may have in one list. */
  readonly quota: number
}

/** Which records make room for one more, of whatever list; or the new one itself does. */
export type RoomMade = 'itself' | readonly RejectionRecord[]

/**
 * How a rejected command is kept for people (PROTOCOL D1, D2, D6). After a decision that ended an outbox's command,
 * before the commit, the adapter
 *
 *   1. asks `rejected` whether there is something to keep, and finds the records that `reads` names,
 *   2. asks `channel` for the list and `record` for the record,
 *   3. finds what makes room: the holder's oldest record where it has its `quota`; where the list holds `limit`, the oldest
 *      one of `payer`, or the new one itself; and what is over the bytes of all lists (`rejection-room.ts`),
 *   4. appends the events of `keep` in order, with the command as their `cause`, and adds them to those of the submission.
 *
 * The outcome stays as it was decided. Should one of these throw, the adapter undoes the four steps, reports it, and
 * goes on: that a rejection cannot be kept holds up nothing behind it.
 */
export interface RejectionRules {
  /** Records a list may hold, and bytes of the records of all lists together. */
  readonly limit: { readonly records: number; readonly bytes: number }
  /** What is to be kept of a submission with this end; null where nothing is. */
  rejected(submission: Submission, outcome: Outcome): Rejected | null
  reads(command: RejectedCommand): readonly RecordKey[]
  /** Null where nothing is kept: the id is in a list already, or a device alone sent it outside its own areas. */
  channel(records: Records, command: RejectedCommand): ChannelName | null
  record(channel: ChannelName, command: RejectedCommand): KeptRejection
  /** Of a full list, by holder how many records each has: who gives one up; null where the new one is not kept. */
  payer(holders: ReadonlyMap<string, number>, newcomer: string): string | null
  keep(record: RejectionRecord, room: RoomMade): readonly NewEvent[]
}

export interface CommandRules {
  /** Whether a command of this type may be numbered in this lane of an outbox (W7). */
  mayTravelIn(type: string, lane: Lane): boolean
  /** Type and data against the lane table; `unknown-command` where no domain carries it out. */
  check(type: string, data: unknown): Checked<TypedCommand>
  /** Who acts: the device with its session's operator, or the refusal (W8). */
  actorOfDevice(command: TypedCommand, device: DeviceRow, author: Author | null): Checked<Actor>
  actorOfKey(key: ApiKeyRow): Actor
  readonly actorOfSystem: Actor
  /** `operator`: the author, null where no person is. */
  reads(command: TypedCommand, id: CommandId, operator: string | null): readonly RecordKey[]
  /** People whose rows `decide` is to have. */
  asksOf(command: TypedCommand): readonly string[]
  decide(records: Records, command: TypedCommand, now: Now): Decision
  readonly rejections: RejectionRules
  readonly late: LateRules
}
