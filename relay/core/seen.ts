/** Results that were taken note of, by the host or by a person: not told or shown again. */
import { check } from '../protocol/check.ts'
import { CommandId } from '../protocol/ids.ts'
import { LOCAL_LIMITS } from '../protocol/local.ts'
import type { Row, Write } from '../ports.ts'
import { announce } from './bus.ts'
import type { Origin } from './inputs.ts'
import { save } from './ledger.ts'
import { onlyKey, read, type Query } from './query.ts'
import { putRef, recentRef, seenRef } from './refs.ts'
import { walkRefs } from './refs-walk.ts'
import type { RefRow } from './rows.ts'
import type { EngineState } from './state.ts'
import type { Turn } from './turn.ts'

/** Of the host. The answer comes when it is on disk. */
export function resultSeen(state: EngineState, turn: Turn, ref: string, origin: Origin): void {
  const known = recentRef(state.outbox.refs, ref)
  if (known !== undefined) return finishSeen(state, turn, origin, mark(state, turn, ref, known))
  read(turn, { kind: 'seen', ref, origin }, { table: 'refs', range: onlyKey(ref) })
}

export function markSeen(
  state: EngineState,
  turn: Turn,
  { ref, origin }: Query & { kind: 'seen' },
  rows: readonly Row[],
): void {
  finishSeen(state, turn, origin, mark(state, turn, ref, newest(state, ref, rows)))
}

function finishSeen(state: EngineState, turn: Turn, origin: Origin, writes: readonly Write[]): void {
  save(state.ledger, turn, writes, { kind: 'answer', origin })
}

/** A rejection that a person has seen; also one that never reached the disk and is only on the windows. */
export function dismissed(state: EngineState, turn: Turn, text: string): void {
  const { refs } = state.outbox
  const id = check(CommandId, text, 'bad-frame')
  if (!id.ok) return
  const shown = refs.rejected.get(id.value)
  if (shown !== undefined) {
    save(state.ledger, turn, mark(state, turn, shown.ref, shown.row))
    // The disk has more than windows are shown: the next ones come up.
    if (refs.hasMoreRejected && refs.rejected.size < LOCAL_LIMITS.shownRejected / 2) walkRefs(state, turn, 'prune')
  } else {
    const ref = `window:${id.value}`
    read(turn, { kind: 'dismissed', ref, id: id.value }, { table: 'refs', range: onlyKey(ref) })
  }
  announce(state.bus, turn, { t: 'dismissed', id: id.value })
}

export function markDismissed(state: EngineState, turn: Turn, ref: string, rows: readonly Row[]): void {
  const writes = mark(state, turn, ref, newest(state, ref, rows))
  if (writes.length > 0) save(state.ledger, turn, writes)
}

/** Memory is newer than what a read may have seen. */
function newest(state: EngineState, ref: string, rows: readonly Row[]): RefRow | null {
  const recent = recentRef(state.outbox.refs, ref)
  return recent === undefined ? ((rows[0]?.value as RefRow | undefined) ?? null) : recent
}

function mark(state: EngineState, turn: Turn, ref: string, row: RefRow | null): readonly Write[] {
  const seen = row === null ? null : seenRef(row, turn.wall)
  if (seen === null) return []
  putRef(state.outbox.refs, ref, seen, state.ledger.nextToken)
  return [{ op: 'put', table: 'refs', key: ref, value: seen }]
}
