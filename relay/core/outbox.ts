/**
 * What this device holds of its commands: saved (`submit.ts`), sent and answered (`delivery.ts`), forgotten (here).
 *
 * Invariants
 *   1. Saved before sent; the result durable before `confirm`; confirmed only what is durable (P1).
 *   2. A command and its number are one write; a result, the end of the command and its reference are one write.
 *   3. Memory does not grow with the queue: of each lane its head, what is being saved, and what windows are shown.
 */
import type { CommandId, Incarnation, OutboxEpoch } from '../protocol/ids.ts'
import { LANES, type Lane } from '../protocol/lanes.ts'
import { LOCAL_LIMITS, type OutboxView, type PendingCommand } from '../protocol/local.ts'
import type { Row, Write } from '../ports.ts'
import type { Arrival } from './arrivals.ts'
import { announce } from './bus.ts'
import type { StartTables } from './inputs.ts'
import {
  connectedMs,
  headSize,
  laneDeadline,
  laneFilled,
  newLane,
  oldest,
  pendingCount,
  type Entry,
  type LaneState,
} from './lane.ts'
import type { AfterWrite } from './ledger.ts'
import type { Paging } from './paging.ts'
import { read, type Query } from './query.ts'
import { mayShow } from './reading.ts'
import { MAX_ENDED_REFS, newRefs, putRef, resultOf, type RefsState } from './refs.ts'
import { walkRefs } from './refs-walk.ts'
import {
  makerOf,
  outboxKey,
  type OutboxMeta,
  type OutboxRow,
  type RefRow,
  type RetiredVolume,
  type Settled,
} from './rows.ts'
import type { EngineState } from './state.ts'
import type { Turn } from './turn.ts'

export interface OutboxState {
  epoch: OutboxEpoch
  incarnation: Incarnation | null
  /** The save that makes durable what the last `welcome` changed: nothing is sent before it. */
  agreedBy: number
  /** Where the rows of this epoch are. */
  volume: number
  retired: readonly RetiredVolume[]
  lanes: Record<Lane, LaneState>
  /** Every command in memory that is not durably ended, also those of an epoch that was given up. */
  readonly byId: Map<CommandId, Entry>
  /** Commands without a number yet, by reference, in the order in which they came. */
  readonly arriving: Readonly<Record<Lane, Map<string, Arrival>>>
  readonly refs: RefsState
  /** Commands that ended since none was waiting: how far a long queue has come. */
  ended: number
  /** `open`: commands flow. `closed`: no connection is ready for them. `restarting`: a new epoch is being written. */
  gate: 'closed' | 'open' | 'restarting'
}

export function newOutbox(meta: OutboxMeta, pages: StartTables['outbox'], paging: Paging): OutboxState {
  const outbox: OutboxState = {
    epoch: meta.epoch,
    incarnation: meta.incarnation,
    agreedBy: 0,
    volume: meta.volume ?? 0,
    retired: meta.retired ?? [],
    lanes: { urgent: newLane('urgent', meta.next.urgent), normal: newLane('normal', meta.next.normal) },
    byId: new Map(),
    arriving: { urgent: new Map(), normal: new Map() },
    refs: newRefs(),
    ended: 0,
    gate: 'closed',
  }
  for (const name of LANES) restoreLane(outbox, meta, { name, ...pages[name] }, paging)
  return outbox
}

function restoreLane(
  outbox: OutboxState,
  meta: OutboxMeta,
  { name, head, tail }: { readonly name: Lane; readonly head: readonly Row[]; readonly tail: readonly Row[] },
  paging: Paging,
): void {
  const lane = outbox.lanes[name]
  const rows = head.map((each) => each.value as OutboxRow)
  const first = rows[0]?.seq ?? lane.next
  lane.first = first
  lane.cursor = first
  lane.unanswered = first
  lane.loadedUpTo = rows.length < paging.head ? lane.next - 1 : (rows.at(-1)?.seq ?? lane.next - 1)
  // What is not loaded has no hole, as far as is known; `laneLoaded` corrects it.
  lane.held = rows.length + lane.next - 1 - lane.loadedUpTo
  for (const row of rows) hold(outbox, lane, row)
  for (const { value } of tail) {
    const entry = restored(outbox.volume, value as OutboxRow)
    if (entry.from !== 'relay') show(lane, entry)
  }
  const trying = meta.trying?.[name]
  if (trying?.seq === first) lane.trying = { ...trying, since: null, storedMs: trying.connectedMs }
}

function restored(volume: number, row: OutboxRow): Entry {
  return { row, volume, status: 'saved', settled: null, notice: null, from: makerOf(row), origins: [] }
}

function hold(outbox: OutboxState, lane: LaneState, row: OutboxRow): void {
  const entry = restored(outbox.volume, row)
  lane.entries.set(row.seq, entry)
  outbox.byId.set(row.id, entry)
}

// ------------------------------------------------------------------------------------------------------- pages

/** Reads the next page of each lane whose head runs low. Called at the end of every step. */
export function loadHeads(state: EngineState, turn: Turn): void {
  const { volume, lanes } = state.outbox
  for (const name of LANES) {
    const lane = lanes[name]
    if (lane.isLoading || lane.loadedUpTo >= lane.savedUpTo || headSize(lane) > state.paging.head / 2) continue
    lane.isLoading = true
    const through = lane.savedUpTo
    const range = {
      from: outboxKey(name, lane.loadedUpTo + 1, volume),
      to: outboxKey(name, through + 1, volume),
      limit: state.paging.head - headSize(lane),
    }
    read(turn, { kind: 'lane', lane: name, volume, through }, { table: 'outbox', range })
  }
}

export function laneLoaded(outbox: OutboxState, query: Query & { kind: 'lane' }, rows: readonly Row[]): void {
  if (query.volume !== outbox.volume) return
  const lane = outbox.lanes[query.lane]
  lane.isLoading = false
  const before = lane.loadedUpTo
  const page = rows.map((each) => each.value as OutboxRow)
  lane.loadedUpTo = page.at(-1)?.seq ?? query.through
  lane.held -= lane.loadedUpTo - before - page.length
  for (const row of page) hold(outbox, lane, row)
  laneFilled(lane)
}

// ------------------------------------------------------------------------------------------------------- values

export function metaWrite(outbox: OutboxState, now: number): Write {
  const { epoch, incarnation, volume, retired, lanes } = outbox
  const next = { urgent: lanes.urgent.next, normal: lanes.normal.next }
  const trying = Object.fromEntries(
    LANES.flatMap((name) => {
      const { trying: one } = lanes[name]
      return one === null ? [] : [[name, { seq: one.seq, connectedMs: connectedMs(lanes[name], now) }]]
    }),
  )
  const value: OutboxMeta = {
    epoch,
    incarnation,
    next,
    ...(volume > 0 && { volume }),
    ...(retired.length > 0 && { retired }),
    ...(Object.keys(trying).length > 0 && { trying }),
  }
  return { op: 'put', table: 'meta', key: 'outbox', value }
}

/** Per lane: durable and not durably settled. */
export function pendingCounts(outbox: OutboxState): Readonly<Record<Lane, number>> {
  return { urgent: pendingCount(outbox.lanes.urgent), normal: pendingCount(outbox.lanes.normal) }
}

export function outboxView(outbox: OutboxState): OutboxView {
  const { urgent, normal } = pendingCounts(outbox)
  return { urgent, normal, ended: outbox.ended, sending: outbox.gate === 'open' && urgent + normal > 0 }
}

/** Every command that counts against the bound of the outbox. */
export function heldCount({ lanes, arriving }: OutboxState): number {
  return lanes.urgent.held + lanes.normal.held + arriving.urgent.size + arriving.normal.size
}

/** Nothing is arriving, waiting, being saved, being settled or being reviewed. */
export function isEmpty(outbox: OutboxState): boolean {
  return heldCount(outbox) === 0 && outbox.byId.size === 0 && outbox.retired.length === 0
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

/** Shows an entry, or what is new about it; the one shown longest makes room. */
export function show(lane: LaneState, entry: Entry): void {
  lane.shown.set(entry.row.seq, pendingView(entry))
  if (lane.shown.size <= LOCAL_LIMITS.shownPending) return
  for (const seq of lane.shown.keys()) {
    lane.shown.delete(seq)
    return
  }
}

/** What windows are shown, in the order in which it is sent. */
export function shownCommands({ lanes, arriving }: OutboxState): readonly PendingCommand[] {
  return LANES.flatMap((name) => {
    const shown = [...lanes[name].shown].toSorted(([a], [b]) => a - b).map(([, command]) => command)
    return [...shown, ...[...arriving[name].values()].flatMap(({ early }) => early ?? [])]
  })
}

// ------------------------------------------------------------------------------------------------------- ends

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
  state: EngineState,
  turn: Turn,
  { id, settled }: Extract<AfterWrite, { kind: 'resultStored' }>,
): void {
  const { outbox } = state
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
  tellEnd(state, turn, row, settled)
  // Of what windows do not show, only a rejection is news to them.
  if (wasShown || settled.outcome === 'rejected') tellSettled(state, turn, entry, settled)
}

/** The end is durable: remembered for a repeat, told to the host. */
export function tellEnd(state: EngineState, turn: Turn, row: OutboxRow, settled: Settled): void {
  const ended = endedRef(row, settled)
  if (ended === null) return
  const { refs } = state.outbox
  putRef(refs, row.ref, ended, state.ledger.nextToken - 1)
  refs.ended += 1
  if (refs.ended > MAX_ENDED_REFS) walkRefs(state, turn, 'prune')
  const result = ended.from === 'host' ? resultOf(row.ref, ended) : null
  if (result !== null) turn.effects.push({ kind: 'observe', observation: result })
}

function tellSettled(state: EngineState, turn: Turn, entry: Entry, settled: Settled): void {
  const command = settled.command ?? pendingView(entry)
  if (entry.from === 'relay' || !mayShow(command, state.sessions.current)) return
  const { outcome, code, message, data, offsets } = settled
  announce(state.bus, turn, { t: 'settled', settled: { command, outcome, code, message, data, offsets } })
}

export function tellPending(state: EngineState, turn: Turn, entry: Entry): void {
  if (entry.from === 'relay') return
  const lane = state.outbox.lanes[entry.row.lane]
  if (lane.entries.get(entry.row.seq) === entry) show(lane, entry)
  const command = pendingView(entry)
  if (mayShow(command, state.sessions.current)) announce(state.bus, turn, { t: 'pending', command })
}
