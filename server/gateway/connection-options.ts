import type { Logger } from 'pino'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import type { Evidence } from '../core/evidence.ts'
import type { Hub } from '../core/hub.ts'
import type { LiveHub } from '../core/live.ts'
import type { Store, Submission, SubmitResult } from '../ports/store.ts'
import type { Tokens } from '../ports/tokens.ts'
import type { checkProof } from './device-proof.ts'
import type { SharedReads } from './shared-reads.ts'
import type { Ticks } from './writer.ts'

/** What a connection needs of its server. */
export interface ConnectionOptions {
  readonly store: Store
  readonly hub: Hub<Buffer>
  readonly live: LiveHub<Buffer>
  /** Milliseconds of a clock that does not go back. */
  readonly monotonic: () => number
  readonly reads: SharedReads
  readonly evidence: Evidence
  /** How long a command of this device and author, or so many receipts, have to wait, milliseconds; 0 takes them. */
  readonly pace: (device: DeviceId, author: string | null, count?: number) => number
  /** So many receipts were of no alert that is known (E3). */
  readonly receiptsDropped: (count: number) => void
  readonly tokens: Tokens
  /** Carries out a command and publishes its events. */
  readonly submit: (submission: Submission) => Promise<SubmitResult>
  readonly log: Logger
  readonly now: () => string
  readonly newDeviceAreas: readonly string[]
  readonly heartbeatMs: number
  readonly ticks: Ticks
  /** Whether another connection of this device is alive. */
  readonly isConnected: (device: DeviceId) => boolean
  readonly welcomed: (device: DeviceId) => void
  /** Instead of `checkProof`, for tests that greet ten thousand times: real signatures take a thread and real time. */
  readonly prove?: typeof checkProof
  /** Nothing more is done for this connection. */
  readonly closed: () => void
  /** Its socket is gone. */
  readonly gone: () => void
}
