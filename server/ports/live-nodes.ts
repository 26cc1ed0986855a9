/** What the nodes of a floor tell each other without anybody keeping it: values, signals, and who is where. */
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import type { TrackState } from '../../relay/protocol/presence.ts'
import type { TelemetryValue } from '../../relay/protocol/telemetry.ts'

/** A value that is live at the node that took it. `lateMs`: how old it was when it was taken; `ttlMs`: for how long from then it is current. */
export interface ValueNews {
  readonly area: string
  readonly machine: string
  readonly signal: string
  readonly value: TelemetryValue
  readonly lateMs: number
  readonly ttlMs: number
}

/** What a person said in a room; null data ends it. */
export interface SignalNews {
  readonly channel: ChannelName
  readonly device: DeviceId
  readonly operator: string
  readonly source: string
  readonly session: SessionId | null
  readonly key: string
  readonly data: unknown
}

/**
 * A member of a room, or that it has left. `order`: the number of the device's link (N11), by which every node knows which of two
 * nodes speaks of the later one.
 */
export interface SeatNews {
  readonly channel: ChannelName
  readonly device: DeviceId
  readonly order: number
  readonly seat: SharedSeat | null
}

/** A place as another node needs it, without times of a monotonic clock. */
export interface SharedSeat {
  readonly name: string
  readonly areas: readonly string[]
  readonly source: string
  readonly isAlone: boolean
  readonly operator: string | null
  readonly session: { readonly id: SessionId; readonly lastsMs: number } | null
  readonly holder: string
  readonly track: TrackState
  readonly sinceWall: number
  readonly since: 'said' | 'noticed'
  /** When it was last heard, where it should have been heard since. */
  readonly staleWall: number | null
  /** How it is absent, and for how long it is still named; null of one that is there. */
  readonly absent: { readonly state: 'asleep' | 'gone'; readonly lastsMs: number } | null
}

export interface LiveHearer {
  /** Of one node in the order in which they were told, except that only the last of each key is. `lagMs`: how long they were on their way. */
  readonly values: (values: readonly ValueNews[], lagMs: number) => void
  readonly signals: (signals: readonly SignalNews[]) => void
  readonly seats: (node: string, seats: readonly SeatNews[]) => void
  /** All members that this node has to tell of. */
  readonly members: () => Iterable<SeatNews>
  /** What this node told of before, and did not tell of again since it began, is over. */
  readonly listed: (node: string, began: number) => void
  /** Nothing is heard of this node any more; the last was, by `monotonic`. */
  readonly lost: (node: string, heardAt: number) => void
  /** Whether the others are heard. */
  readonly hearing: (isHearing: boolean) => void
}

/**
 * The live side of the nodes. Nothing is kept: what a node told while another was deaf is told again once that one hears, and what
 * it said last of each key is all that is told of it.
 */
export interface LiveNodes {
  /** Never wait and never throw. */
  tellValue(value: ValueNews): void
  tellSignal(signal: SignalNews): void
  tellSeat(seat: SeatNews): void
  hear(hearer: LiveHearer): void
  counts(): LiveNodeCounts
  close(): Promise<void>
}

export interface LiveNodeCounts {
  readonly isHearing: boolean
  /** Others that are heard. */
  readonly nodes: number
  readonly told: number
  readonly heard: number
  /** Replaced by a later one before they left. */
  readonly conflated: number
  /** There was no room for them to wait. */
  readonly dropped: number
  /** What came and was none of a node. */
  readonly refused: number
}
