import type { StoredEvent } from '../protocol/events.ts'
import type { Epoch } from '../protocol/ids.ts'
import { LIMITS } from '../protocol/limits.ts'
import type { ChannelView } from '../protocol/local.ts'
import { keyedChange } from './keyed-change.ts'
import { recall, type RecentIds } from './recent.ts'

/** Events of a log a window keeps; older ones come by paging. Five snapshots' worth: a long shift of talk. */
export const MAX_LOG_EVENTS = LIMITS.logSnapshotEvents * 5

/** Records of a channel. */
type Records = NonNullable<ChannelView['records']>

/**
 * Copies of records that nobody has seen yet. Copying a thousand of them costs milliseconds, and in a flood each of sixty
 * events a second would. Whoever shows what was made with it takes another one for what comes next.
 */
export class Own {
  readonly #copies = new WeakSet<object>()

  copyOf(records: Records): Record<string, Records[string]> {
    if (this.#copies.has(records)) return records
    const copy = { ...records }
    this.#copies.add(copy)
    return copy
  }
}

/** `missing`: the event belongs to another epoch, or events before it were never seen; only a view can help. */
export type EventOutcome =
  | { readonly kind: 'applied'; readonly channel: ChannelView; readonly missing: boolean }
  | { readonly kind: 'repeat' }
  | { readonly kind: 'missing' }

/**
 * Lays one event on a channel.
 *
 * 1. An event is applied once: repeats are known by id, by the offset in a log, by the offset of their record in a state.
 * 2. A record never moves to a lower offset, so an urgent copy that came early is not undone by what it overtook.
 * 3. The channel's offset never falls.
 * 4. Nothing that was given away changes. Records that `own` has copied and nobody has seen yet are changed in place.
 */
export function applyEvent(
  channel: ChannelView,
  epoch: Epoch,
  event: StoredEvent,
  { ids, own }: { readonly ids: RecentIds; readonly own?: Own | undefined },
): EventOutcome {
  if (channel.epoch !== null && channel.epoch !== epoch) return { kind: 'missing' }
  const isNew = event.offset > channel.offset
  // An offset above everything seen cannot be a repeat: the id belongs to its offset for ever (PROTOCOL S1).
  if (!isNew && recall(ids, event.id) !== undefined) return { kind: 'repeat' }
  const missing = event.offset > channel.offset + 1
  const moved = { ...channel, epoch, offset: Math.max(channel.offset, event.offset) }
  if (channel.events !== null) {
    if (!isNew) return { kind: 'repeat' }
    return {
      kind: 'applied',
      channel: { ...moved, events: [...channel.events, event].slice(-MAX_LOG_EVENTS) },
      missing,
    }
  }
  const change = keyedChange(event.data)
  if (change === null) return { kind: 'applied', channel: moved, missing }
  const before = channel.records?.[change.key]
  if (before !== undefined && before.offset >= event.offset) return { kind: 'repeat' }
  const records = own?.copyOf(channel.records ?? {}) ?? { ...channel.records }
  if (change.record === null) delete records[change.key]
  else records[change.key] = { offset: event.offset, record: change.record }
  return { kind: 'applied', channel: { ...moved, records }, missing }
}
