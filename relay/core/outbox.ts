/**
 * What this device holds of its commands: saved (`submit.ts`), sent and answered (`delivery.ts`), forgotten (here).
 *
 * Invariants
 *   1. Saved before sent; the result durable before `confirm`; confirmed only what is durable (P1).
 *   2. A command and its number are one write; a result, the end of the command and its reference are one write.
 */
import type { CommandId, Incarnation, OutboxEpoch } from '../protocol/ids.ts'
import { LANES, type Lane } from '../protocol/lanes.ts'
import type { PendingCommand } from '../protocol/local.ts'
import type { Row, Write } from '../ports.ts'
import { announce } from './bus.ts'
import { laneDeadline, newLane, oldest, pendingCount, type Entry, type LaneState } from './lane.ts'
import { mayShow } from './reading.ts'
import { newRefs, putRef, resultOf, type RefsState } from './refs.ts'
import { outboxKey, type OutboxMeta, type OutboxRow, type RefRow, type Settled } from './rows.ts'
import type { EngineState } from './state.ts'
import type { Turn } from './turn.ts'

export interface OutboxState {
  epoch: OutboxEpoch
  incarnation: Incarnation | null
  lanes: Record<Lane, LaneState>
  /** Every command that is not durably ended, also those of an epoch that was given up. */
  readonly byId: Map<CommandId, Entry>
  readonly refs: RefsState
  /** `open`: commands flow. `closed`: no connection is ready for them. `restarting`: a new epoch is being written. */
  gate: 'closed' | 'open' | 'restarting'
}

export function newOutbox(meta: OutboxMeta, rows: readonly Row[], refs: readonly Row[]): OutboxState {
  const outbox: OutboxState = {
    epoch: meta.epoch,
    incarnation: meta.incarnation,
    lanes: { urgent: newLane('urgent', 1), normal: newLane('normal', 1) },
    byId: new Map(),
    refs: newRefs(refs),
    gate: 'closed',
  }
  const restored = rows.map((each) => each.value as OutboxRow)
  for (const lane of LANES) {
    const first = restored.find((row) => row.lane === lane)?.seq ?? meta.next[lane]
    outbox.lanes[lane] = newLane(lane, first)
    outbox.lanes[lane].next = meta.next[lane]
    outbox.lanes[lane].savedUpTo = meta.next[lane] - 1
  }
  for (const row of restored) {
    const from = outbox.refs.rows.get(row.ref)?.from ?? 'relay'
    const entry: Entry = { row, status: 'saved', settled: null, notice: null, from, origins: [] }
    outbox.lanes[row.lane].entries.set(row.seq, entry)
    outbox.byId.set(row.id, entry)
  }
  return outbox
}

export function outboxMeta(outbox: OutboxState): OutboxMeta {
  const next = { urgent: outbox.lanes.urgent.next, normal: outbox.lanes.normal.next }
  return { epoch: outbox.epoch, incarnation: outbox.incarnation, next }
}

export function metaWrite(outbox: OutboxState): Write {
  return { op: 'put', table: 'meta', key: 'outbox', value: outboxMeta(outbox) }
}

/** Per lane: durable and not durably settled. */
export function pendingCounts(outbox: OutboxState): Readonly<Record<Lane, number>> {
  return { urgent: pendingCount(outbox.lanes.urgent), normal: pendingCount(outbox.lanes.normal) }
}

/** Nothing is waiting, being saved or being settled. */
export function isEmpty(outbox: OutboxState): boolean {
  return outbox.byId.size === 0
}

export function oldestSeqs(outbox: OutboxState): Record<Lane, number> {
  return { urgent: oldest(outbox.lanes.urgent), normal: oldest(outbox.lanes.normal) }
}

export function pendingView(entry: Entry): PendingCommand {
  const { id, type, data, lane, session, by, madeAt } = entry.row
  return { id, type, data, lane, session, by, madeAt, saved: entry.status !== 'saving', notice: entry.notice }
}

export function outboxDeadline(outbox: OutboxState): number | null {
  if (outbox.gate !== 'open') return null
  const urgent = laneDeadline(outbox.lanes.urgent)
  const normal = laneDeadline(outbox.lanes.normal)
  return urgent === null ? normal : normal === null ? urgent : Math.min(urgent, normal)
}

// ------------------------------------------------------------------------------------------------------- ends

/** Marks an entry as ended; the returned writes make it so. */
export function settle(state: EngineState, entry: Entry, settled: Settled): readonly Write[] {
  const { row } = entry
  entry.status = 'settling'
  entry.settled = settled
  const gone: Write = { op: 'delete', table: 'outbox', key: outboxKey(row.lane, row.seq) }
  const ended = endedRef(state, entry, settled)
  return ended === null ? [gone] : [gone, { op: 'put', table: 'refs', key: row.ref, value: ended }]
}

/** The reference row of an ended command; null for the relay's own, which nobody asks about. */
function endedRef(state: EngineState, entry: Entry, settled: Settled): RefRow | null {
  const before = state.outbox.refs.rows.get(entry.row.ref)
  if (before === undefined) return null
  const isSeen = entry.from === 'window' && settled.outcome === 'applied'
  return { ...before, settled, ...(isSeen && { seenAt: settled.at }) }
}

/** The result is durable: forget the command, tell everybody. */
export function resultStored(state: EngineState, turn: Turn, id: CommandId): void {
  const { outbox } = state
  const entry = outbox.byId.get(id)
  if (entry === undefined || entry.settled === null) return
  const { row, settled } = entry
  outbox.byId.delete(id)
  const lane = outbox.lanes[row.lane]
  if (lane.entries.get(row.seq) === entry) lane.entries.delete(row.seq)
  const ended = endedRef(state, entry, settled)
  if (ended !== null) {
    putRef(outbox.refs, row.ref, ended)
    const result = entry.from === 'host' ? resultOf(row.ref, ended) : null
    if (result !== null) turn.effects.push({ kind: 'observe', observation: result })
  }
  tellSettled(state, turn, entry, settled)
}

export function tellSettled(state: EngineState, turn: Turn, entry: Entry, settled: Settled): void {
  const command = settled.command ?? pendingView(entry)
  if (entry.from === 'relay' || !mayShow(command, state.sessions.current)) return
  const { outcome, code, message, data, offsets } = settled
  announce(state.bus, turn, { t: 'settled', settled: { command, outcome, code, message, data, offsets } })
}

export function tellPending(state: EngineState, turn: Turn, entry: Entry): void {
  const command = pendingView(entry)
  if (entry.from === 'relay' || !mayShow(command, state.sessions.current)) return
  announce(state.bus, turn, { t: 'pending', command })
}
