/** The command that tells the server that somebody signed out here; it goes behind what they had queued. */
import type { CommandId } from '../../protocol/ids.ts'
import type { Write } from '../../ports.ts'
import { save } from '../disk/ledger.ts'
import { endingKey, endingRows, type EndingRow } from '../disk/rows.ts'
import { arrive } from '../outbox/arrive.ts'
import { newestSeqs } from '../outbox/counts.ts'
import type { OutboxState } from '../outbox/slice.ts'
import type { Start } from '../step/inputs.ts'
import type { Sealed } from '../step/sealed.ts'
import type { Turn } from '../step/turn.ts'
import type { Session } from './slice.ts'

/**
 * Ends the session at the server, or all of the person's: authored by that session, in the lane behind what it queued before.
 * If something of that has no number yet, a row of its own keeps the intention until it has one itself.
 */
export function queueEnd(
  outbox: Sealed<OutboxState>,
  turn: Turn,
  { id: session, operator }: Session,
  { fresh, everywhere }: { readonly fresh: string; readonly everywhere?: true },
): void {
  const id = fresh as CommandId
  const made: EndingRow = { session, operator, madeAt: turn.wall, urgentUpTo: newestSeqs(outbox).urgent }
  const row: EndingRow = everywhere === true ? { ...made, everywhere } : made
  const isNext = outbox.arriving.normal.size === 0
  if (isNext) return arriveEnd(outbox, turn, { id, ...row }, { op: 'delete', table: 'meta', key: 'session' })
  const key = endingKey(session)
  save(turn, [{ op: 'put', table: 'meta', key, value: row }])
  arriveEnd(outbox, turn, { id, ...row }, { op: 'delete', table: 'meta', key })
}

function arriveEnd(
  outbox: Sealed<OutboxState>,
  turn: Turn,
  ending: EndingRow & { readonly id: CommandId },
  also: Write,
): void {
  const { id, session, operator: by, madeAt, everywhere, urgentUpTo } = ending
  const ref = `relay:${id}`
  const lane = 'normal'
  const from = 'relay'
  const what =
    everywhere === true
      ? ({ type: 'session.revoke', data: { operator: by } } as const)
      : ({ type: 'session.end', data: { session } } as const)
  const last = urgentUpTo !== undefined && everywhere !== true ? { urgentUpTo } : {}
  const made = { id, ref, lane, ...what, session, by, madeAt, from, ...last } as const
  const asOf = turn.ledger.durable
  arrive(outbox, turn, {
    ref,
    lane,
    from,
    made,
    isLate: false,
    origins: [],
    also: [also],
    early: null,
    answer: 'unknown',
    asOf,
  })
}

/** At start: people who signed out in the life before, and whose end was not queued when it broke off. */
export function restoreEndings(outbox: Sealed<OutboxState>, turn: Turn, { tables, endingIds }: Start): void {
  for (const [index, { key, value }] of endingRows(tables.meta).entries()) {
    const id = endingIds[index] as CommandId
    arriveEnd(outbox, turn, { ...(value as EndingRow), id }, { op: 'delete', table: 'meta', key })
  }
}
