/**
 * Commands over the wire: what is sent when, and what each answer means (PROTOCOL W1…W10).
 *
 * Invariants
 *   1. Urgent is always offered to the socket before normal (P3); the lanes share nothing else.
 *   2. Nothing is sent while what `hello` will say (epoch, incarnation) is not durable: after a crash the server would
 *      take the same command under another name.
 *   3. A lane is looked at by its own deadline, never only because something new came.
 */
import type { ServerFrameOf } from '../protocol/frames.ts'
import { LANES, type Lane } from '../protocol/lanes.ts'
import {
  answered,
  connectedMs,
  findSent,
  laneConnected,
  laneDisconnected,
  obeyExpect,
  oldest,
  rewind,
  STALL_MS,
  takeSendable,
  waitLater,
  type LaneState,
} from './lane.ts'
import { save } from './ledger.ts'
import { restartOutbox } from './outbox-restart.ts'
import { metaWrite, pendingView, settle, tellPending, type OutboxState } from './outbox.ts'
import type { Settled } from './rows.ts'
import { sendFrame, type EngineState } from './state.ts'
import type { Turn } from './turn.ts'

/**
 * Sorts out after `welcome` what both ends know; opens the gate, at once or when that is durable. `redial`: a restored
 * server took over the oldest numbers of `hello` while results for some of them were on their way to this disk; greeting
 * again, when they are there, names the right ones.
 */
export function outboxWelcomed(state: EngineState, turn: Turn, frame: ServerFrameOf<'welcome'>): 'ready' | 'redial' {
  const { outbox } = state
  if (outbox.gate === 'restarting') return 'ready'
  if (frame.outbox === 'adopted' && state.storage === 'working' && isSettling(outbox, frame.marks)) return 'redial'
  agree(state, turn, frame)
  return 'ready'
}

function isSettling(outbox: OutboxState, marks: Readonly<Record<Lane, number>>): boolean {
  if (LANES.some((lane) => marks[lane] + 1 < oldest(outbox.lanes[lane]))) return true
  for (const entry of outbox.byId.values()) if (entry.status === 'settling') return true
  return false
}

function agree(state: EngineState, turn: Turn, frame: ServerFrameOf<'welcome'>): void {
  const { outbox } = state
  if (frame.outbox === 'forgotten') return restartOutbox(state, turn, 'device-forgotten')
  if (LANES.some((lane) => !fits(outbox.lanes[lane], frame.marks[lane])))
    return restartOutbox(state, turn, 'outbox-forked')
  if (outbox.incarnation !== frame.incarnation) {
    outbox.incarnation = frame.incarnation
    const { generation } = state.connection
    save(state.ledger, turn, [metaWrite(outbox, turn.now)], { kind: 'outboxReady', generation })
    return
  }
  openGate(state, turn)
}

/** Between the mark and our oldest there may be no hole, and the server may not know numbers we never gave out. */
function fits(lane: LaneState, mark: number): boolean {
  return mark + 1 >= oldest(lane) && mark < lane.next
}

export function openGate(state: EngineState, turn: Turn): void {
  const { outbox } = state
  if (outbox.gate !== 'closed') return
  outbox.gate = 'open'
  for (const lane of LANES) laneConnected(outbox.lanes[lane], turn.now)
}

export function outboxDisconnected(state: EngineState, turn: Turn): void {
  const { outbox } = state
  if (outbox.gate === 'open') {
    outbox.gate = 'closed'
    for (const lane of LANES) laneDisconnected(outbox.lanes[lane], turn.now)
    storeTrying(state, turn, 1)
  }
}

/** How much connected time of a command that is told "later" a crash may lose. */
const TRYING_STORE_MS = 30_000

/** Puts on disk how long the oldest commands have been tried, when `atLeastMs` of it is not there yet. */
function storeTrying(state: EngineState, turn: Turn, atLeastMs: number): void {
  const lanes = LANES.map((name) => state.outbox.lanes[name])
  const isDue = lanes.some((lane) => lane.trying !== null && tried(lane) - lane.trying.storedMs >= atLeastMs)
  if (!isDue) return
  for (const lane of lanes) if (lane.trying !== null) lane.trying.storedMs = tried(lane)
  save(state.ledger, turn, [metaWrite(state.outbox, turn.now)])
  function tried(lane: LaneState): number {
    return connectedMs(lane, turn.now)
  }
}

/** Sends what may go, urgent first, and confirms what is durably ended. Called at the end of every step. */
export function pumpOutbox(state: EngineState, turn: Turn): void {
  const { outbox } = state
  if (outbox.gate !== 'open') return
  for (const name of LANES) {
    const lane = outbox.lanes[name]
    for (let next = takeSendable(lane, turn.now); next !== null; next = takeSendable(lane, turn.now)) {
      const { seq, id, type, data, session } = next.entry.row
      sendFrame(state, turn, {
        t: 'command',
        lane: name,
        seq,
        id,
        type,
        data,
        ...(session !== null && { session }),
        ...(next.giveUp && { giveUp: true as const }),
      })
    }
  }
  for (const name of LANES) {
    const lane = outbox.lanes[name]
    const upTo = oldest(lane) - 1
    if (upTo <= lane.confirmed) continue
    lane.confirmed = upTo
    sendFrame(state, turn, { t: 'confirm', lane: name, upTo })
  }
}

/** A lane that should be moving and is not sends again: nothing waits for new input to be repaired. */
export function watchOutbox(state: EngineState, turn: Turn): void {
  if (state.outbox.gate !== 'open') return
  for (const name of LANES) {
    const lane = state.outbox.lanes[name]
    if (lane.waitUntil !== null || lane.cursor <= lane.unanswered || turn.now < lane.movedAt + STALL_MS) continue
    turn.effects.push({
      kind: 'log',
      level: 'warn',
      event: 'lane-stalled',
      fields: { lane: name, seq: lane.unanswered },
    })
    lane.rewoundTo = null
    rewind(lane, turn.now)
  }
}

// ---------------------------------------------------------------------------------------------------- answers

export function resultReceived(state: EngineState, turn: Turn, frame: ServerFrameOf<'result'>): void {
  const lane = state.outbox.lanes[frame.lane]
  const entry = state.outbox.gate === 'open' ? findSent(lane, frame.seq, frame.id) : null
  if (entry === null) return
  const settled: Settled = {
    at: turn.wall,
    outcome: frame.outcome,
    code: frame.code ?? null,
    message: frame.message ?? null,
    data: frame.data ?? null,
    offsets: frame.offsets ?? {},
    command: frame.outcome === 'rejected' ? pendingView(entry) : null,
  }
  const writes = settle(entry, settled)
  save(state.ledger, turn, writes, { kind: 'resultStored', id: entry.row.id })
  answered(lane, frame.seq, turn.now)
}

export function retryLaterReceived(state: EngineState, turn: Turn, frame: ServerFrameOf<'retry-later'>): void {
  const lane = state.outbox.lanes[frame.lane]
  const entry = state.outbox.gate === 'open' ? findSent(lane, frame.seq, frame.id) : null
  if (entry === null) return
  entry.notice = frame.message
  waitLater(lane, frame.seq, turn.now, frame.afterMs)
  storeTrying(state, turn, TRYING_STORE_MS)
  if (entry.from === 'host') {
    const { code, message } = frame
    turn.effects.push({
      kind: 'observe',
      observation: { kind: 'result', ref: entry.row.ref, outcome: 'retry-later', code, message, data: null },
    })
  }
  tellPending(state, turn, entry)
}

export function expectReceived(state: EngineState, turn: Turn, frame: ServerFrameOf<'expect'>): void {
  if (state.outbox.gate !== 'open') return
  const obeyed = obeyExpect(state.outbox.lanes[frame.lane], frame.seq, turn.now)
  if (obeyed === 'impossible') restartOutbox(state, turn, 'outbox-forked')
}
