import type { ChannelName } from '../protocol/channels.ts'
import type { CommandId } from '../protocol/ids.ts'
import type { Lane } from '../protocol/lanes.ts'
import type { Range, Table } from '../ports.ts'
import type { Origin } from './inputs.ts'
import type { Turn } from './turn.ts'

/** What a read is for; comes back with its rows. */
export type Query =
  | { readonly kind: 'channel'; readonly channel: ChannelName }
  /** The next page of a lane of this volume; `through` is the last sequence that was durable when it was asked. */
  | { readonly kind: 'lane'; readonly lane: Lane; readonly volume: number; readonly through: number }
  /** Whether the reference of a command that arrived is known. */
  | { readonly kind: 'arrival'; readonly lane: Lane; readonly ref: string }
  /** A result was taken note of, but its reference is not in memory. */
  | { readonly kind: 'seen'; readonly ref: string; readonly origin: Origin }
  | { readonly kind: 'dismissed'; readonly ref: string; readonly id: CommandId }
  /** The next page of a volume that was given up. */
  | { readonly kind: 'review'; readonly volume: number; readonly lane: Lane }
  /** The next page of the walk through all references. */
  | { readonly kind: 'refs' }

/** Asks for rows, in key order. `refuse`: a person waits, a sick read is told as `readFailed` instead of being repeated. */
export function read(
  turn: Turn,
  query: Query,
  from: { readonly table: Table; readonly range: Range },
  onFailure: 'retry' | 'refuse' = 'retry',
): void {
  turn.effects.push({ kind: 'read', query, table: from.table, range: from.range, onFailure })
}

/** The range that holds one key and no other. */
export function onlyKey(key: string): Range {
  return { from: key, to: `${key}\u0000`, limit: 1 }
}
