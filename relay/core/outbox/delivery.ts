/**
 * Commands over the wire: what is sent when, and what each answer means (PROTOCOL W1…W10).
 *
 * Invariants
 *   1. Urgent is always offered to the socket before normal (P3); the lanes share nothing else.
 *   2. Nothing is sent while what `hello` will say (epoch, incarnation) is not durable: after a crash the server would
 *      take the same command under another name.
 *   3. A lane is looked at by its own deadline, never only because something new came.
 */
import { ERRORS, isErrorCode } from '../../protocol/errors.ts'
import type { ServerFrameOf } from '../../protocol/frames.ts'
import { LANES } from '../../protocol/lanes.ts'
import { save } from '../disk/ledger.ts'
import { pendingRef, pendingWrites, type Settled } from '../disk/rows.ts'
import { messageBecame } from '../files/keeping.ts'
import { sendFrame, takesNewest } from '../link/link.ts'
import { isUp } from '../link/slice.ts'
import type { Turn } from '../step/turn.ts'
import { settle } from './ends.ts'
import {
  answered,
  connectedMs,
  findSent,
  isAhead,
  laneConnected,
  laneDisconnected,
  obeyExpect,
  oldest,
  revive,
  rewind,
  STALL_MS,
  takeSendable,
  waitLater,
} from './lane.ts'
import { metaWrite } from './outbox.ts'
import { putRef } from './refs.ts'
import { restartOutbox } from './restart.ts'
import { pendingView, tellPending } from './shown.ts'
import type { LaneState, OutboxState } from './slice.ts'

/**
 * Sorts out after `welcome` what both ends know; opens the gate, at once or when that is durable. `redial`: what `hello`
 * called the oldest has durably ended since, and a restored store lacks it; greeting again names what is skipped.
 */
export function outboxWelcomed(outbox: OutboxState, turn: Turn, frame: ServerFrameOf<'welcome'>): 'ready' | 'redial' {
  const { lanes, gate } = outbox
  const { marks } = frame
  if (gate === 'restarting') return 'ready'
  if (frame.outbox === 'forgotten') restartOutbox(outbox, turn, 'device-forgotten')
  // It knows numbers that this disk never gave out.
  else if (LANES.some((lane) => marks[lane] >= lanes[lane].next)) restartOutbox(outbox, turn, 'outbox-forked')
  else if (LANES.some((lane) => marks[lane] + 1 < oldest(lanes[lane]))) return 'redial'
  else agree(outbox, turn, frame)
  return 'ready'
}

/** From here on this outbox is what `welcome` says. The gate waits until all that is durable, on whatever connection. */
function agree(outbox: OutboxState, turn: Turn, { marks, incarnation }: ServerFrameOf<'welcome'>): void {
  for (const lane of LANES) outbox.lanes[lane].mark = marks[lane]
  const revived = LANES.flatMap((lane) => revive(outbox.lanes[lane], marks[lane]))
  if (revived.length > 0 || outbox.incarnation !== incarnation) {
    outbox.incarnation = incarnation
    const filesAgain = revived.flatMap(({ row }) => messageBecame(turn.files, turn, row, 'waiting'))
    outbox.agreedBy = save(turn, [metaWrite(outbox, turn.now), ...revived.flatMap(pendingWrites), ...filesAgain])
    for (const { row, from } of revived)
      if (from !== 'relay') putRef(outbox.refs, row.ref, pendingRef(row), outbox.agreedBy)
  }
  if (outbox.agreedBy <= turn.ledger.durable) return openGate(outbox, turn)
  const { generation } = turn.link.connection
  save(turn, [], { kind: 'outboxReady', generation })
}

/** What the last `welcome` of this connection changed is durable. */
export function outboxReady(outbox: OutboxState, turn: Turn, generation: number): void {
  const { connection } = turn.link
  if (isUp(connection) && connection.generation === generation) openGate(outbox, turn)
}

function openGate(outbox: OutboxState, turn: Turn): void {
  if (outbox.gate !== 'closed') return
  outbox.gate = 'open'
  for (const lane of LANES) laneConnected(outbox.lanes[lane], turn.now)
}

export function outboxDisconnected(outbox: OutboxState, turn: Turn): void {
  if (outbox.gate === 'open') {
    outbox.gate = 'closed'
    for (const lane of LANES) laneDisconnected(outbox.lanes[lane], turn.now)
    storeTrying(outbox, turn, 1)
  }
}

/** How much connected time of a command that is told "later" a crash may lose. */
const TRYING_STORE_MS = 30_000

/** Puts on disk how long the oldest commands have been tried, when `atLeastMs` of it is not there yet. */
function storeTrying(outbox: OutboxState, turn: Turn, atLeastMs: number): void {
  const lanes = LANES.map((name) => outbox.lanes[name])
  const isDue = lanes.some((lane) => lane.trying !== null && tried(lane) - lane.trying.storedMs >= atLeastMs)
  if (!isDue) return
  for (const lane of lanes) if (lane.trying !== null) lane.trying.storedMs = tried(lane)
  save(turn, [metaWrite(outbox, turn.now)])
  function tried(lane: LaneState): number {
    return connectedMs(lane, turn.now)
  }
}

/** Whether the server lacks what has durably ended here: only a greeting can name it (R81). */
export function hasToGreetAgain({ gate, lanes }: OutboxState): boolean {
  return gate === 'open' && LANES.some((lane) => isAhead(lanes[lane]))
}

/** Sends what may go, urgent first, and confirms what is durably ended. Called at the end of every step. */
export function pumpOutbox(outbox: OutboxState, turn: Turn): void {
  if (outbox.gate !== 'open') return
  for (const name of LANES) {
    const lane = outbox.lanes[name]
    for (let next = takeSendable(lane, turn.now); next !== null; next = takeSendable(lane, turn.now)) {
      const { seq, id, type, data, session, urgentUpTo } = next.entry.row
      sendFrame(turn, {
        t: 'command',
        lane: name,
        seq,
        id,
        type,
        data,
        ...(session !== null && { session }),
        ...(next.giveUp && { giveUp: true as const }),
        ...(urgentUpTo !== undefined && takesNewest(turn.link) && { urgentUpTo }),
      })
    }
  }
  for (const name of LANES) {
    const lane = outbox.lanes[name]
    const upTo = oldest(lane) - 1
    if (upTo <= lane.confirmed) continue
    lane.confirmed = upTo
    sendFrame(turn, { t: 'confirm', lane: name, upTo })
  }
}

/** A lane that should be moving and is not sends again: nothing waits for new input to be repaired. */
export function watchOutbox(outbox: OutboxState, turn: Turn): void {
  if (outbox.gate !== 'open') return
  for (const name of LANES) {
    const lane = outbox.lanes[name]
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

export function resultReceived(outbox: OutboxState, turn: Turn, frame: ServerFrameOf<'result'>): void {
  const lane = outbox.lanes[frame.lane]
  const entry = outbox.gate === 'open' ? findSent(lane, frame.seq, frame.id) : null
  if (entry === null) return
  lane.mark = Math.max(lane.mark, frame.seq)
  const settled: Settled = {
    at: turn.wall,
    outcome: frame.outcome,
    code: frame.code ?? null,
    message: frame.message ?? wordsOf(frame),
    data: frame.data ?? null,
    offsets: frame.offsets ?? {},
    command: frame.outcome === 'rejected' ? pendingView(entry) : null,
  }
  const writes = [...settle(entry, settled), ...messageBecame(turn.files, turn, entry.row, frame.outcome)]
  save(turn, writes, { kind: 'resultStored', id: entry.row.id, settled })
  answered(lane, frame.seq, turn.now)
}

/** What the server says of it, or else the words of its code: windows carry no table of them. */
function wordsOf({ code, message }: ServerFrameOf<'result'>): string | null {
  return message ?? (code !== undefined && isErrorCode(code) ? ERRORS[code].says : null)
}

export function retryLaterReceived(outbox: OutboxState, turn: Turn, frame: ServerFrameOf<'retry-later'>): void {
  const lane = outbox.lanes[frame.lane]
  const entry = outbox.gate === 'open' ? findSent(lane, frame.seq, frame.id) : null
  if (entry === null) return
  entry.notice = frame.message
  waitLater(lane, frame.seq, { now: turn.now, afterMs: frame.afterMs, code: frame.code })
  storeTrying(outbox, turn, TRYING_STORE_MS)
  if (entry.from === 'host') {
    const { code, message } = frame
    turn.effects.push({
      kind: 'observe',
      observation: { kind: 'result', ref: entry.row.ref, outcome: 'retry-later', code, message, data: null },
    })
  }
  tellPending(outbox, turn, entry)
}

export function expectReceived(outbox: OutboxState, turn: Turn, frame: ServerFrameOf<'expect'>): void {
  if (outbox.gate !== 'open') return
  const obeyed = obeyExpect(outbox.lanes[frame.lane], frame.seq, turn.now)
  if (obeyed === 'impossible') restartOutbox(outbox, turn, 'outbox-forked')
}
