/** How commands end: settled in memory, durable on the disk, and only then told. */
import type { Write } from '../../ports.ts'
import { makerOf, outboxKey, type OutboxRow, type RefRow, type Settled } from '../disk/rows.ts'
import type { AfterWrite } from '../step/from-disk.ts'
import type { Turn } from '../step/turn.ts'
import { announce } from '../tell/bus.ts'
import { mayShow } from '../tell/reading.ts'
import { walkRefs } from './refs-walk.ts'
import { MAX_ENDED_REFS, putRef, resultOf } from './refs.ts'
import { pendingView } from './shown.ts'
import type { Entry, OutboxState } from './slice.ts'
import { settledView } from './views.ts'

/** Marks an entry as ended; the returned writes make it so. */
export function settle(entry: Entry, settled: Settled): readonly Write[] {
  const { row, volume } = entry
  entry.status = 'settling'
  entry.settled = settled
  const gone: Write = { op: 'delete', table: 'outbox', key: outboxKey(row.lane, row.seq, volume) }
  const ended = endedRef(row, settled)
  return ended === null ? [gone] : [gone, { op: 'put', table: 'refs', key: row.ref, value: ended }]
}

/** The reference row of an ended command; null for the relay's own, which nobody asks about. */
export function endedRef(row: OutboxRow, settled: Settled): RefRow | null {
  const from = makerOf(row)
  if (from === 'relay') return null
  const { id, lane, seq, madeAt: savedAt } = row
  const isSeen = from === 'window' && settled.outcome === 'applied'
  return { id, lane, seq, from, savedAt, settled, ...(isSeen && { seenAt: settled.at }) }
}

/** The result is durable: forget the command, tell everybody. Not if a restore took it back meanwhile (`revive`). */
export function resultStored(
  outbox: OutboxState,
  turn: Turn,
  { id, settled }: Extract<AfterWrite, { kind: 'resultStored' }>,
): void {
  const entry = outbox.byId.get(id)
  if (entry?.settled !== settled) return
  const { row } = entry
  outbox.byId.delete(id)
  const lane = outbox.lanes[row.lane]
  let wasShown = false
  if (lane.entries.get(row.seq) === entry) {
    lane.entries.delete(row.seq)
    lane.held -= 1
    outbox.ended += 1
    wasShown = lane.shown.delete(row.seq)
  }
  tellEnd(outbox, turn, row, settled)
  // Of what windows do not show, only a rejection is news to them.
  if (wasShown || settled.outcome === 'rejected') tellSettled(turn, entry, settled)
}

/** The end is durable: remembered for a repeat, told to the host. */
export function tellEnd(outbox: OutboxState, turn: Turn, row: OutboxRow, settled: Settled): void {
  const ended = endedRef(row, settled)
  if (ended === null) return
  const { refs } = outbox
  putRef(refs, row.ref, ended, turn.ledger.nextToken - 1)
  refs.ended += 1
  if (refs.ended > MAX_ENDED_REFS) walkRefs(outbox, turn, 'prune')
  const result = ended.from === 'host' ? resultOf(row.ref, ended) : null
  if (result !== null) turn.effects.push({ kind: 'observe', observation: result })
}

function tellSettled(turn: Turn, entry: Entry, settled: Settled): void {
  const command = settled.command ?? pendingView(entry)
  if (entry.from === 'relay' || !mayShow(turn, command)) return
  announce(turn, { t: 'settled', settled: settledView(command, settled) })
}
