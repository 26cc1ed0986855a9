import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import type { CommandId, Cursor, Epoch, EventId } from '../../relay/protocol/ids.ts'
import type { Receipt } from './store-writer.ts'
import type { Timer } from './timers.ts'

/**
 * What is read of channels, records and evidence. Every call sees at least what was committed before it was made, and nothing
 * that is not committed. A channel nobody wrote to is read as it will begin: offset 0, under the epoch its first event will have.
 *
 * Order: of one channel, offsets count 1, 2, 3 … in the order of its commits, and a page is in that order without a gap (S1).
 * Between channels there is no order.
 *
 * Errors: a read meets no full disk (`StoreUnavailable`); any other rejection is a bug, or the end of the store.
 */
export interface StoreReader {
  /**
   * The channels in which something was committed behind this position, by whomever, and how far each is; from null on all of
   * them. Whoever goes on from `position` misses no commit, and may be told of a channel again in which there was none. A
   * position that the store does not know (any more) is taken for null. What was committed is read by `events`.
   */
  tail(after: Position | null): Promise<Tail>
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
  /** The message that this command said, as it is now, and in which channel; null where it is not kept (any more). */
  message(id: CommandId): Promise<{ readonly channel: ChannelName; readonly event: StoredEvent } | null>
  receipts(alert: CommandId): Promise<readonly Receipt[]>
  /** What is due at this time (T20): at most `max`, the one due first first. */
  timers(upTo: string, max: number): Promise<readonly Timer[]>
}

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

/** How far commits had come at one moment, in words of the store's own. */
export type Position = string & { readonly __brand: 'Position' }

export interface Tail {
  readonly position: Position
  readonly tops: readonly ChannelTop[]
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
