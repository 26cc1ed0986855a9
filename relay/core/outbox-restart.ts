/**
 * A new outbox epoch: after `outbox-forked` (this disk is a copy or was rolled back) and after `forgotten`. Nobody knows
 * what of the queue took effect, so nothing of it is sent again: it ends as rejected, with the reason, and stays shown.
 *
 * The epoch is given up in one small write, whatever the length of the queue: its volume is retired. Then its commands
 * are reviewed, a page at a time, also over restarts; new ones go into the new volume meanwhile.
 */
import { ERRORS, type ErrorCode } from '../protocol/errors.ts'
import type { OutboxEpoch } from '../protocol/ids.ts'
import { LANES, type Lane } from '../protocol/lanes.ts'
import type { Row, Write } from '../ports.ts'
import { announce } from './bus.ts'
import { newLane } from './lane.ts'
import { save } from './ledger.ts'
import { endedRef, metaWrite, tellEnd } from './outbox.ts'
import { reportOf } from './outbox-report.ts'
import { read, type Query } from './query.ts'
import { laneRange, type OutboxRow, type Settled } from './rows.ts'
import type { EngineState } from './state.ts'
import { enqueue } from './submit.ts'
import type { Turn } from './turn.ts'

/** A reviewed command and its end. */
export interface Reviewed {
  readonly row: OutboxRow
  readonly settled: Settled
}

/** Gives the epoch up. The link is dropped when the new one is durable, because only `hello` can name it. */
export function restartOutbox(state: EngineState, turn: Turn, code: ErrorCode): void {
  const { outbox } = state
  if (outbox.gate === 'restarting') return
  const pending = outbox.lanes.urgent.held + outbox.lanes.normal.held
  outbox.gate = 'restarting'
  outbox.retired = [...outbox.retired, { volume: outbox.volume, code }]
  outbox.volume += 1
  // The name of this connection is a fresh UUID that nothing else uses as an epoch.
  outbox.epoch = state.fresh as OutboxEpoch
  outbox.lanes = { urgent: newLane('urgent', 1), normal: newLane('normal', 1) }
  // What is being saved or settled stays known until it is; what is only saved, the review finds on disk.
  for (const [id, entry] of outbox.byId) if (entry.status === 'saved') outbox.byId.delete(id)
  save(state.ledger, turn, [metaWrite(outbox, turn.now)], { kind: 'outboxRestarted', code, says: ERRORS[code].says })
  turn.effects.push({ kind: 'log', level: 'error', event: 'outbox-restarted', fields: { code, pending } })
}

/** The new epoch is durable, and so is everything that was being written to the old one. The engine drops the link after this. */
export function outboxRestarted(state: EngineState, turn: Turn): void {
  if (state.outbox.gate === 'restarting') state.outbox.gate = 'closed'
  review(state, turn)
}

/** Reads the first page of the oldest retired volume. One page is under way at a time. */
export function review(state: EngineState, turn: Turn): void {
  const [oldest] = state.outbox.retired
  if (oldest === undefined || state.isReviewing) return
  state.isReviewing = true
  readPage(state, turn, oldest.volume, 'urgent')
}

function readPage(state: EngineState, turn: Turn, volume: number, lane: Lane): void {
  const range = { ...laneRange(lane, volume), limit: state.paging.page }
  read(turn, { kind: 'review', volume, lane }, { table: 'outbox', range })
}

/** Ends a page of commands; when that is durable, the next one. */
export function reviewRead(
  state: EngineState,
  turn: Turn,
  { volume, lane }: Query & { kind: 'review' },
  rows: readonly Row[],
): void {
  const { outbox } = state
  const retired = outbox.retired.find((each) => each.volume === volume)
  if (retired === undefined) return
  if (rows.length === 0) {
    const next = LANES[LANES.indexOf(lane) + 1]
    if (next !== undefined) return readPage(state, turn, volume, next)
    outbox.retired = outbox.retired.filter((each) => each.volume !== volume)
    save(state.ledger, turn, [metaWrite(outbox, turn.now)])
    state.isReviewing = false
    return review(state, turn)
  }
  const { code } = retired
  const writes: Write[] = []
  const reviewed: Reviewed[] = []
  for (const { key, value } of rows) {
    const row = value as OutboxRow
    const { id, type, data, session, by, madeAt } = row
    const command = { id, type, data, lane, session, by, madeAt, saved: true, notice: null }
    const message = ERRORS[code].says
    const settled = { at: turn.wall, outcome: 'rejected', code, message, data: null, offsets: {}, command } as const
    const gone: Write[] = [{ op: 'delete', table: 'outbox', key }]
    const ended = endedRef(row, settled)
    if (ended !== null) gone.push({ op: 'put', table: 'refs', key: row.ref, value: ended })
    reviewed.push({ row, settled })
    const report = reportOf(row, code)
    // The command goes in the write that brings its report: a crash leaves one of them, never both or neither.
    if (report === null) writes.push(...gone)
    else enqueueReport(state, turn, report, gone)
  }
  save(state.ledger, turn, writes, { kind: 'reviewed', volume, lane, reviewed })
}

function enqueueReport(state: EngineState, turn: Turn, made: Omit<OutboxRow, 'seq'>, also: readonly Write[]): void {
  const { lanes, volume } = state.outbox
  const row: OutboxRow = { ...made, seq: lanes[made.lane].next }
  const entry = { row, volume, status: 'saving', settled: null, notice: null, from: 'relay', origins: [] } as const
  enqueue(state, turn, { ...entry, origins: [] }, also)
}

/** The ends are durable: told to the host one by one, to windows as a view to ask for. */
export function pageReviewed(
  state: EngineState,
  turn: Turn,
  { volume, lane, reviewed }: { readonly volume: number; readonly lane: Lane; readonly reviewed: readonly Reviewed[] },
): void {
  for (const { row, settled } of reviewed) tellEnd(state, turn, row, settled)
  announce(state.bus, turn, { t: 'reviewed' })
  readPage(state, turn, volume, lane)
}
