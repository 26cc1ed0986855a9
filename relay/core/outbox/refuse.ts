/** What the disk refused: told to its maker, and its number given back. */
import { refuse } from '../../protocol/errors.ts'
import { LANES } from '../../protocol/lanes.ts'
import type { PendingCommand } from '../../protocol/local.ts'
import type { Write } from '../../ports.ts'
import { dropRefused, save } from '../disk/ledger.ts'
import { outboxKey } from '../disk/rows.ts'
import { untakeFiles } from '../files/keeping.ts'
import type { Turn } from '../step/turn.ts'
import { answer } from '../tell/answers.ts'
import { announce } from '../tell/bus.ts'
import { mayShow } from '../tell/reading.ts'
import type { Origin } from '../tell/slice.ts'
import { enqueue } from './number.ts'
import { metaWrite } from './outbox.ts'
import { deleteRef, removeRef } from './refs.ts'
import { pendingView } from './shown.ts'
import type { Entry, OutboxState } from './slice.ts'
import { settledView } from './views.ts'

/**
 * The disk refused: every command that is not durable is refused to its maker, and its number given back. Numbers of the
 * relay's own commands behind them move up, so that the lane has no hole.
 */
export function refuseUnsaved(outbox: OutboxState, turn: Turn): void {
  dropRefused(turn.ledger)
  const lost = [...outbox.byId.values()].filter((entry) => entry.status === 'saving' && isRefusable(outbox, entry))
  for (const name of LANES) {
    const lane = outbox.lanes[name]
    for (let seq = lane.savedUpTo + 1; seq < lane.next; seq += 1) lane.entries.delete(seq)
    for (let seq = lane.savedUpTo + 1; seq < lane.next; seq += 1) lane.shown.delete(seq)
    lane.held -= lane.next - 1 - lane.savedUpTo
    lane.next = lane.savedUpTo + 1
    lane.first = Math.min(lane.first, lane.next)
    lane.unanswered = Math.min(lane.unanswered, lane.next)
    lane.cursor = Math.min(lane.cursor, lane.next)
  }
  // A write that failed may have reached the disk all the same; this makes the disk agree with what people were told.
  const undo: Write[] = []
  for (const { row, volume, from } of lost) {
    outbox.byId.delete(row.id)
    undo.push({ op: 'delete', table: 'outbox', key: outboxKey(row.lane, row.seq, volume) })
    if (from !== 'relay') undo.push(deleteRef(row.ref), ...untakeFiles(turn.files, row))
  }
  if (undo.length > 0) {
    const token = save(turn, [...undo, metaWrite(outbox, turn.now)])
    for (const { row, from } of lost) if (from !== 'relay') removeRef(outbox.refs, row.ref, token)
  }
  for (const entry of lost) {
    const { row, from, origins } = entry
    if (from === 'relay') enqueue(outbox, turn, row, { from, origins })
    else refuseToMakers(turn, origins, pendingView(entry))
  }
}

/** All but the relay's own of an epoch that was given up: those are still being written, and reviewed then. */
function isRefusable(outbox: OutboxState, { from, volume }: Entry): boolean {
  return from !== 'relay' || volume === outbox.volume
}

/** Tells the makers of a command that it is not saved; and windows, where they were told of it too early, that it never was. */
export function refuseToMakers(turn: Turn, origins: readonly Origin[], command: PendingCommand | null): void {
  const refusal = refuse('storage-failed')
  for (const origin of origins) answer(turn, origin, refusal)
  if (command === null || !mayShow(turn, command)) return
  const { code, message } = refusal
  const settled = settledView(command, { outcome: 'rejected', code, message, data: null, offsets: {} })
  announce(turn, { t: 'settled', settled })
}
