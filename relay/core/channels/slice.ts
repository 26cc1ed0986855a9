/** What this device holds of channels, how each stands with the server, and who wants them. */
import type { RecentIds } from '../../domain/recent.ts'
import type { Channel, ChannelName } from '../../protocol/channels.ts'
import type { StoredEvent } from '../../protocol/events.ts'
import type { Cursor, Epoch } from '../../protocol/ids.ts'
import type { Observation } from '../../ports.ts'
import type { ChannelRow } from '../disk/rows.ts'

export interface RecordAt {
  readonly offset: number
  readonly record: unknown
}

/** One channel, in memory as on disk (`replica.ts`). */
export interface Replica {
  readonly channel: Channel
  cursor: Cursor | null
  /** When the server last confirmed it as complete, device clock. */
  confirmedAt: number | null
  /** When somebody last wanted it, device clock, at most a day too old. */
  wantedAt: number | null
  records: Map<string, RecordAt>
  events: StoredEvent[]
}

/** A snapshot as its pages come in; nothing of it is shown before the last one. */
export interface Assembly {
  readonly cursor: Cursor
  readonly records: Map<string, RecordAt>
  readonly events: StoredEvent[]
  nextPage: number
}

/** `at`: last sign of life, monotonic; a link that should move and does not is rebuilt. */
export type Link =
  | { readonly kind: 'loading' }
  | { readonly kind: 'apart' }
  | { readonly kind: 'asked'; readonly at: number }
  | {
      readonly kind: 'assembling'
      readonly at: number
      readonly assembly: Assembly | null
      readonly reset: Observation | null
    }
  /** Behind `top`, as far as is known. */
  | { readonly kind: 'catching-up'; readonly at: number; readonly top: number }
  /** So many values of a live channel are still to come before it is known which there are. */
  | { readonly kind: 'filling'; readonly at: number; readonly missing: number }
  | { readonly kind: 'attached' }
  | { readonly kind: 'ending'; readonly at: number }
  /** The server cannot serve it for a moment. */
  | { readonly kind: 'paused'; readonly until: number }

export interface LiveValue {
  readonly value: unknown
  /** Server time at which it was taken. */
  readonly at: string
  /** Monotonic: the same moment here. */
  readonly takenAt: number
  /** Monotonic: until then it is current; afterwards it is the last that was known. */
  readonly until: number
}

export interface Subscription {
  readonly replica: Replica
  link: Link
  isWanted: boolean
  refused: { readonly code: string; readonly message: string } | null
  /** The refusal that host and windows were told last: the same one after a reconnect is no news. */
  toldRefusal: string | null
  /** Read from the oldest retained event; until the first one is applied. */
  fromStart: boolean
  /** How far the host is: not interested, waiting for its first snapshot, or following events. */
  host: 'absent' | 'awaiting' | 'following'
  readonly live: Map<string, LiveValue>
  /**
   * Of a live channel that is told whole: keys that an earlier subscription told and this one has not, until that means that
   * they are over; null from then on.
   */
  unheard: Set<string> | null
  /** Of a room: who is there was told whole, and no start of the server has put it in doubt since. */
  isRosterKnown: boolean
  /** Of a live channel: how often values were asked for when it was asked for last, per second. */
  askedHz: number
  /** The last event that is durable: the evidence "received" of the heartbeat. */
  durable: { readonly epoch: Epoch; readonly offset: number } | null
  lastToken: number
  storedConfirmedAt: number | null
  /** Heartbeats in a row that did not name this channel although it is subscribed. */
  unnamed: number
}

/** Live values on their way to windows. */
export interface LiveNews {
  /** Keys with a value that windows have not been told. */
  readonly keys: Map<ChannelName, Set<string>>
  /** Channels of which windows are told everything: what else they hold is over. */
  readonly whole: Set<ChannelName>
  /** When they are told, monotonic; null while there is nothing to tell. */
  due: number | null
}

export interface ChannelsState {
  readonly subscriptions: Map<ChannelName, Subscription>
  /** Cursors of channels that are on disk and not in memory. */
  readonly stored: Map<ChannelName, ChannelRow>
  /** What the host follows, and how often values of it are wanted at most, per second. */
  readonly hostWants: Map<ChannelName, number>
  /** What each window shows, by its port. */
  readonly shown: Map<number, ReadonlySet<ChannelName>>
  /** How often each wants live values at most, where it says so. */
  readonly paces: Map<number, number>
  /** The host does not take what it is told: what it follows is not read until it does, urgent alerts excepted (R52). */
  isHostBehind: boolean
  recent: RecentIds
  /** Who wants or may read something changed: `reconcile` at the end of the step. */
  dirty: boolean
  /** Freshness that windows have not been told. */
  readonly fresh: Set<ChannelName>
  readonly liveNews: LiveNews
}

/** `credit`: pages to ask for, on the connection of that generation. */
export interface ChannelsAfter {
  readonly kind: 'channelStored'
  readonly channel: ChannelName
  readonly at: { readonly epoch: Epoch; readonly offset: number }
  readonly credit: { readonly generation: number; readonly pages: number } | null
  readonly observations: readonly Observation[]
}

export interface ChannelsQuery {
  readonly kind: 'channel'
  readonly channel: ChannelName
}
