import type { StoredEvent } from '../protocol/events.ts'
import type { Epoch } from '../protocol/ids.ts'
import { LIMITS } from '../protocol/limits.ts'
import type { ChannelView } from '../protocol/local.ts'

/** Events of a log a window keeps; older ones come by paging. Five snapshots' worth: a long shift of talk. */
export const MAX_LOG_EVENTS = LIMITS.logSnapshotEvents * 5

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
 */
export function applyEvent(
  channel: ChannelView,
  epoch: Epoch,
  event: StoredEvent,
  recentIds: readonly string[],
): EventOutcome {
  if (channel.epoch !== null && channel.epoch !== epoch) return { kind: 'missing' }
  const isNew = event.offset > channel.offset
  // An offset above everything seen cannot be a repeat: the id belongs to its offset for ever (PROTOCOL S1).
  if (!isNew && recentIds.includes(event.id)) return { kind: 'repeat' }
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
  const records = { ...channel.records }
  if (change.record === null) delete records[change.key]
  else records[change.key] = { offset: event.offset, record: change.record }
  return { kind: 'applied', channel: { ...moved, records }, missing }
}

/** The `{ key, record }` of a state event; null for an event that touches no record (a newer server may send one). */
function keyedChange(data: unknown): { readonly key: string; readonly record: unknown } | null {
  if (typeof data !== 'object' || data === null || !('key' in data) || typeof data.key !== 'string') return null
  return { key: data.key, record: 'record' in data ? data.record : null }
}
