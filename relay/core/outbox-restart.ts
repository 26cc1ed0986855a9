/**
 * A new outbox epoch: after `outbox-forked` (this disk is a copy or was rolled back) and after `forgotten`. Nobody knows
 * what of the queue took effect, so nothing of it is sent again: it ends as rejected, with the reason, and stays shown.
 */
import { ERRORS, type ErrorCode } from '../protocol/errors.ts'
import type { CommandId, OutboxEpoch } from '../protocol/ids.ts'
import { LANES } from '../protocol/lanes.ts'
import type { Write } from '../ports.ts'
import { newLane } from './lane.ts'
import { save } from './ledger.ts'
import { metaWrite, pendingView, resultStored, settle } from './outbox.ts'
import type { EngineState } from './state.ts'
import type { Turn } from './turn.ts'

/** Gives the epoch up. The link is dropped when the new one is durable, because only `hello` can name it. */
export function restartOutbox(state: EngineState, turn: Turn, code: ErrorCode): void {
  const { outbox } = state
  if (outbox.gate === 'restarting') return
  const rejected: CommandId[] = []
  const writes: Write[] = []
  const message = ERRORS[code].says
  for (const entry of outbox.byId.values()) {
    if (entry.status === 'settling') continue
    const command = pendingView(entry)
    const settled = { at: turn.wall, outcome: 'rejected', code, message, data: null, offsets: {}, command } as const
    writes.push(...settle(state, entry, settled))
    rejected.push(entry.row.id)
  }
  outbox.gate = 'restarting'
  // The name of this connection is a fresh UUID that nothing else uses as an epoch.
  outbox.epoch = state.fresh as OutboxEpoch
  outbox.lanes = { urgent: newLane('urgent', 1), normal: newLane('normal', 1) }
  for (const lane of LANES) writes.push({ op: 'delete-range', table: 'outbox', from: `${lane}:`, to: `${lane};` })
  save(state.ledger, turn, [...writes, metaWrite(outbox)], { kind: 'outboxRestarted', code, says: message, rejected })
  turn.effects.push({
    kind: 'log',
    level: 'error',
    event: 'outbox-restarted',
    fields: { code, rejected: rejected.length },
  })
}

/** The new epoch is durable. The engine drops the link after this. */
export function outboxRestarted(state: EngineState, turn: Turn, rejected: readonly CommandId[]): void {
  if (state.outbox.gate === 'restarting') state.outbox.gate = 'closed'
  for (const id of rejected) resultStored(state, turn, id)
}
