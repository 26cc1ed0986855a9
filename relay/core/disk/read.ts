import type { Range, Table } from '../../ports.ts'
import type { Query } from '../step/from-disk.ts'
import type { Turn } from '../step/turn.ts'

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
