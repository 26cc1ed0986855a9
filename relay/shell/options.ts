import type {
  AttachmentPort,
  AttachmentStore,
  BusPort,
  Clock,
  IdentityPort,
  Log,
  NetworkHints,
  Observer,
  Random,
  RelayStore,
  SearchPort,
  SeriesPort,
  SessionPort,
  SocketPort,
} from '../ports.ts'
import type { Paging } from '../core/disk/paging.ts'
import type { Versions } from '../protocol/version.ts'
import type { Way } from '../protocol/ways.ts'

export interface RelayOptions {
  /** The server's base, `http://host:7070`. */
  readonly serverUrl: string
  /** The device's name as people read it. */
  readonly name: string
  readonly build: string
  readonly kind: 'kiosk' | 'web' | 'headless'
  /** Open, and this relay's alone; whoever opened it closes it after `stop`. */
  readonly store: RelayStore
  readonly socket: SocketPort
  readonly identity: IdentityPort
  readonly sessions: SessionPort
  /** Without it windows are told that there is no history. */
  readonly series?: SeriesPort
  /** Without it windows are told that nothing can be searched. */
  readonly search?: SearchPort
  /** Without both windows are told that nothing can be attached. */
  readonly attachments?: AttachmentStore
  readonly files?: AttachmentPort
  readonly clock: Clock
  readonly random: Random
  readonly hints: NetworkHints
  readonly log: Log
  /** Without one every bus message goes by every port. */
  readonly bus?: BusPort
  readonly observe?: Observer
  /** What this device cannot promise, in words; shown with the status. */
  readonly warnings?: readonly string[]
  /** What it speaks; tests make it speak more than is written yet. */
  readonly versions?: Versions
  /** By which ways it may connect, best first: all that `socket` has, unless one is chosen. */
  readonly ways: readonly [Way, ...Way[]]
  /** How much of the disk is in memory at a time; tests make it small. */
  readonly paging?: Paging
}
