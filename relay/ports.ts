/** Everything the relay needs from the world, on one page. Adapters translate; they decide nothing. */
import type { ContentHash, FilePlace, UploadState } from './protocol/attachments.ts'
import type { Message } from './protocol/binary.ts'
import type { ChannelName } from './protocol/channels.ts'
import type { ErrorCode, Refusal } from './protocol/errors.ts'
import type { StoredEvent } from './protocol/events.ts'
import type { CommandId, DeviceId, Epoch, SessionId } from './protocol/ids.ts'
import type { Lane } from './protocol/lanes.ts'
import type { ChannelView, FileBytes, SessionView, StatusView } from './protocol/local.ts'
import type { Member } from './protocol/presence.ts'
import type { Role } from './protocol/records.ts'
import type { SearchPage, SearchQuery } from './protocol/search.ts'
import type { PastPage, PastQuery } from './protocol/talk-past.ts'
import type { SeriesPage, SeriesQuery } from './protocol/telemetry.ts'
import type { Way } from './protocol/ways.ts'

/** Opens the uplink, by whichever way. Events of an old handle are ignored by the relay, not here. */
export interface SocketPort {
  /** Starts opening; never throws. `url` is the server's base (`http://host:7070`). `near`: the node it has to come to (N13). */
  open(url: string, way: Way, events: SocketEvents, near?: string): SocketHandle
}
/** One way of the uplink. */
export interface WayPort {
  open(url: string, events: SocketEvents, near?: string): SocketHandle
}
export interface SocketEvents {
  opened(): void
  /** One frame: text, or a binary message. */
  received(message: Message): void
  /** Exactly once, also when opening failed (code 1006). No event comes after it. `refusal`: why it was not let in, where that is known. */
  closed(code: number, reason: string, refusal?: ErrorCode): void
}
export interface SocketHandle {
  /** Hands bytes to the socket; ignored once it is closing (the loss shows as a missing result, never as silence). */
  send(message: string | Uint8Array<ArrayBuffer>): void
  close(code: number, reason: string): void
  /** Bytes handed over and not yet written. */
  bufferedBytes(): number
  /** The node whose link it is, where its server has a name and says it on this way. */
  node?(): string | undefined
}

/** The relay's tables. Keys are ordered as plain strings (UTF-16 code units); values are structured-clonable JSON. */
export const TABLES = ['meta', 'outbox', 'refs', 'channels', 'records', 'events', 'receipts'] as const
export type Table = (typeof TABLES)[number]
export interface Row {
  readonly key: string
  readonly value: unknown
}
/** `from` inclusive, `to` exclusive; absent means open. */
export interface Range {
  readonly from?: string
  readonly to?: string
  readonly limit?: number
}
export type Write =
  | { readonly op: 'put'; readonly table: Table; readonly key: string; readonly value: unknown }
  | { readonly op: 'delete'; readonly table: Table; readonly key: string }
  | { readonly op: 'delete-range'; readonly table: Table; readonly from: string; readonly to: string }

/** Durable storage of one device. One relay at a time: the adapter refuses a second opener (`storage-busy` as an error). */
export interface RelayStore {
  /** Rows in key order. */
  read(table: Table, range?: Range): Promise<readonly Row[]>
  /** All or nothing, in the order of calls; resolves when it survives a power cut. Rejects with the cause otherwise. */
  write(writes: readonly Write[]): Promise<void>
  close(): Promise<void>
}

/** The device's key pair (ES256). The private key never leaves it. */
export interface IdentityPort {
  readonly device: DeviceId
  /** Compact JWS over `{ nonce, aud }` with the public key in the header (frame `hello`). */
  prove(nonce: string, audience: string): Promise<string>
}

/**
 * A place of this device for one secret that outlives the program, encrypted by the system. Best effort and never rejects: what
 * it cannot keep or read is as if it had never been kept, and its log says why.
 */
export interface SecretPlace {
  read(): Promise<string | null>
  /** Replaces what is there; null forgets it. */
  write(secret: string | null): Promise<void>
}

/** Sign-in by HTTP: in browsers the refresh token stays in an httpOnly cookie, elsewhere the adapter keeps it. */
export interface SessionPort {
  signIn(request: {
    readonly operator: string
    readonly pin: string
    readonly deviceToken: string
  }): Promise<SessionGrant | SessionFailure>
  refresh(request: {
    readonly session: SessionId
    readonly deviceToken: string
  }): Promise<SessionGrant | SessionFailure>
  /** Forgets the refresh token; best effort, never throws. */
  forget(): Promise<void>
}
export interface SessionGrant {
  readonly ok: true
  readonly session: SessionId
  readonly operator: string
  readonly role: Role
  readonly areas: readonly string[]
  readonly accessToken: string
  readonly generation: number
  readonly expiresInMs: number
}
/** `unreachable`: the server did not answer; try again. Any code of the table: it answered no. */
export type SessionFailure = Refusal | { readonly ok: false; readonly code: 'unreachable'; readonly message: string }

/** The past of signals, read by page from the server. */
export interface SeriesPort {
  /** One page. `bearer`: access or device token. Never rejects. */
  read(query: SeriesQuery, bearer: string): Promise<SeriesResult>
}
export type SeriesResult = { readonly ok: true; readonly value: SeriesPage } | SessionFailure

/** What was said and written, searched and read back by the server. */
export interface SearchPort {
  /** One page. `bearer`: of a person. Never rejects. */
  find(query: SearchQuery, bearer: string): Promise<SearchResult>
  /** What was said before. `bearer`: of a person. Never rejects. */
  past(query: PastQuery, bearer: string): Promise<PastResult>
}
export type SearchResult = { readonly ok: true; readonly value: SearchPage } | SessionFailure
export type PastResult = { readonly ok: true; readonly value: PastPage } | SessionFailure

/** Bytes of photos and files on this device, each by the SHA-256 of them. */
export interface AttachmentStore {
  list(): Promise<readonly { readonly hash: ContentHash; readonly size: number }[]>
  /** Resolves with their name when they survive a power cut; a file that is there already is as good. Rejects with the cause. */
  keep(bytes: Uint8Array<ArrayBuffer>): Promise<ContentHash>
  /** Null where it is not there; rejects where that cannot be known. */
  read(hash: ContentHash): Promise<Uint8Array<ArrayBuffer> | null>
  /** One that is not there is no error. */
  drop(hash: ContentHash): Promise<void>
}

/** Photos and files on the server. Nothing here rejects; an aborted call is `unreachable`. */
export interface AttachmentPort {
  /** How much of it the server has of this device. `bearer`: of the device. */
  state(place: FilePlace, bearer: string, signal: AbortSignal): Promise<UploadResult>
  /** One piece, which begins at byte `offset`. */
  send(
    place: FilePlace,
    piece: { readonly offset: number; readonly bytes: Uint8Array<ArrayBuffer> },
    bearer: string,
    signal: AbortSignal,
  ): Promise<UploadResult>
  /** Nothing of it comes any more: this device has lost it. */
  giveUp(place: FilePlace, bearer: string, signal: AbortSignal): Promise<UploadResult>
  /** While it is held nothing is read: what is under way is cut off, and goes on where it was. */
  hold(isHeld: boolean): void
  /** As it is handed out; `bearer`: of a person. */
  read(place: FilePlace, size: 'small' | 'whole', bearer: string): Promise<FileResult>
}
export type UploadResult = { readonly ok: true; readonly value: UploadState } | SessionFailure
export type FileResult = { readonly ok: true; readonly value: FileBytes } | SessionFailure

export interface Clock {
  /** Wall clock, epoch milliseconds. For people's eyes and for noticing jumps, never for order. */
  wall(): number
  /** Monotonic milliseconds. */
  monotonic(): number
  /** Calls once after `ms`; the returned function cancels. */
  after(ms: number, call: () => void): () => void
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** A fresh UUID version 7 (RFC 9562). */
  uuid(): string
}

/**
 * What a host sees of the network, the machine and whoever looks at it. `online`, `woke`: the socket is replaced. `offline`: it
 * is probed. `unwatched`: nobody looks at this device, so that it may be frugal; until that is said somebody does. `watched`:
 * somebody does again.
 */
export type Hint = 'online' | 'offline' | 'sleeps' | 'woke' | 'watched' | 'unwatched'
export interface NetworkHints {
  /** Returns the release. */
  listen(hinted: (hint: Hint) => void): () => void
  /** A name of the network the device is in: equal names are the same network. Absent where nothing is known. */
  network?(): string
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
/** Structured log: event name and fields; never secrets, never texts of people. */
export type Log = (level: LogLevel, event: string, fields?: Readonly<Record<string, unknown>>) => void

/** Posts on the device's bus. */
export interface BusPort {
  post(message: unknown): void
}
/** One window's port, seen from the relay. */
export interface WindowPort {
  post(message: unknown): void
}

/**
 * What the relay lets its host observe: one union, so that the headless program prints it and a test can collect it.
 * Windows do not use it; they hear the bus and their port (`protocol/local.ts`).
 */
export type Observation =
  | { readonly kind: 'status'; readonly status: StatusView }
  | { readonly kind: 'saved'; readonly ref: string; readonly id: CommandId }
  | {
      readonly kind: 'result'
      readonly ref: string
      readonly outcome: 'applied' | 'rejected' | 'retry-later'
      readonly code: string | null
      readonly message: string | null
      readonly data: unknown
    }
  | { readonly kind: 'event'; readonly channel: ChannelName; readonly epoch: Epoch; readonly event: StoredEvent }
  | {
      readonly kind: 'live'
      readonly channel: ChannelName
      readonly key: string
      readonly value: unknown
      readonly at: string
    }
  /** Of a room that the host follows: somebody came, or has left, and who was there when it began has not. */
  | {
      readonly kind: 'joined' | 'left'
      readonly channel: ChannelName
      readonly member: Member & { readonly device: string }
    }
  | {
      readonly kind: 'reset'
      readonly channel: ChannelName
      readonly reason: string
      readonly lost: { readonly from: number; readonly to: number } | null
    }
  | { readonly kind: 'snapshot'; readonly view: ChannelView }
  | { readonly kind: 'outbox'; readonly pending: Readonly<Record<Lane, number>> }
  | { readonly kind: 'session'; readonly session: SessionView | null }
  | { readonly kind: 'refused'; readonly channel: string; readonly code: string; readonly message: string }
export type Observer = (observation: Observation) => void
