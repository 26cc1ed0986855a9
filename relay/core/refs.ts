/**
 * What became of every command somebody on this device asked for, by their own reference: so that a repeated reference is
 * never sent twice, and a final result is told until it was seen (DESIGN §8).
 *
 * Invariants
 *   1. A row appears in the same write as its command, and its end in the same write that deletes the command.
 *   2. Kept for `LIMITS.keepResultsMs` after its end, at most `LIMITS.maxOutboxCommands` ended ones, oldest first out.
 */
import { LIMITS } from '../protocol/limits.ts'
import type { CommandId } from '../protocol/ids.ts'
import type { SettledCommand } from '../protocol/local.ts'
import type { Observation, Row, Write } from '../ports.ts'
import type { RefRow } from './rows.ts'

export interface RefsState {
  readonly rows: Map<string, RefRow>
  /** References of rejections that nobody has seen, by command. */
  readonly rejected: Map<CommandId, string>
  ended: number
}

export function newRefs(rows: readonly Row[]): RefsState {
  const refs: RefsState = { rows: new Map(), rejected: new Map(), ended: 0 }
  // In the order of their ends, so that the bound lets go of the oldest.
  const typed = rows.map((row): [string, RefRow] => [row.key, row.value as RefRow])
  typed.sort(([, a], [, b]) => (a.settled?.at ?? Infinity) - (b.settled?.at ?? Infinity) || a.savedAt - b.savedAt)
  for (const [ref, row] of typed) putRef(refs, ref, row)
  return refs
}

export function putRef(refs: RefsState, ref: string, row: RefRow): void {
  const before = refs.rows.get(ref)
  if (before?.settled === undefined && row.settled !== undefined) refs.ended += 1
  refs.rows.set(ref, row)
  if (row.settled?.outcome === 'rejected' && row.seenAt === undefined && row.settled.command !== null) {
    refs.rejected.set(row.id, ref)
  } else refs.rejected.delete(row.id)
}

export function removeRef(refs: RefsState, ref: string): Write {
  const row = refs.rows.get(ref)
  if (row !== undefined) {
    refs.rows.delete(ref)
    refs.rejected.delete(row.id)
    if (row.settled !== undefined) refs.ended -= 1
  }
  return { op: 'delete', table: 'refs', key: ref }
}

/** Marks a result as seen, so that it is not told again; null if there is nothing to mark. */
export function markSeen(refs: RefsState, ref: string, wall: number): Write | null {
  const row = refs.rows.get(ref)
  if (row === undefined || row.settled === undefined || row.seenAt !== undefined) return null
  // What a person has seen is not shown again: its content can go, its end stays for a repeat.
  const seen: RefRow = { ...row, seenAt: wall, settled: { ...row.settled, command: null } }
  putRef(refs, ref, seen)
  return { op: 'put', table: 'refs', key: ref, value: seen }
}

/** The end of a host's command as it observes it; null while it has none. */
export function resultOf(ref: string, row: RefRow): Observation | null {
  if (row.settled === undefined) return null
  const { outcome, code, message, data } = row.settled
  return { kind: 'result', ref, outcome, code, message, data }
}

/** Results the host has not marked as seen: told again at each start. */
export function unseenResults(refs: RefsState): readonly Observation[] {
  const results: Observation[] = []
  for (const [ref, row] of refs.rows) {
    const result = row.from === 'host' && row.seenAt === undefined ? resultOf(ref, row) : null
    if (result !== null) results.push(result)
  }
  return results
}

export function rejectedCommands(refs: RefsState): readonly SettledCommand[] {
  const list: SettledCommand[] = []
  for (const ref of refs.rejected.values()) {
    const settled = refs.rows.get(ref)?.settled
    if (settled === undefined || settled.command === null) continue
    const { command, outcome, code, message, data, offsets } = settled
    list.push({ command, outcome, code, message, data, offsets })
  }
  return list
}

/** Lets go of what is too old or too much. A clock that was set back keeps rows longer, never shorter. */
export function pruneRefs(refs: RefsState, wall: number): readonly Write[] {
  const writes: Write[] = []
  for (const [ref, row] of refs.rows) {
    const isOld = row.settled !== undefined && wall - row.settled.at > LIMITS.keepResultsMs
    const isTooMuch = row.settled !== undefined && refs.ended > LIMITS.maxOutboxCommands
    if (isOld || isTooMuch) writes.push(removeRef(refs, ref))
  }
  return writes
}
