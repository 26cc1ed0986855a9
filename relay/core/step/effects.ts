/** Everything the engine may ask of its shell. Effects of one step are carried out in order. */
import type { AttachmentType, ContentHash, FilePlace } from '../../protocol/attachments.ts'
import type { ClientFrame } from '../../protocol/frames.ts'
import type { SessionId } from '../../protocol/ids.ts'
import type { BusMessage, PortMessage } from '../../protocol/local.ts'
import type { SearchQuery } from '../../protocol/search.ts'
import type { PastQuery } from '../../protocol/talk-past.ts'
import type { SeriesQuery } from '../../protocol/telemetry.ts'
import type { LogLevel, Observation, Range, Table, Write } from '../../ports.ts'
import type { ConnectionEffect } from '../link/slice.ts'
import type { Origin } from '../tell/slice.ts'
import type { Query } from './from-disk.ts'

export type Effect =
  | Extract<ConnectionEffect, { kind: 'openSocket' | 'closeSocket' | 'prove' }>
  /** The socket `from` is that of this generation now; the one that was is closed. */
  | { readonly kind: 'adoptSocket'; readonly generation: number; readonly from: number }
  /** Only to the socket of that generation; dropped if it is gone. */
  | { readonly kind: 'send'; readonly generation: number; readonly frame: ClientFrame }
  /**
   * One atomic write, after every earlier one. When it and all before it are durable: input `written`.
   * `onFailure`: `retry` until it succeeds; `refuse` — drop it, a person is waiting for the answer.
   */
  | {
      readonly kind: 'save'
      readonly token: number
      readonly writes: readonly Write[]
      readonly onFailure: 'retry' | 'refuse'
    }
  /**
   * Answered by input `rowsRead`. Sees what was told `written`; what still waits to be written it may not see.
   * `onFailure`: `retry` until it succeeds; `refuse` — answered by `readFailed`, a person is waiting.
   */
  | {
      readonly kind: 'read'
      readonly query: Query
      readonly table: Table
      readonly range: Range
      readonly onFailure: 'retry' | 'refuse'
    }
  | { readonly kind: 'observe'; readonly observation: Observation }
  /** To the bus; `everyPort` also as `copy` to each port, and so always when there is no bus. */
  | { readonly kind: 'postBus'; readonly message: BusMessage; readonly everyPort: boolean }
  | { readonly kind: 'postPort'; readonly port: number; readonly message: PortMessage }
  /** Ends a promise the shell gave out. */
  | { readonly kind: 'answer'; readonly request: number; readonly answer: unknown }
  | {
      readonly kind: 'signIn'
      readonly attempt: number
      readonly operator: string
      readonly pin: string
      readonly deviceToken: string
    }
  | {
      readonly kind: 'refreshSession'
      readonly attempt: number
      readonly session: SessionId
      readonly deviceToken: string
    }
  | { readonly kind: 'forgetSession' }
  /** Answered by `seriesRead` with the same `port` and `ref`. */
  | {
      readonly kind: 'readSeries'
      readonly port: number
      readonly ref: string
      readonly query: SeriesQuery
      readonly bearer: string
    }
  /** Answered by `searchRead` with the same `port` and `ref`. */
  | {
      readonly kind: 'readSearch'
      readonly port: number
      readonly ref: string
      /** The session that asked: what is found is for it alone. */
      readonly session: SessionId
      readonly query: SearchQuery
      readonly bearer: string
    }
  /** Answered by `pastRead` with the same `port` and `ref`. */
  | {
      readonly kind: 'readPast'
      readonly port: number
      readonly ref: string
      /** The session that asked: what is read is for it alone. */
      readonly session: SessionId
      readonly query: PastQuery
      readonly bearer: string
    }
  /** Answered by `fileKept`. What they are called is told there. */
  | {
      readonly kind: 'keepFile'
      readonly origin: Origin
      /** Who wants to send them. */
      readonly by: string
      readonly bytes: Uint8Array<ArrayBuffer>
    }
  /** After every `keepFile` before it. */
  | { readonly kind: 'dropFiles'; readonly hashes: readonly ContentHash[] }
  /** Both are answered by `uploadAnswered`, unless `abortUpload` comes first. One is under way at a time. */
  | {
      readonly kind: 'askUpload'
      readonly attempt: number
      readonly place: FilePlace
      readonly bearer: string
      /** And says that nothing of it comes any more. */
      readonly isLost: boolean
    }
  | {
      readonly kind: 'sendPiece'
      readonly attempt: number
      readonly place: FilePlace
      readonly offset: number
      readonly length: number
      readonly bearer: string
    }
  | { readonly kind: 'abortUpload' }
  /** What is read from the server waits, and goes on where it was. */
  | { readonly kind: 'holdReads'; readonly isHeld: boolean }
  /** Answered by `fileRead`. `from`: as whom from the server, or what it is on this device's own disk. */
  | {
      readonly kind: 'readFile'
      readonly origin: Origin
      readonly session: SessionId
      readonly place: FilePlace
      readonly size: 'small' | 'whole'
      readonly from: { readonly bearer: string } | { readonly type: AttachmentType }
    }
  | {
      readonly kind: 'log'
      readonly level: LogLevel
      readonly event: string
      readonly fields: Readonly<Record<string, unknown>>
    }
