/** Everything that can happen to the engine. Each comes with its `Moment`. */
import type { ContentHash, FilePlace } from '../../protocol/attachments.ts'
import type { ChannelName } from '../../protocol/channels.ts'
import type { ErrorCode } from '../../protocol/errors.ts'
import type { ServerFrame } from '../../protocol/frames.ts'
import type { Lane } from '../../protocol/lanes.ts'
import type { Person, WindowMessage } from '../../protocol/local.ts'
import type { SessionId } from '../../protocol/ids.ts'
import type {
  AttachmentStore,
  FileResult,
  Hint,
  Row,
  PastResult,
  SearchResult,
  SeriesResult,
  SessionFailure,
  SessionGrant,
  UploadResult,
} from '../../ports.ts'
import type { Paging } from '../disk/paging.ts'
import type { OwnTrack } from '../../protocol/presence.ts'
import type { Origin } from '../tell/slice.ts'
import type { Query } from './from-disk.ts'

type KeptFile = Awaited<ReturnType<AttachmentStore['list']>>[number]

/** What is read at start (`start.ts`): of each lane its oldest and its newest commands; the rest is read when needed. */
export interface StartTables {
  readonly meta: readonly Row[]
  readonly outbox: Readonly<Record<Lane, { readonly head: readonly Row[]; readonly tail: readonly Row[] }>>
  readonly channels: readonly Row[]
  readonly receipts: readonly Row[]
  /** Bytes of files on this device; null where that could not be read. */
  readonly files: readonly KeptFile[] | null
}

/**
 * What the engine is made of. `outboxEpoch`, `life`: fresh UUIDs, the first used only if the store has none. `endingIds`:
 * more of them, one for each `ending:` row.
 */
export interface Start {
  readonly tables: StartTables
  readonly outboxEpoch: string
  readonly life: string
  readonly endingIds: readonly string[]
  /** Name of the network this device is in, as far as it is known. */
  readonly network: string
  readonly paging: Paging
}

export type Input =
  | { readonly kind: 'stopped' }

  // The uplink. `fresh`: a UUID for this connection
  | { readonly kind: 'socketOpened'; readonly generation: number; readonly fresh: string }
  | {
      readonly kind: 'socketClosed'
      readonly generation: number
      readonly code: number
      readonly refusal?: ErrorCode
    }
  | { readonly kind: 'frameReceived'; readonly generation: number; readonly frame: ServerFrame }
  | { readonly kind: 'proved'; readonly generation: number; readonly proof: string }
  | { readonly kind: 'proofFailed'; readonly generation: number }

  // The disk
  | { readonly kind: 'written'; readonly upTo: number }
  /** A write failed; every save that was to be refused has been dropped by the shell, the others are being retried. */
  | { readonly kind: 'writeFailed' }
  | { readonly kind: 'rowsRead'; readonly query: Query; readonly rows: readonly Row[] }
  | { readonly kind: 'readFailed'; readonly query: Query }

  // Time and the machine. `ticked` comes every second, `timeReached` at `deadline(state)`
  | { readonly kind: 'ticked' }
  | { readonly kind: 'timeReached' }
  | { readonly kind: 'hinted'; readonly hint: Hint; readonly network: string }

  // Identity. `fresh`: a UUID for the command that ends the session before
  | {
      readonly kind: 'signedIn'
      readonly attempt: number
      readonly result: SessionGrant | SessionFailure
      readonly fresh: string
    }
  | { readonly kind: 'refreshed'; readonly attempt: number; readonly result: SessionGrant | SessionFailure }

  // The host. `request` names the promise to answer; `id`: a UUID, fresh unless the host brought its own
  | {
      readonly kind: 'submitted'
      readonly origin: Origin
      readonly ref: string
      readonly id: string
      readonly type: string
      readonly data: unknown
      /** Who was signed in as whoever gave it saw it; absent where that is not known. */
      readonly as?: Person
    }
  | {
      readonly kind: 'subscribed'
      readonly channel: ChannelName
      readonly from: 'start' | null
      /** How often values of a live channel come at most, per second; null: the usual pace. */
      readonly maxHz: number | null
    }
  | { readonly kind: 'unsubscribed'; readonly channel: string }
  /** The host says that this device is in a room, or with null no more. */
  | { readonly kind: 'tracked'; readonly channel: ChannelName; readonly state: OwnTrack | null }
  /** The host says something in a room; answered at once with why not, or null. */
  | {
      readonly kind: 'signalled'
      readonly origin: Origin
      readonly channel: string
      readonly key?: string
      readonly data: unknown
    }
  /** The host takes what it is told no more, or again. */
  | { readonly kind: 'hostLagged'; readonly isBehind: boolean }
  | { readonly kind: 'resultSeen'; readonly ref: string; readonly origin: Origin }
  | { readonly kind: 'signInAsked'; readonly origin: Origin; readonly operator: string; readonly pin: string }
  | { readonly kind: 'signOutAsked'; readonly origin: Origin; readonly fresh: string; readonly everywhere?: true }
  | { readonly kind: 'retryPressed' }

  // The history of a signal, as the server answered it
  | {
      readonly kind: 'seriesRead'
      readonly port: number
      readonly ref: string
      readonly result: SeriesResult
    }

  // What was found, as the server answered it
  | {
      readonly kind: 'searchRead'
      readonly port: number
      readonly ref: string
      readonly session: SessionId
      readonly result: SearchResult
    }
  | {
      readonly kind: 'pastRead'
      readonly port: number
      readonly ref: string
      readonly session: SessionId
      readonly result: PastResult
    }

  // Photos and files of messages
  | { readonly kind: 'fileGiven'; readonly origin: Origin; readonly bytes: Uint8Array<ArrayBuffer> }
  | {
      readonly kind: 'fileKept'
      readonly origin: Origin
      readonly by: string
      readonly size: number
      /** Null when the disk refused it. */
      readonly hash: ContentHash | null
    }
  | { readonly kind: 'uploadAnswered'; readonly attempt: number; readonly result: UploadResult }
  | {
      readonly kind: 'fileAsked'
      readonly origin: Origin
      readonly place: FilePlace
      readonly size: 'small' | 'whole'
    }
  | {
      readonly kind: 'fileRead'
      readonly origin: Origin
      readonly session: SessionId
      readonly result: FileResult
    }

  // Windows
  | { readonly kind: 'windowAttached'; readonly port: number }
  | { readonly kind: 'windowDetached'; readonly port: number }
  /** Already checked. `fresh`: as for the host's own. */
  | { readonly kind: 'windowSpoke'; readonly port: number; readonly message: WindowMessage; readonly fresh: string }
