/**
 * The store: channels, records, marks, results, people, devices — and the one transaction that changes the truth.
 * `store.contract.ts` is the suite every adapter runs. All promises are durable when they resolve (P1: FULL, fsync).
 */
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import type { ReceiptKind } from '../../relay/protocol/frames.ts'
import type {
  CommandId,
  Cursor,
  DeviceId,
  Epoch,
  EventId,
  Incarnation,
  OutboxEpoch,
  SessionId,
} from '../../relay/protocol/ids.ts'
import type { Lane } from '../../relay/protocol/lanes.ts'
import type { Role } from '../../relay/protocol/records.ts'
import type { Refusal } from '../../relay/protocol/errors.ts'

// ------------------------------------------------------------------------------------------------ commands going in

/** Where a command comes from: a device's outbox, or a program with an API key. */
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
    }
  | {
      readonly kind: 'api'
      readonly keyId: string
      readonly idempotency: { readonly key: string; readonly bodyHash: string } | null
    }

export interface Submission {
  readonly source: Source
  readonly id: CommandId
  /** Not yet checked: type and data are checked inside the transaction, so that a bad command is a stored rejection. */
  readonly type: string
  readonly data: unknown
  readonly giveUp: boolean
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
  | { readonly kind: 'retry-later'; readonly code: string; readonly message: string; readonly afterMs: number }
  /** API only: this Idempotency-Key was used with another body. */
  | { readonly kind: 'conflict' }

/** An event as it was committed, in commit order. */
export interface CommittedEvent {
  readonly channel: ChannelName
  readonly epoch: Epoch
  readonly event: StoredEvent
}

export interface SubmitResult {
  readonly verdict: Verdict
  /** New events, none for a repeat. Across submissions in the order of the promise's resolution they are in offset order. */
  readonly events: readonly CommittedEvent[]
  /** Sessions that this command ended, for the gateway to unbind. */
  readonly endedSessions: readonly SessionId[]
  /** They were revoked, and not signed out. */
  readonly revoked?: true
}

// ------------------------------------------------------------------------------------------------------- reading out

/** Where a subscription may start. */
export type Resume =
  | {
      readonly kind: 'resumed'
      readonly epoch: Epoch
      readonly offset: number
      readonly id: EventId | null
      readonly top: number
    }
  | {
      readonly kind: 'reset'
      readonly reason: 'unknown-epoch' | 'unknown-event' | 'ahead' | 'expired'
      readonly lost: { readonly from: number; readonly to: number } | null
    }

export interface EventPage {
  readonly epoch: Epoch
  /** In offset order from the one after `after`, without a gap; empty at the top. */
  readonly events: readonly StoredEvent[]
  readonly top: number
  /** True when events after `after` are no longer retained, or the epoch is another one: resume again. */
  readonly gone: boolean
}

/** The cursor a snapshot starts from. */
export interface SnapshotStart {
  readonly epoch: Epoch
  readonly offset: number
  readonly id: EventId | null
}

export interface RecordPage {
  readonly records: readonly { readonly key: string; readonly offset: number; readonly record: unknown }[]
  /** Key to go on after; null at the end. */
  readonly next: string | null
}

export interface ChannelTop {
  readonly channel: ChannelName
  readonly epoch: Epoch
  readonly top: number
}

/** How much one page may hold. */
export interface PageSize {
  readonly maxItems: number
  readonly maxBytes: number
}

// ---------------------------------------------------------------------------------------------- people and devices

export interface DeviceRow {
  readonly id: DeviceId
  readonly name: string
  readonly areas: readonly string[]
  readonly status: 'active' | 'revoked'
}
export interface GreetingRequest {
  readonly device: DeviceId
  readonly publicKey: string
  readonly name: string
  /** Areas a device that is not yet known starts with (site policy). */
  readonly defaultAreas: readonly string[]
  readonly epoch: OutboxEpoch
  readonly incarnation: Incarnation | null
  readonly oldest: Readonly<Record<Lane, number>>
  /** The session that is signed in on the device, as far as it knows; absent while nobody is. */
  readonly session?: SessionId
}
/** What a session has come to; `unknown` where this device never had it. */
export type SessionState = 'active' | 'ended' | 'revoked' | 'unknown'
export interface Greeting {
  readonly device: DeviceRow
  readonly incarnation: Incarnation
  readonly outbox: 'known' | 'new' | 'adopted' | 'forgotten'
  readonly marks: Readonly<Record<Lane, number>>
  /** Null where the request names none. */
  readonly session: SessionState | null
}
export interface OperatorRow {
  readonly id: string
  readonly role: Role
  readonly areas: readonly string[]
  /** PHC string, argon2id. */
  readonly pinHash: string
  readonly status: 'active' | 'inactive'
}
export type SessionStatus = 'active' | 'signed-out' | 'expired' | 'revoked'
export interface SessionRow {
  readonly id: SessionId
  readonly operator: string
  readonly device: DeviceId
  readonly status: SessionStatus
  readonly createdAt: string
  /** Server time after which the session cannot be refreshed. */
  readonly expiresAt: string
  /** SHA-256 (base64url) of the current refresh token, and of the one before while the new one was never used. */
  readonly refreshHash: string
  readonly previousHash: string | null
  readonly generation: number
}
export interface ApiKeyRow {
  readonly id: string
  readonly name: string
  /** SHA-256 (base64url) of the key. */
  readonly hash: string
  readonly role: Role
  readonly areas: readonly string[]
}
export interface SigningKeyRow {
  readonly kid: string
  /** Private JWK, ES256. */
  readonly jwk: string
  readonly createdAt: string
}

export interface Receipt {
  readonly alert: CommandId
  readonly device: DeviceId
  readonly kind: 'sent' | 'received' | ReceiptKind
  readonly at: string
}

/** What an outbox did that a person should look at: it was past what the store knows, was a copy, or of a device long forgotten. */
export type ReviewRow = { readonly device: DeviceId; readonly at: string } & (
  | {
      readonly kind: 'skipped-range'
      readonly detail: {
        readonly epoch: OutboxEpoch
        readonly lane: Lane
        readonly from: number
        readonly to: number
      }
    }
  | {
      readonly kind: 'outbox-forked'
      readonly detail: { readonly epoch: OutboxEpoch; readonly lane: Lane; readonly seq: number }
    }
  | {
      readonly kind: 'forgotten'
      readonly detail: { readonly epoch: OutboxEpoch; readonly oldest: Readonly<Record<Lane, number>> }
    }
)

export interface Reviews {
  /** Oldest first. */
  readonly rows: readonly ReviewRow[]
  /** How many went because there were more than `LIMITS.maxReviews`, or of one device more than `maxReviewsPerDevice`. */
  readonly dropped: number
}

/** A session as its device should see it. One that has run out but was never marked counts as active: a refresh finds that out. */
export function sessionState(row: SessionRow | null, operator: OperatorRow | null, device: DeviceId): SessionState {
  if (row === null || operator === null || row.device !== device) return 'unknown'
  if (row.status === 'revoked' || operator.status === 'inactive') return 'revoked'
  return row.status === 'active' ? 'active' : 'ended'
}

// ------------------------------------------------------------------------------------------------------------- port

export interface Store {
  /** Checks and carries out in call order, in one or more durable transactions; one bad command harms no other. */
  submit(submission: Submission): Promise<SubmitResult>
  /** Forgets stored results up to `upTo`. */
  confirm(request: {
    readonly device: DeviceId
    readonly epoch: OutboxEpoch
    readonly lane: Lane
    readonly upTo: number
  }): Promise<void>
  /** Registers or finds the device and settles where its outbox goes on (PROTOCOL W10). */
  greet(request: GreetingRequest): Promise<Greeting>

  /** Every channel with events or records; the hub starts from it. */
  tops(): Promise<readonly ChannelTop[]>
  /** Whether `cursor` can be resumed (PROTOCOL S2, S3). A channel that has never been written to begins at 0. */
  resume(channel: ChannelName, cursor: Cursor): Promise<Resume>
  /** The offset before the oldest retained event. */
  oldest(channel: ChannelName): Promise<SnapshotStart & { readonly top: number }>
  events(
    channel: ChannelName,
    after: { readonly epoch: Epoch; readonly offset: number },
    size: PageSize,
  ): Promise<EventPage>
  /** Cursor for a snapshot: the top of the channel now. */
  snapshotStart(channel: ChannelName): Promise<SnapshotStart>
  /** The last events at or before `offset`, oldest first. */
  lastEvents(channel: ChannelName, upTo: number, size: PageSize): Promise<readonly StoredEvent[]>
  /** Current records in key order after `after`. */
  records(channel: ChannelName, after: string | null, size: PageSize): Promise<RecordPage>
  /** One record of a domain by key, wherever it is. */
  record(
    domain: string,
    key: string,
  ): Promise<{ readonly channel: ChannelName; readonly offset: number; readonly record: unknown } | null>

  /** Of an alert, a device and a kind the first counts. Resolves with how many were dropped: their alert is not known (E3). */
  recordReceipts(receipts: readonly Receipt[]): Promise<number>
  receipts(alert: CommandId): Promise<readonly Receipt[]>

  areas(): Promise<readonly string[]>
  addArea(area: string): Promise<void>
  device(id: DeviceId): Promise<DeviceRow | null>
  devices(): Promise<readonly DeviceRow[]>
  operator(id: string): Promise<OperatorRow | null>
  operators(): Promise<readonly OperatorRow[]>
  putOperator(row: OperatorRow): Promise<void>
  session(id: SessionId): Promise<SessionRow | null>
  /** Inserts, or replaces by id. `expectedHash`: only when the stored `refreshHash` is still this one; false otherwise. */
  putSession(row: SessionRow, expectedHash?: string): Promise<boolean>
  apiKeyByHash(hash: string): Promise<ApiKeyRow | null>
  putApiKey(row: ApiKeyRow): Promise<void>
  /** Every key that may still have signed a living token, newest first. */
  signingKeys(): Promise<readonly SigningKeyRow[]>
  putSigningKey(row: SigningKeyRow): Promise<void>
  /** Server time, ISO 8601 UTC. */
  incarnation(): Promise<Incarnation>
  /** The same thing twice stands in it once (T13). */
  reviews(): Promise<Reviews>
  /** One small durable write; rejects when the disk does not take it (readiness). */
  probe(): Promise<void>
  close(): Promise<void>
}

/** A store that cannot be opened; `message` says what to do. */
export class StoreOpenError extends Error {
  readonly code:
    | 'database-unwritable'
    | 'database-corrupt'
    | 'database-missing'
    | 'database-newer'
    | 'database-busy'
    | 'database-demo'
  constructor(code: StoreOpenError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreOpenError'
    this.code = code
  }
}

/**
 * The disk did not take a write. Nothing of the call has happened, and later the same may succeed; calls that only read do not
 * meet it.
 */
export class StoreUnavailable extends Error {
  constructor(message = 'The database did not take the write.') {
    super(message)
    this.name = 'StoreUnavailable'
  }
}

/** An expected refusal of a decision; see `decide`. */
export type { Refusal }
