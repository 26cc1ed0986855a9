/**
 * A new outbox epoch: after `outbox-forked` (this disk is a copy or was rolled back) and after `forgotten`. Nobody knows
 * what of the queue took effect, so nothing of it is sent again: it ends as rejected, with the reason, and stays shown.
 *
 * The epoch is given up in one small write, whatever the length of the queue: its volume is retired. Then its commands
 * are reviewed, a page at a time, also over restarts; new ones go into the new volume meanwhile.
 */
import { ERRORS, type ErrorCode } from '../../protocol/errors.ts'
import type { OutboxEpoch } from '../../protocol/ids.ts'
import { LANES, type Lane } from '../../protocol/lanes.ts'
import type { Row, Write } from '../../ports.ts'
import { save } from '../disk/ledger.ts'
import { read } from '../disk/read.ts'
import { laneRange, type OutboxRow } from '../disk/rows.ts'
import { messageBecame } from '../files/keeping.ts'
import { isUp } from '../link/slice.ts'
import type { Query } from '../step/from-disk.ts'
import type { Turn } from '../step/turn.ts'
import { announce } from '../tell/bus.ts'
import { endedRef, tellEnd } from './ends.ts'
import { newLane } from './lane.ts'
import { enqueue } from './number.ts'
import { metaWrite } from './outbox.ts'
import { reportOf } from './report.ts'
import type { OutboxState, Reviewed } from './slice.ts'
import { commandView } from './views.ts'

/** Gives the epoch up. The link is dropped when the new one is durable, because only `hello` can name it. */
export function restartOutbox(outbox: OutboxState, turn: Turn, code: ErrorCode): void {
  const { connection } = turn.link
  if (outbox.gate === 'restarting' || !isUp(connection)) return
  const pending = outbox.lanes.urgent.held + outbox.lanes.normal.held
  outbox.gate = 'restarting'
  outbox.retired = [...outbox.retired, { volume: outbox.volume, code }]
  outbox.volume += 1
  // The name of this connection is a fresh UUID that nothing else uses as an epoch.
  outbox.epoch = connection.name as OutboxEpoch
  outbox.lanes = { urgent: newLane('urgent', 1), normal: newLane('normal', 1) }
  // What is being saved or settled stays known until it is; what is only saved, the review finds on disk.
  for (const [id, entry] of outbox.byId) if (entry.status === 'saved') outbox.byId.delete(id)
  save(turn, [metaWrite(outbox, turn.now)], { kind: 'outboxRestarted', code, says: ERRORS[code].says })
  turn.effects.push({ kind: 'log', level: 'error', event: 'outbox-restarted', fields: { code, pending } })
}

/** The new epoch is durable, and so is everything that was being written to the old one. The engine drops the link after this. */
export function outboxRestarted(outbox: OutboxState, turn: Turn): void {
  if (outbox.gate === 'restarting') outbox.gate = 'closed'
  review(outbox, turn)
}

/** Reads the first page of the oldest retired volume. One page is under way at a time. */
export function review(outbox: OutboxState, turn: Turn): void {
  const [oldest] = outbox.retired
  if (oldest === undefined || outbox.isReviewing) return
  outbox.isReviewing = true
  readPage(outbox, turn, oldest.volume, 'urgent')
}

function readPage(outbox: OutboxState, turn: Turn, volume: number, lane: Lane): void {
  const range = { ...laneRange(lane, volume), limit: outbox.paging.page }
  read(turn, { kind: 'review', volume, lane }, { table: 'outbox', range })
}

/** Ends a page of commands; when that is durable, the next one. */
export function reviewRead(
  outbox: OutboxState,
  turn: Turn,
  { volume, lane }: Query & { kind: 'review' },
  rows: readonly Row[],
): void {
  const retired = outbox.retired.find((each) => each.volume === volume)
  if (retired === undefined) return
  if (rows.length === 0) {
    const next = LANES[LANES.indexOf(lane) + 1]
    if (next !== undefined) return readPage(outbox, turn, volume, next)
    outbox.retired = outbox.retired.filter((each) => each.volume !== volume)
    save(turn, [metaWrite(outbox, turn.now)])
    outbox.isReviewing = false
    return review(outbox, turn)
  }
  const { code } = retired
  const writes: Write[] = []
  const reviewed: Reviewed[] = []
  for (const { key, value } of rows) {
    const row = value as OutboxRow
    const command = commandView(row, { saved: true })
    const message = ERRORS[code].says
    const settled = { at: turn.wall, outcome: 'rejected', code, message, data: null, offsets: {}, command } as const
    const gone: Write[] = [{ op: 'delete', table: 'outbox', key }]
    const ended = endedRef(row, settled)
    gone.push(...messageBecame(turn.files, turn, row, 'rejected'))
    if (ended !== null) gone.push({ op: 'put', table: 'refs', key: row.ref, value: ended })
    reviewed.push({ row, settled })
    const report = reportOf(row, code)
    // The command goes in the write that brings its report: a crash leaves one of them, never both or neither.
    if (report === null) writes.push(...gone)
    else enqueue(outbox, turn, report, { from: 'relay', also: gone })
  }
  save(turn, writes, { kind: 'reviewed', volume, lane, reviewed })
}

/** The ends are durable: told to the host one by one, to windows as a view to ask for. */
export function pageReviewed(
  outbox: OutboxState,
  turn: Turn,
  { volume, lane, reviewed }: { readonly volume: number; readonly lane: Lane; readonly reviewed: readonly Reviewed[] },
): void {
  for (const { row, settled } of reviewed) tellEnd(outbox, turn, row, settled)
  announce(turn, { t: 'reviewed' })
  readPage(outbox, turn, volume, lane)
}
