/** What was given in the name of somebody who was gone when it came. */
import { refuse } from '../../protocol/errors.ts'
import { save } from '../disk/ledger.ts'
import { endedRef, tellEnd } from './ends.ts'
import type { OutboxRow, Settled } from '../disk/rows.ts'
import { messageBecame, takeFiles } from '../files/keeping.ts'
import type { Turn } from '../step/turn.ts'
import { answer } from '../tell/answers.ts'
import { announce } from '../tell/bus.ts'
import { mayShow } from '../tell/reading.ts'
import type { Arrival, OutboxState } from './slice.ts'
import { commandView, settledView } from './views.ts'

/** It is sent in nobody's name: it ends here, and waits on the disk for its author to look at it. */
export function keepForReview(
  outbox: OutboxState,
  turn: Turn,
  { ref, origins }: Pick<Arrival, 'ref' | 'origins'>,
  made: Omit<OutboxRow, 'seq'>,
): void {
  const refusal = refuse('session-ended')
  const { code, message } = refusal
  const command = commandView(made, { saved: true })
  const settled: Settled = { at: turn.wall, outcome: 'rejected', code, message, data: null, offsets: {}, command }
  // It never had a number.
  const row: OutboxRow = { ...made, seq: 0 }
  const ended = endedRef(row, settled)
  if (ended === null) return
  // Its photos wait with it.
  const files = [...takeFiles(turn.files, made), ...messageBecame(turn.files, turn, made, 'rejected')]
  save(turn, [{ op: 'put', table: 'refs', key: ref, value: ended }, ...files])
  tellEnd(outbox, turn, row, settled)
  for (const origin of origins) answer(turn, origin, refusal)
  if (mayShow(turn, command)) announce(turn, { t: 'settled', settled: settledView(command, settled) })
}
