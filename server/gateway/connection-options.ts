import type { Logger } from 'pino'
import type { ClientFrame, ClientFrameOf, ServerFrame } from '../../relay/protocol/frames.ts'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import type { Versions } from '../../relay/protocol/version.ts'
import type { DeviceLinks } from '../core/device-links.ts'
import type { Hub } from '../core/hub.ts'
import type { LiveHub } from '../core/live.ts'
import type { Presence } from '../core/presence.ts'
import type { Signals } from '../core/signals.ts'
import type { Store } from '../ports/store.ts'
import type { Submission, SubmitResult } from '../ports/submission.ts'
import type { Tokens } from '../ports/tokens.ts'
import type { Deadlines } from './deadlines.ts'
import type { checkProof } from './device-proof.ts'
import type { FrameOrigin } from './frame-end.ts'
import type { Pace } from './pace.ts'
import type { Seat } from './seat.ts'
import type { SharedBytes } from './shared-bytes.ts'
import type { SharedReads } from './shared-reads.ts'
import type { Ticks } from './writer.ts'

/** What all connections of a server share. */
export interface ConnectionOptions {
  readonly store: Store
  readonly hub: Hub<SharedBytes>
  readonly live: LiveHub<SharedBytes>
  readonly presence: Pick<Presence, 'read' | 'track' | 'heard' | 'personChanged' | 'left' | 'nodes'>
  readonly signals: Pick<Signals, 'say' | 'tooFast' | 'personChanged'>
  /** Milliseconds of a clock that does not go back. */
  readonly monotonic: () => number
  readonly reads: SharedReads
  readonly pace: Pick<Pace, 'command' | 'receipts' | 'frame' | 'refusal' | 'track' | 'signal'>
  readonly tokens: Tokens
  readonly links: DeviceLinks
  /** Carries out a command and publishes its events. */
  readonly submit: (submission: Submission) => Promise<SubmitResult>
  readonly log: Logger
  readonly now: () => string
  readonly newDeviceAreas: readonly string[]
  readonly heartbeatMs: number
  /** Whether what this process knows is what the store has; otherwise no heartbeat confirms anything (U6). Absent: it always is. */
  readonly isCurrent?: () => boolean
  readonly ticks: Ticks
  readonly deadlines: Deadlines
  readonly host: ConnectionHost
  /** What it speaks of the wire; tests make it speak more than is written yet. */
  readonly versions?: Versions
  /** Instead of `checkProof`, for tests that greet ten thousand times: real signatures take a thread and real time. */
  readonly prove?: typeof checkProof
}

/** A connection, as far as whoever shares its options has to tell it from others. */
export interface HostedConnection {
  /** Null until it is welcomed. */
  readonly device: DeviceId | null
  readonly origin: FrameOrigin
}

/** A connection that is welcomed, as far as a trial beside it has to know it. */
export interface LivingConnection extends HostedConnection {
  /** How a trial of this name is welcomed; null once nobody is welcomed here any more. */
  welcomeOfTrial(name: string): ServerFrame | null
}

/** What a trial hands over to the connection that is moved to it. */
export interface Released {
  readonly seat: Seat
  /** What came by it and is meant for the device, in order. */
  readonly held: readonly ClientFrame[]
}

/** A connection that is a trial. */
export interface TrialConnection extends HostedConnection {
  /** Its end, and what came by it; null where it is no trial any more. From here on it does nothing. */
  release(): Released | null
}

/** Who holds the connections, and hears from each how it goes. */
export interface ConnectionHost {
  /** How long a device that claims to be this one has to stay away before it is greeted, milliseconds; 0 goes on (V7). */
  hello(connection: HostedConnection, claimed: DeviceId | null): number
  /** Whether another connection of this device is alive, to which this greeting gives way (G5, N12). */
  givesWay(hello: ClientFrameOf<'hello'>, device: DeviceId): boolean
  /** The connection that serves this device; null while there is none. */
  living(device: DeviceId): LivingConnection | null
  /** It is a trial of this device, in the place of an older one. */
  tried(connection: TrialConnection, device: DeviceId): void
  /** The trial of this device that has this name; null where there is none. */
  trial(device: DeviceId, name: string): TrialConnection | null
  /** It is served by another end, of another origin. */
  moved(connection: HostedConnection): void
  welcomed(connection: HostedConnection, device: DeviceId): void
  /** Somebody is signed in on this device, or a command of it took effect. */
  used(connection: HostedConnection, device: DeviceId): void
  /** It holds so many bytes of a frame that is not whole (V23). */
  holding(connection: HostedConnection, bytes: number): void
  /** So many receipts were of no alert that is known (E3). */
  receiptsDropped(count: number): void
  /** Nothing more is done for this connection. */
  closed(connection: HostedConnection): void
  /** Its end is over. */
  gone(connection: HostedConnection): void
}
