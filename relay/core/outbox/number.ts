/** Commands get their number and are written with it; only then they are "saved". */
import type { CommandId } from '../../protocol/ids.ts'
import type { Write } from '../../ports.ts'
import { save, saveOrRefuse } from '../disk/ledger.ts'
import { pendingRef, pendingWrites, type OutboxRow } from '../disk/rows.ts'
import { takeFiles } from '../files/keeping.ts'
import type { Turn } from '../step/turn.ts'
import { answer } from '../tell/answers.ts'
import type { Origin } from '../tell/slice.ts'
import { headSize } from './lane.ts'
import { metaWrite } from './outbox.ts'
import { putRef } from './refs.ts'
import { tellPending } from './shown.ts'
import type { Entry, OutboxState } from './slice.ts'

interface Enqueued {
  readonly from: Entry['from']
  /** Who hears that it is saved. */
  readonly origins?: readonly Origin[]
  /** Written in the same write. */
  readonly also?: readonly Write[]
}

/** Numbers a command and writes it. The relay's own are written until it succeeds. */
export function enqueue(
  outbox: OutboxState,
  turn: Turn,
  made: Omit<OutboxRow, 'seq'>,
  { from, origins = [], also = [] }: Enqueued,
): Entry {
  const lane = outbox.lanes[made.lane]
  const row: OutboxRow = { ...made, seq: lane.next }
  const entry: Entry = { row, volume: outbox.volume, status: 'saving', settled: null, notice: null, from, origins }
  lane.next = row.seq + 1
  lane.held += 1
  lane.entries.set(row.seq, entry)
  outbox.byId.set(row.id, entry)
  const writes = [...pendingWrites(entry), metaWrite(outbox, turn.now), ...takeFiles(turn.files, made), ...also]
  const then = { kind: 'commandSaved', id: row.id } as const
  if (from === 'relay') save(turn, writes, then)
  else putRef(outbox.refs, row.ref, pendingRef(row), saveOrRefuse(turn, writes, then))
  return entry
}

/** The row is durable: it may be sent, and its maker is told. It stays in memory only if it is soon to be sent. */
export function commandSaved(outbox: OutboxState, turn: Turn, id: CommandId): void {
  const entry = outbox.byId.get(id)
  // Twice for the relay's own, when the disk failed and they were numbered anew.
  if (entry?.status !== 'saving') return
  const { row, origins } = entry
  const lane = outbox.lanes[row.lane]
  entry.status = 'saved'
  entry.origins = []
  // Not of this lane any more if the outbox was restarted meanwhile; saved it is all the same, and its review finds it.
  const isOfLane = lane.entries.get(row.seq) === entry
  if (isOfLane) lane.savedUpTo = Math.max(lane.savedUpTo, row.seq)
  const isNext = isOfLane && !lane.isLoading && row.seq === lane.loadedUpTo + 1 && headSize(lane) < outbox.paging.head
  if (isNext) lane.loadedUpTo = row.seq
  origins.forEach((origin, index) => tellSaved(turn, origin, { ref: row.ref, id, repeated: index > 0 }))
  if (isOfLane && lane.shown.has(row.seq)) tellPending(outbox, turn, entry)
  if (isNext) return
  outbox.byId.delete(id)
  if (isOfLane) lane.entries.delete(row.seq)
}

export function tellSaved(
  turn: Turn,
  origin: Origin,
  { ref, id, repeated }: { readonly ref: string; readonly id: CommandId; readonly repeated: boolean },
): void {
  answer(turn, origin, { ok: true, value: { id, repeated } })
  if (origin.kind === 'host') turn.effects.push({ kind: 'observe', observation: { kind: 'saved', ref, id } })
}
