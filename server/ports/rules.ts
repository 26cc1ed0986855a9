/**
 * What decides inside the store's transaction. Pure: the adapter reads what `reads` names, calls `decide` and writes what
 * it says. The core implements it; the worker that owns the database composes both.
 */
import type { ChannelName, Domain } from '../../relay/protocol/channels.ts'
import type { Checked } from '../../relay/protocol/check.ts'
import type { Refusal } from '../../relay/protocol/errors.ts'
import type { CommandId, DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import type { TypedCommand } from '../../relay/protocol/commands.ts'
import type { Role } from '../../relay/protocol/records.ts'
import type { ApiKeyRow, DeviceRow, OperatorRow, Outcome, SessionRow, Submission } from './store.ts'

/** A record of a domain by its key, wherever it is (an alert moves between channels). */
export interface RecordKey {
  readonly domain: Domain
  readonly key: string
}
export interface FoundRecord {
  readonly channel: ChannelName
  readonly record: unknown
}
/** Records that were found, by `domain/key`; absent when there is none. */
export type Records = ReadonlyMap<string, FoundRecord>

/** Who acts, resolved from the rows in the transaction. */
export interface Actor {
  /** As a person reads it: operator, key name or `device:NAME`. */
  readonly by: string
  /** Device name, null over the API. */
  readonly on: string | null
  /** Stable name of where edits come from: the device id, or `key:ID`. */
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
}

/** With the rows behind it; null where the store has none. */
export interface RejectedCommand extends Omit<Rejected, 'session'> {
  /** Server time, ISO 8601 UTC. */
  readonly at: string
  /** Areas of the site. */
  readonly areas: readonly string[]
  readonly device: DeviceId
  readonly deviceRow: DeviceRow | null
  /** Null for a device alone. */
  readonly author: AuthorRows | null
}

/** Events, and whom they name as `by`. */
export interface KeptRejection {
  readonly by: string
  readonly events: readonly NewEvent[]
}

/**
 * How a rejected command is kept for people (PROTOCOL D1, D2, D6). After a decision that ended an outbox's command,
 * before the commit, the adapter
 *
 *   1. asks `rejected` whether there is something to keep, and finds the records that `reads` names,
 *   2. asks `channel` for the list, and finds its oldest record if it holds `limit` of them,
 *   3. appends the events of `keep` in order, with the command as their `cause`, and adds them to those of the submission.
 *
 * The outcome stays as it was decided. Should one of these throw, the adapter undoes the three steps, reports it, and
 * goes on: that a rejection cannot be kept holds up nothing behind it.
 */
export interface RejectionRules {
  /** Records a list may hold. */
  readonly limit: number
  /** What is to be kept of a submission with this end; null where nothing is. */
  rejected(submission: Submission, outcome: Outcome): Rejected | null
  reads(command: RejectedCommand): readonly RecordKey[]
  /** Null where there is nothing to keep: the id is in a list already. */
  channel(records: Records, command: RejectedCommand): ChannelName | null
  /** `oldest`: the record of the list with the lowest offset when there are `limit` of them, null while there is room. */
  keep(channel: ChannelName, command: RejectedCommand, oldest: unknown): KeptRejection
}

export interface CommandRules {
  /** Type and data against the lane table; `unknown-command` where no domain carries it out. */
  check(type: string, data: unknown): Checked<TypedCommand>
  /** Who acts: the device with its session's operator, or the refusal (W8). */
  actorOfDevice(command: TypedCommand, device: DeviceRow, author: AuthorRows | null): Checked<Actor>
  actorOfKey(key: ApiKeyRow): Actor
  reads(command: TypedCommand, id: CommandId): readonly RecordKey[]
  decide(records: Records, command: TypedCommand, now: Now): Decision
  readonly rejections: RejectionRules
}
