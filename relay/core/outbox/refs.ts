/**
 * What became of every command somebody on this device asked for, by their own reference: so that a repeated reference is
 * never sent twice, and a final result is told until it was seen. The rows are on disk; in memory is what
 * changed lately, and the rejections that windows show. `refs-walk.ts` goes through all of them, a page at a time.
 *
 * Invariants
 *   1. A row appears in the same write as its command, and its end in the same write that deletes the command.
 *   2. What is not in memory is on disk as it is: a change is forgotten only when it is durable and no read that was asked
 *      before that is still to come.
 */
import type { CommandId } from '../../protocol/ids.ts'
import { LIMITS } from '../../protocol/limits.ts'
import { LOCAL_LIMITS, type SettledCommand } from '../../protocol/local.ts'
import type { Observation, Write } from '../../ports.ts'
import type { RefRow } from '../disk/rows.ts'
import { addKnown, mayBeKnown } from './known-refs.ts'
import type { RefsState } from './slice.ts'
import { settledView } from './views.ts'

/** Changes remembered: at least so many, at most twice as many beside those that are not durable. */
export const RECENT_REFS = 1000

export function newRefs(): RefsState {
  return {
    young: { rows: new Map(), token: 0 },
    old: { rows: new Map(), token: 0 },
    rejected: new Map(),
    hasMoreRejected: false,
    known: null,
    ended: 0,
    walk: null,
  }
}

/** The row as memory has it; null if it is known to be gone, undefined if only the disk knows. */
export function recentRef(refs: RefsState, ref: string): RefRow | null | undefined {
  const young = refs.young.rows.get(ref)
  return young === undefined ? refs.old.rows.get(ref) : young
}

/** Whether only the disk can say what became of this reference: false also where it certainly has none. */
export function hasToBeRead(refs: RefsState, ref: string): boolean {
  return recentRef(refs, ref) === undefined && (refs.known === null || mayBeKnown(refs.known, ref))
}

/** Remembers a change; `token`: the save that makes it durable, or the last one asked for. */
export function putRef(refs: RefsState, ref: string, row: RefRow, token: number): void {
  refs.young.rows.set(ref, row)
  refs.young.token = Math.max(refs.young.token, token)
  for (const known of [refs.known, refs.walk?.known]) if (known) addKnown(known, ref)
  if (isOpenRejection(row)) keepRejected(refs, ref, row)
  else refs.rejected.delete(row.id)
}

export function removeRef(refs: RefsState, ref: string, token: number): void {
  refs.young.rows.set(ref, null)
  refs.young.token = Math.max(refs.young.token, token)
}

export function deleteRef(ref: string): Write {
  return { op: 'delete', table: 'refs', key: ref }
}

/** Lets go of what the disk can be asked for. `horizon`: every save up to it is seen by every read still to come. */
export function forgetRefs(refs: RefsState, horizon: number): void {
  if (refs.young.rows.size < RECENT_REFS || refs.old.token > horizon) return
  refs.old = refs.young
  refs.young = { rows: new Map(), token: 0 }
}

/** A rejection with its content that no person has seen. */
export function isOpenRejection(row: RefRow): boolean {
  return row.settled?.outcome === 'rejected' && row.seenAt === undefined && row.settled.command !== null
}

/** Keeps the newest. */
export function keepRejected(refs: RefsState, ref: string, row: RefRow): void {
  refs.rejected.set(row.id, { ref, row })
  if (refs.rejected.size <= LOCAL_LIMITS.shownRejected) return
  refs.hasMoreRejected = true
  let oldest: CommandId = row.id
  let at = row.settled?.at ?? 0
  for (const [id, each] of refs.rejected) {
    if ((each.row.settled?.at ?? 0) >= at) continue
    oldest = id
    at = each.row.settled?.at ?? 0
  }
  refs.rejected.delete(oldest)
}

/** The row of a result that was seen, so that it is not told again; null if there is nothing to mark. */
export function seenRef(row: RefRow, wall: number): RefRow | null {
  if (row.settled === undefined || row.seenAt !== undefined) return null
  // What a person has seen is not shown again: its content can go, its end stays for a repeat.
  return { ...row, seenAt: wall, settled: { ...row.settled, command: null } }
}

/** The end of a host's command as it observes it; null while it has none. */
export function resultOf(ref: string, row: RefRow): Observation | null {
  if (row.settled === undefined) return null
  const { outcome, code, message, data } = row.settled
  return { kind: 'result', ref, outcome, code, message, data }
}

/** Oldest first. */
export function rejectedCommands(refs: RefsState): readonly SettledCommand[] {
  const sorted = [...refs.rejected.values()].toSorted((a, b) => (a.row.settled?.at ?? 0) - (b.row.settled?.at ?? 0))
  return sorted.flatMap(({ row: { settled } }) => {
    if (settled === undefined || settled.command === null) return []
    return [settledView(settled.command, settled)]
  })
}

/** Ended ones beyond which a walk is due before its hour: a tenth more than may stay, so that a walk is paid by many. */
export const MAX_ENDED_REFS = LIMITS.maxOutboxCommands + LIMITS.maxOutboxCommands / 10
