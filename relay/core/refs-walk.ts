/**
 * The walk through all references, a page at a time: at start it tells the host the results it has not seen, and finds the
 * rejections that windows show; every hour, or when there are too many, it lets go of what is too old or too much.
 *
 * Kept for `LIMITS.keepResultsMs` after its end, at most `LIMITS.maxOutboxCommands` ended ones, oldest first out. Of all
 * rows only the times of their ends are in memory, for as long as a walk takes.
 */
import { LIMITS } from '../protocol/limits.ts'
import type { Row, Write } from '../ports.ts'
import { announce } from './bus.ts'
import { save } from './ledger.ts'
import { read } from './query.ts'
import { deleteRef, isOpenRejection, keepRejected, recentRef, resultOf } from './refs.ts'
import type { RefRow } from './rows.ts'
import type { EngineState } from './state.ts'
import type { Turn } from './turn.ts'

export interface RefsWalk {
  /** Why it goes: `start` tells the host, `prune` does not, `trim` is the second half of one that found too many. */
  readonly kind: 'start' | 'prune' | 'trim'
  /** What ended before this goes. */
  readonly cutoff: number
  /** Key the next page begins with. */
  from: string
  /** Ends of what stays. */
  readonly ends: number[]
}

/** Begins one, unless one is under way. */
export function walkRefs(state: EngineState, turn: Turn, kind: 'start' | 'prune'): void {
  // A clock that was set back keeps rows longer, never shorter.
  if (state.outbox.refs.walk === null) begin(state, turn, kind, turn.wall - LIMITS.keepResultsMs)
}

function begin(state: EngineState, turn: Turn, kind: RefsWalk['kind'], cutoff: number): void {
  state.outbox.refs.hasMoreRejected = false
  state.outbox.refs.walk = { kind, cutoff, from: '', ends: [] }
  readOn(state, turn, '')
}

function readOn(state: EngineState, turn: Turn, from: string): void {
  read(turn, { kind: 'refs' }, { table: 'refs', range: { from, limit: state.paging.page } })
}

export function refsRead(state: EngineState, turn: Turn, rows: readonly Row[]): void {
  const { refs } = state.outbox
  const { walk } = refs
  if (walk === null) return
  const writes: Write[] = []
  for (const { key, value } of rows) {
    const row = value as RefRow
    if (row.settled === undefined) continue
    const { at } = row.settled
    // What changed in this life was told when it did.
    const isRecent = recentRef(refs, key) !== undefined
    if (walk.kind === 'start' && !isRecent && row.from === 'host' && row.seenAt === undefined) {
      const result = resultOf(key, row)
      if (result !== null) turn.effects.push({ kind: 'observe', observation: result })
    }
    if (at < walk.cutoff) {
      refs.rejected.delete(row.id)
      writes.push(deleteRef(key))
      continue
    }
    walk.ends.push(at)
    if (!isRecent && isOpenRejection(row)) keepRejected(refs, key, row)
  }
  if (writes.length > 0) save(state.ledger, turn, writes)
  const last = rows.at(-1)?.key
  if (last !== undefined && rows.length >= state.paging.page) {
    walk.from = `${last}\u0000`
    return readOn(state, turn, walk.from)
  }
  ended(state, turn, walk)
}

function ended(state: EngineState, turn: Turn, walk: RefsWalk): void {
  const { refs } = state.outbox
  refs.walk = null
  refs.ended = walk.ends.length
  if (refs.rejected.size > 0) announce(state.bus, turn, { t: 'reviewed' })
  const tooMany = walk.ends.length - LIMITS.maxOutboxCommands
  // Once: what ended in the very same millisecond may stay until the next walk.
  if (tooMany <= 0 || walk.kind === 'trim') return
  const cutoff = walk.ends.toSorted((a, b) => a - b)[tooMany] ?? 0
  begin(state, turn, 'trim', cutoff)
}
