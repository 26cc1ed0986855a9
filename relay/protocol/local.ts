/**
 * What a relay and the windows of its device say to each other. Two ways: each window's own port (both directions), and
 * the bus `BroadcastChannel('andon')` (relay to every window). Only the relay numbers bus messages.
 *
 *   window ── WindowMessage ──▶ port ──▶ relay ──▶ port ── PortMessage ──▶ that window
 *                                           └────▶ bus ─── BusMessage ───▶ every window
 */
import type { AttachmentType, ContentHash, FilePlace } from './attachments.ts'
import type { ChannelName } from './channels.ts'
import type { StoredEvent } from './events.ts'
import type { CommandId, Epoch, OutboxEpoch, SessionId } from './ids.ts'
import type { Lane } from './lanes.ts'
import type { NoticeOutcome } from './notices.ts'
import type { TrackState } from './presence.ts'
import type { Role } from './records.ts'
import type { SearchPage, SearchQuery } from './search.ts'
import type { PastPage, PastQuery } from './talk-past.ts'
import type { SeriesPage, SeriesQuery } from './telemetry.ts'
import type { Way } from './ways.ts'
import type { WayReason } from './way-reasons.ts'

/**
 * Name of what all pages of an origin have in common — bus, lock, database, cache, memory —, for the floor whose pages stand
 * at this path (`/`, `/andon/`): two floors under one origin never meet (R70). At the root it is the bare name, under which
 * devices have kept their data from the beginning.
 */
export function nameAt(path: string, name: string): string {
  return name + path.replace(/\/$/, '')
}

/** Name of the BroadcastChannel between the windows of one device. */
export const BUS_NAME = 'andon'

/** Name of the Web Lock every web relay holds before it opens outbox or uplink. */
export const RELAY_LOCK = 'andon-relay'

/** Name of the Web Lock whose holder, the bridge window of a kiosk, puts the relay's messages on the bus. */
export const BRIDGE_LOCK = 'andon-bridge'

/** Position on the bus: `epoch` is one life of the relay, `seq` counts its messages from 1. */
export interface BusPosition {
  readonly epoch: string
  readonly seq: number
}

export type ConnectionName = 'idle' | 'connecting' | 'greeting' | 'resuming' | 'live' | 'waiting'

/** The uplink as a person needs it. */
export interface StatusView {
  readonly state: ConnectionName
  /** By which way it is linked, or tries to be. */
  readonly way: Way
  /** Why that is not the best one; null where it is. */
  readonly wayReason: WayReason | null
  /** Why it is not live, in words; null while live or on the way there for the first time. */
  readonly reason: string | null
  /** Stable code of the last close or refusal, for programs. */
  readonly code: string | null
  /** Whether it does not pass by itself and the site has to act (`who` of the code is `admin`). */
  readonly forSite: boolean
  /** Since when the link is not live (epoch milliseconds, this device's clock); null while live. */
  readonly since: number | null
  /** When the next attempt comes (this device's clock); null unless waiting. */
  readonly retryAt: number | null
  /** What this device cannot promise, in words; for example that the browser refused persistent storage. */
  readonly warnings: readonly string[]
  /** `failing`: this device's disk takes nothing. What comes is shown all the same; what a person does is refused, not lost. */
  readonly storage: 'working' | 'failing'
}

export interface SessionView {
  readonly id: SessionId
  readonly operator: string
  readonly role: Role
  readonly areas: readonly string[]
  /** False while the server has not confirmed it since the last start or outage. */
  readonly confirmed: boolean
}

/** Whose a command is. */
export interface Person {
  readonly session: SessionId
  readonly operator: string
}

/** A command of this device that has not ended: laid over the replica, never an event. `saved` false: not yet on disk. */
export interface PendingCommand {
  readonly id: CommandId
  readonly type: string
  readonly data: unknown
  readonly lane: Lane
  readonly session: SessionId | null
  /** Operator name of the author session; null for the device alone. */
  readonly by: string | null
  /** Device clock when it was made, epoch milliseconds: for "waiting since", never for order. */
  readonly madeAt: number
  readonly saved: boolean
  /** The last `retry-later` of the server, if any. */
  readonly notice: string | null
}

/** How a command ended. Kept by windows until shown; `rejected` stays until a person dismisses it. */
export interface SettledCommand {
  readonly command: PendingCommand
  readonly outcome: 'applied' | 'rejected'
  readonly code: string | null
  readonly message: string | null
  readonly data: unknown
  readonly offsets: Readonly<Record<string, number>>
}

/** How much of a long queue windows are shown; the totals (`OutboxView`) tell the rest. */
export const LOCAL_LIMITS = {
  /** Commands per lane, the newest. What is overlaid over records and logs is among them. */
  shownPending: 250,
  /** Rejections nobody has dismissed, the newest; older ones come up as these are dismissed. */
  shownRejected: 500,
} as const

/** The whole queue of this device in numbers: durable commands without a durable end, whoever made them. */
export interface OutboxView {
  readonly urgent: number
  readonly normal: number
  /** Commands that ended since none was waiting: `ended / (ended + urgent + normal)` is how far the queue has come. */
  readonly ended: number
  /** True while a connection takes them. */
  readonly sending: boolean
}

/** A file of a message of this person whose bytes are on their way to the server, wait for it, or will never be there. */
export interface WaitingFile extends FilePlace {
  readonly type: AttachmentType
  readonly size: number
  /** Bytes the server has said that it has. */
  readonly sent: number
  /** Why it goes no further at the moment, as a code; it is tried again. */
  readonly trouble: string | null
  /** It will never be there, for that reason. Told until somebody dismisses its message. */
  readonly isLost: boolean
}

/** Photos and files on this device: how many and how much, whoever they are of, and which of this person are on their way. */
export interface FilesView {
  readonly count: number
  readonly bytes: number
  readonly waiting: readonly WaitingFile[]
}

/** A channel as the relay holds it. `confirmedAt`: server-confirmed as complete at that time (device clock), null if never. */
export interface ChannelView {
  readonly channel: ChannelName
  readonly epoch: Epoch | null
  readonly offset: number
  readonly confirmedAt: number | null
  /** True while the link is live and nothing is known to be missing. */
  readonly current: boolean
  /** Why there is no data although it was asked for (`forbidden`, `unknown-channel`), null otherwise. */
  readonly refused: string | null
  /** On `state` channels. */
  readonly records: Readonly<Record<string, { readonly offset: number; readonly record: unknown }>> | null
  /** On `log` channels, oldest first. */
  readonly events: readonly StoredEvent[] | null
}

/** Everything a new window needs, or one that saw a gap. Bus messages at or below `bus` are already in it. */
export interface RelayView {
  readonly bus: BusPosition
  readonly build: string
  readonly deviceName: string
  readonly outboxEpoch: OutboxEpoch | null
  readonly status: StatusView
  readonly session: SessionView | null
  /** Every area of the site that the server named, for choosing where to raise an alert. */
  readonly areas: readonly string[]
  /** At most `LOCAL_LIMITS.shownPending` per lane, in the order in which they are sent: urgent, then normal. */
  readonly pending: readonly PendingCommand[]
  readonly outbox: OutboxView
  readonly files: FilesView
  /** At most `LOCAL_LIMITS.shownRejected`, oldest first. */
  readonly rejected: readonly SettledCommand[]
  /** Channels this window shows, and `alerts/urgent`. */
  readonly channels: readonly ChannelView[]
}

/** What the relay tells every window. */
export type BusBody =
  | { readonly t: 'event'; readonly channel: ChannelName; readonly epoch: Epoch; readonly event: StoredEvent }
  | { readonly t: 'replaced'; readonly channel: ChannelName }
  | {
      readonly t: 'freshness'
      readonly channels: Readonly<Record<string, { readonly confirmedAt: number | null; readonly current: boolean }>>
    }
  | { readonly t: 'pending'; readonly command: PendingCommand }
  | { readonly t: 'settled'; readonly settled: SettledCommand }
  | { readonly t: 'dismissed'; readonly id: CommandId }
  /** The queue in numbers; at most four times a second while it moves. */
  | { readonly t: 'outbox'; readonly outbox: OutboxView }
  /** At most four times a second while bytes move. */
  | { readonly t: 'files'; readonly files: FilesView }
  /** Many commands were rejected at once, or rejections of an earlier life were found: a view has them. */
  | { readonly t: 'reviewed' }
  | { readonly t: 'status'; readonly status: StatusView }
  | { readonly t: 'session'; readonly session: SessionView | null; readonly areas: readonly string[] }
  | { readonly t: 'token-refreshed'; readonly generation: number; readonly lifetimeMs: number }

export interface BusMessage {
  readonly bus: BusPosition
  readonly body: BusBody
}

/** One value of a live channel. `at`: server time at which it was taken; `ageMs`: how old it was when this was posted. */
export interface LiveView {
  readonly key: string
  readonly value: unknown
  readonly at: string
  readonly ageMs: number
  /** From now on it is current for so long; 0 when it is not any more. */
  readonly ttlMs: number
}

/** A time that the server said, and how long ago that was when this was posted: so late it is there, and never earlier (P7). */
export interface ServerTime {
  readonly at: string
  readonly ageMs: number
}

/**
 * Relay to one window. `top` comes every second, so that a tail gap on the bus shows. `copy`: an urgent message, both ways.
 * `serverTime` is absent while the relay has not heard.
 */
export type PortMessage =
  /** `takes`: what relays before this one refuse in the words of a window; `as` of a command. */
  | {
      readonly t: 'view'
      readonly view: RelayView
      readonly serverTime?: ServerTime
      readonly takes?: readonly string[]
    }
  | { readonly t: 'top'; readonly bus: BusPosition; readonly serverTime?: ServerTime }
  | { readonly t: 'copy'; readonly message: BusMessage }
  /** Values of a live channel this window shows; never on the bus. The last one of a key counts. `whole`: there are no others. */
  | { readonly t: 'live'; readonly channel: ChannelName; readonly values: readonly LiveView[]; readonly whole?: true }
  /** A page of history, for `series`; its refusal is a `reply`. */
  | { readonly t: 'series'; readonly ref: string; readonly page: SeriesPage }
  /** What was found, for `search`; its refusal is a `reply`. */
  | { readonly t: 'search'; readonly ref: string; readonly found: SearchPage }
  /** What was said before, for `past`; its refusal is a `reply`. */
  | { readonly t: 'past'; readonly ref: string; readonly past: PastPage }
  /** The bytes of `attach` are on the disk of this device, under this name; a refusal is a `reply`. */
  | { readonly t: 'kept'; readonly ref: string; readonly hash: ContentHash }
  /** What `file` asked for; its refusal is a `reply`. */
  | { readonly t: 'file'; readonly ref: string; readonly file: FileBytes }
  | { readonly t: 'reply'; readonly ref: string; readonly ok: true }
  | { readonly t: 'reply'; readonly ref: string; readonly ok: false; readonly code: string; readonly message: string }

/** A photo or file as it is shown or saved. */
export interface FileBytes {
  readonly type: AttachmentType
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** A room that a window is in: what it looks at there, as people call it, and what else members are to know. */
export interface RoomOfWindow {
  readonly channel: string
  readonly looks?: string
  readonly own?: TrackState['own']
}

/** Window to relay. Every message is checked by the relay: a window is an edge. */
export type WindowMessage =
  /** `maxHz`: how often this window wants values of live channels at most, per second; `LIMITS.liveHz` unless given. */
  | { readonly t: 'open'; readonly shows: readonly string[]; readonly maxHz?: number }
  | { readonly t: 'show'; readonly channels: readonly string[]; readonly maxHz?: number }
  /** In which rooms this window is from now on, all of them (PROTOCOL M9). */
  | { readonly t: 'track'; readonly rooms: readonly RoomOfWindow[] }
  /** Something for who is in a room now (PROTOCOL M8); dropped where the link is not live. */
  | { readonly t: 'signal'; readonly channel: string; readonly key?: string; readonly data: unknown }
  | { readonly t: 'view' }
  /** `as`: who is signed in as this window shows it, where somebody is; only to a relay whose view takes it. */
  | {
      readonly t: 'command'
      readonly ref: string
      readonly id: string
      readonly type: string
      readonly data: unknown
      readonly as?: Person
    }
  | { readonly t: 'sign-in'; readonly ref: string; readonly operator: string; readonly pin: string }
  /** `everywhere`: on every device of the person (PROTOCOL A7); here it holds at once, also offline. */
  | { readonly t: 'sign-out'; readonly ref: string; readonly everywhere?: true }
  | { readonly t: 'displayed'; readonly alert: string }
  /** What became of the native notification of an alert (E2). */
  | { readonly t: 'notified'; readonly alert: string; readonly outcome: NoticeOutcome }
  | { readonly t: 'dismiss'; readonly id: string }
  | ({ readonly t: 'series'; readonly ref: string } & SeriesQuery)
  | ({ readonly t: 'search'; readonly ref: string } & SearchQuery)
  | ({ readonly t: 'past'; readonly ref: string } & PastQuery)
  /** Keep these bytes on the disk, for a message that names them (`chat.share`). */
  | { readonly t: 'attach'; readonly ref: string; readonly bytes: Uint8Array<ArrayBuffer> }
  /** The bytes of a file of a message; `small`: of a photo, as it stands in a list. */
  | ({ readonly t: 'file'; readonly ref: string; readonly small?: true } & FilePlace)
  | { readonly t: 'retry' }
  | { readonly t: 'close' }

/**
 * What a kiosk's main process and a window say to each other on the window's port beside the relay's own words. `ping` is
 * answered by `pong`, so that a window that hangs is noticed without anybody touching it. `take-bridge`: steal the lock.
 * `let-go`: main is done with this port; also on the port of a bridge. (Browsers do not agree on telling a port that its other
 * end has closed.)
 */
export type HostWord = { readonly t: 'ping' } | { readonly t: 'take-bridge' } | LetGo
export interface LetGo {
  readonly t: 'let-go'
}
/** `bridge` carries a port with it, on which this window gets bus messages and answers each with a `BridgeReceipt`. */
export type GuestWord = { readonly t: 'pong' } | { readonly t: 'bridge' }

/** The bridge window has put everything up to this position on the bus. */
export interface BridgeReceipt {
  readonly t: 'carried'
  readonly bus: BusPosition
}
