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
import { LANES } from '../protocol/lanes.ts'
import {
  answered,
  connectedMs,
  findSent,
  laneConnected,
  laneDisconnected,
  obeyExpect,
  oldest,
  revive,
  rewind,
  STALL_MS,
  takeSendable,
  waitLater,
  type LaneState,
} from './lane.ts'
import { save } from './ledger.ts'
import { restartOutbox } from './outbox-restart.ts'
import { metaWrite, pendingView, settle, tellPending } from './outbox.ts'
import { putRef } from './refs.ts'
import { pendingRef, pendingWrites, type Settled } from './rows.ts'
import { sendFrame, type EngineState } from './state.ts'
import type { Turn } from './turn.ts'

/**
 * Sorts out after `welcome` what both ends know; opens the gate, at once or when that is durable. `redial`: what `hello`
 * called the oldest has durably ended since, and a restored store lacks it; greeting again names what is skipped.
 */
export function outboxWelcomed(state: EngineState, turn: Turn, frame: ServerFrameOf<'welcome'>): 'ready' | 'redial' {
  const { outbox } = state
  const { lanes, gate } = outbox
  const { marks } = frame
  if (gate === 'restarting') return 'ready'
  if (frame.outbox === 'forgotten') restartOutbox(state, turn, 'device-forgotten')
  // It knows numbers that this disk never gave out.
  else if (LANES.some((lane) => marks[lane] >= lanes[lane].next)) restartOutbox(state, turn, 'outbox-forked')
  else if (LANES.some((lane) => marks[lane] + 1 < oldest(lanes[lane]))) return 'redial'
  else agree(state, turn, frame)
  return 'ready'
}

/** From here on this outbox is what `welcome` says. The gate waits until all that is durable, on whatever connection. */
function agree(state: EngineState, turn: Turn, { marks, incarnation }: ServerFrameOf<'welcome'>): void {
  const { outbox, ledger } = state
  const revived = LANES.flatMap((lane) => revive(outbox.lanes[lane], marks[lane]))
  if (revived.length > 0 || outbox.incarnation !== incarnation) {
    outbox.incarnation = incarnation
    outbox.agreedBy = save(ledger, turn, [metaWrite(outbox, turn.now), ...revived.flatMap(pendingWrites)])
    for (const { row, from } of revived)
      if (from !== 'relay') putRef(outbox.refs, row.ref, pendingRef(row), outbox.agreedBy)
  }
  if (outbox.agreedBy <= ledger.durable) return openGate(state, turn)
  const { generation } = state.connection
  save(ledger, turn, [], { kind: 'outboxReady', generation })
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
  save(state.ledger, turn, writes, { kind: 'resultStored', id: entry.row.id, settled })
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
