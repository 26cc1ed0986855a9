/**
 * The walk through all references, a page at a time: at start it tells the host the results it has not seen, and finds the
 * rejections that windows show; every hour, or when there are too many, it lets go of what is too old or too much.
 *
 * Kept for `LIMITS.keepResultsMs` after its end, at most `LIMITS.maxOutboxCommands` ended ones, oldest first out. Of all
 * rows only the times of their ends are in memory, for as long as a walk takes.
 */
import { LIMITS } from '../../protocol/limits.ts'
import type { Row, Write } from '../../ports.ts'
import { save } from '../disk/ledger.ts'
import { read } from '../disk/read.ts'
import type { RefRow } from '../disk/rows.ts'
import type { Turn } from '../step/turn.ts'
import { announce } from '../tell/bus.ts'
import { addKnown, newKnownRefs } from './known-refs.ts'
import { deleteRef, isOpenRejection, keepRejected, recentRef, resultOf } from './refs.ts'
import type { OutboxState, RefsWalk } from './slice.ts'

/** Begins one, unless one is under way. */
export function walkRefs(outbox: OutboxState, turn: Turn, kind: 'start' | 'prune'): void {
  // A clock that was set back keeps rows longer, never shorter.
  if (outbox.refs.walk === null) begin(outbox, turn, kind, turn.wall - LIMITS.keepResultsMs)
}

function begin(outbox: OutboxState, turn: Turn, kind: RefsWalk['kind'], cutoff: number): void {
  const { refs } = outbox
  refs.hasMoreRejected = false
  const known = newKnownRefs()
  // What is not durable yet no page may have.
  for (const { rows } of [refs.young, refs.old]) for (const ref of rows.keys()) addKnown(known, ref)
  refs.walk = { kind, cutoff, from: '', ends: [], known }
  readOn(outbox, turn, '')
}

function readOn(outbox: OutboxState, turn: Turn, from: string): void {
  read(turn, { kind: 'refs' }, { table: 'refs', range: { from, limit: outbox.paging.page } })
}

export function refsRead(outbox: OutboxState, turn: Turn, rows: readonly Row[]): void {
  const { refs } = outbox
  const { walk } = refs
  if (walk === null) return
  const writes: Write[] = []
  for (const { key, value } of rows) {
    const row = value as RefRow
    addKnown(walk.known, key)
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
  if (writes.length > 0) save(turn, writes)
  const last = rows.at(-1)?.key
  if (last !== undefined && rows.length >= outbox.paging.page) {
    walk.from = `${last}\u0000`
    return readOn(outbox, turn, walk.from)
  }
  ended(outbox, turn, walk)
}

function ended(outbox: OutboxState, turn: Turn, walk: RefsWalk): void {
  const { refs } = outbox
  refs.walk = null
  refs.known = walk.known
  refs.ended = walk.ends.length
  if (refs.rejected.size > 0) announce(turn, { t: 'reviewed' })
  const tooMany = walk.ends.length - LIMITS.maxOutboxCommands
  // Once: what ended in the very same millisecond may stay until the next walk.
  if (tooMany <= 0 || walk.kind === 'trim') return
  const cutoff = walk.ends.toSorted((a, b) => a - b)[tooMany] ?? 0
  begin(outbox, turn, 'trim', cutoff)
}
