/** A command as it reaches the store, and what became of it there. */
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import type { CommandId, DeviceId, Epoch, OutboxEpoch, SessionId } from '../../relay/protocol/ids.ts'
import type { PassingCode } from '../../relay/protocol/errors.ts'
import type { Lane } from '../../relay/protocol/lanes.ts'
import type { CommandFacts } from './documents.ts'
import type { Timer } from './timers.ts'

/** Where a command comes from: a device's outbox, a program with an API key, or the site itself. */
export type Source =
  | {
      readonly kind: 'outbox'
      readonly device: DeviceId
      readonly epoch: OutboxEpoch
      readonly lane: Lane
      readonly seq: number
      readonly session: SessionId | null
      /** The command of the sequence before, when it came on the same connection just before. */
      readonly after?: CommandId
      /** The greeting of its connection; absent where none is known. */
      readonly greeted?: Greeted
      /** The number of its link; absent where none is known. */
      readonly link?: number
      /** With `session.end`: the last sequence of the urgent lane that its device had given out. */
      readonly urgentUpTo?: number
    }
  | {
      readonly kind: 'api'
      readonly keyId: string
      readonly idempotency: { readonly key: string; readonly bodyHash: string } | null
    }
  | {
      readonly kind: 'system'
      /** What was due, as it was read: it goes in the transaction of this command (T20). Null for what no time brought about. */
      readonly timer: Pick<Timer, 'id' | 'due'> | null
    }

/** A command that came from a device. */
export type OutboxSource = Extract<Source, { kind: 'outbox' }>

/** When a connection was greeted, server time, and how far its device said that each lane had come; null where it did not. */
export interface Greeted {
  readonly at: string
  readonly newest: Readonly<Record<Lane, number>> | null
}

export interface Submission {
  readonly source: Source
  readonly id: CommandId
  /** Not yet checked: type and data are checked inside the transaction, so that a bad command is a stored rejection. */
  readonly type: string
  readonly data: unknown
  /** What was found out about `data` where that takes longer than a transaction may (`core/documents.ts`). */
  readonly facts?: CommandFacts
}

/** The stored end of a command; what `result` carries. */
export interface Outcome {
  readonly outcome: 'applied' | 'rejected'
  readonly code: string | null
  readonly message: string | null
  readonly data: unknown
  readonly offsets: Readonly<Record<string, number>>
}

export type Verdict =
  | { readonly kind: 'done'; readonly outcome: Outcome; readonly repeated: boolean }
  | { readonly kind: 'expect'; readonly seq: number }
  | { readonly kind: 'forked'; readonly seq: number }
  /** Nothing is decided before the device greets: it is not known (any more), or a session of it has run out since it did. */
  | { readonly kind: 'greet-again' }
  /**
   * Only for what passes by itself, which is never given up: whoever adds another reason has `frame.giveUp` to read, and to end
   * the command as `gave-up` where it is there (W6).
   */
  | { readonly kind: 'retry-later'; readonly code: PassingCode; readonly message: string; readonly afterMs: number }
  /** A later link of the device took the place of the one that this came by: nothing is decided, and it is no repeat and no fork. */
  | { readonly kind: 'stale-link' }
  /** Of a timer only: it was given before, set to another time or taken back. Nothing is done. */
  | { readonly kind: 'spent' }
  /** API only: this Idempotency-Key was used with another body. */
  | { readonly kind: 'conflict' }

/** An event as it was committed. */
export interface CommittedEvent {
  readonly channel: ChannelName
  readonly epoch: Epoch
  readonly event: StoredEvent
}

export interface SubmitResult {
  readonly verdict: Verdict
  /** New events, none for a repeat; those of one channel in offset order. Between submissions only the offsets tell the order. */
  readonly events: readonly CommittedEvent[]
  /** Sessions that this command ended, for the gateway to unbind. */
  readonly endedSessions: readonly SessionId[]
  /** They were revoked, and not signed out. */
  readonly revoked?: true
  /** It was applied, and its device is used, by this or already (T18). */
  readonly isUsed?: true
}
