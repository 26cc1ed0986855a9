/** What an event of a `state` channel does to one key: sets it to `record`, or deletes it where that is null. */
export interface KeyedChange {
  readonly key: string
  readonly record: unknown
}

/**
 * The change an event's data says, for the relay's disk and for windows alike: two readings of one event would let a window
 * show another state than the one it gets after a reload. Null where the event touches no key. A key without a `record` is
 * such an event and no deletion: only `record: null` deletes, and a newer server may send kinds of events we do not know.
 */
export function keyedChange(data: unknown): KeyedChange | null {
  if (typeof data !== 'object' || data === null || !('key' in data) || !('record' in data)) return null
  return typeof data.key === 'string' ? { key: data.key, record: data.record } : null
}
