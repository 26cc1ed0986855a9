/** Results that were taken note of, by the host or by a person: not told or shown again. */
import { check } from '../../protocol/check.ts'
import { CommandId } from '../../protocol/ids.ts'
import { LOCAL_LIMITS } from '../../protocol/local.ts'
import type { Row, Write } from '../../ports.ts'
import { save } from '../disk/ledger.ts'
import { onlyKey, read } from '../disk/read.ts'
import type { RefRow } from '../disk/rows.ts'
import { letGoOfMessage } from '../files/keeping.ts'
import type { Query } from '../step/from-disk.ts'
import type { Turn } from '../step/turn.ts'
import { announce } from '../tell/bus.ts'
import type { Origin } from '../tell/slice.ts'
import { walkRefs } from './refs-walk.ts'
import { putRef, recentRef, seenRef } from './refs.ts'
import type { OutboxState } from './slice.ts'

/** Of the host. The answer comes when it is on disk. */
export function resultSeen(outbox: OutboxState, turn: Turn, ref: string, origin: Origin): void {
  const known = recentRef(outbox.refs, ref)
  if (known !== undefined) return finishSeen(outbox, turn, origin, mark(outbox, turn, ref, known))
  read(turn, { kind: 'seen', ref, origin }, { table: 'refs', range: onlyKey(ref) })
}

export function markSeen(
  outbox: OutboxState,
  turn: Turn,
  { ref, origin }: Query & { kind: 'seen' },
  rows: readonly Row[],
): void {
  finishSeen(outbox, turn, origin, mark(outbox, turn, ref, newest(outbox, ref, rows)))
}

function finishSeen(outbox: OutboxState, turn: Turn, origin: Origin, writes: readonly Write[]): void {
  save(turn, writes, { kind: 'answer', origin })
}

/** A rejection that a person has seen; also one that never reached the disk and is only on the windows. */
export function dismissed(outbox: OutboxState, turn: Turn, text: string): void {
  const { refs } = outbox
  const id = check(CommandId, text, 'bad-frame')
  if (!id.ok) return
  letGoOfMessage(turn.files, turn, id.value)
  const shown = refs.rejected.get(id.value)
  if (shown !== undefined) {
    save(turn, mark(outbox, turn, shown.ref, shown.row))
    // The disk has more than windows are shown: the next ones come up.
    if (refs.hasMoreRejected && refs.rejected.size < LOCAL_LIMITS.shownRejected / 2) walkRefs(outbox, turn, 'prune')
  } else {
    const ref = `window:${id.value}`
    read(turn, { kind: 'dismissed', ref, id: id.value }, { table: 'refs', range: onlyKey(ref) })
  }
  announce(turn, { t: 'dismissed', id: id.value })
}

export function markDismissed(outbox: OutboxState, turn: Turn, ref: string, rows: readonly Row[]): void {
  const writes = mark(outbox, turn, ref, newest(outbox, ref, rows))
  if (writes.length > 0) save(turn, writes)
}

/** Memory is newer than what a read may have seen. */
function newest(outbox: OutboxState, ref: string, rows: readonly Row[]): RefRow | null {
  const recent = recentRef(outbox.refs, ref)
  return recent === undefined ? ((rows[0]?.value as RefRow | undefined) ?? null) : recent
}

function mark(outbox: OutboxState, turn: Turn, ref: string, row: RefRow | null): readonly Write[] {
  const seen = row === null ? null : seenRef(row, turn.wall)
  if (seen === null) return []
  putRef(outbox.refs, ref, seen, turn.ledger.nextToken)
  return [{ op: 'put', table: 'refs', key: ref, value: seen }]
}
