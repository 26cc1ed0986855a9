/** New commands: checked, and put in line until it is known whether the disk has met their reference; most are certainly new. */
import type { Lane } from '../../protocol/lanes.ts'
import type { PendingCommand } from '../../protocol/local.ts'
import type { Row } from '../../ports.ts'
import { onlyKey, read } from '../disk/read.ts'
import type { OutboxRow, RefRow } from '../disk/rows.ts'
import type { Turn } from '../step/turn.ts'
import { answer } from '../tell/answers.ts'
import { announce } from '../tell/bus.ts'
import { mayShow } from '../tell/reading.ts'
import { accept, isLate, type Submitted } from './accept.ts'
import { findArrival, takeAnswered } from './arrivals.ts'
import { enqueue, tellSaved } from './number.ts'
import { hasToBeRead, recentRef, resultOf } from './refs.ts'
import { refuseToMakers } from './refuse.ts'
import { keepForReview } from './late.ts'
import { keepShown, tellPending } from './shown.ts'
import type { Arrival, OutboxState } from './slice.ts'
import { commandView, settledView } from './views.ts'

/** Takes a command in. A known reference is answered as what became of it, and never sent twice. */
export function submit(outbox: OutboxState, turn: Turn, input: Submitted): void {
  const { origin, ref } = input
  const known = recentRef(outbox.refs, ref)
  if (known !== undefined && known !== null) return repeat(outbox, turn, { origins: [origin], ref }, known)
  const same = findArrival(outbox, ref)
  if (same !== undefined) {
    same.origins = [...same.origins, origin]
    return
  }
  const made = accept(outbox, turn, input)
  const lane = 'ok' in made ? 'normal' : made.lane
  // At once, marked as not yet saved: an alert must not wait for the disk to be seen in this room (P3).
  const late = !('ok' in made) && isLate(turn, made)
  const isEarly = origin.kind === 'window' && !('ok' in made) && !late
  const early = isEarly ? commandView(made, { saved: false }) : null
  if (early !== null && mayShow(turn, early)) announce(turn, { t: 'pending', command: early })
  const isAwaited = hasToBeRead(outbox.refs, ref)
  arrive(outbox, turn, {
    ref,
    lane,
    from: origin.kind,
    made,
    isLate: late,
    origins: [origin],
    also: [],
    early,
    answer: isAwaited ? 'awaited' : 'unknown',
    asOf: turn.ledger.durable,
  })
  if (!isAwaited) return
  read(turn, { kind: 'arrival', lane, ref }, { table: 'refs', range: onlyKey(ref) }, 'refuse')
}

/** Puts a command in its line; it goes on at once if nothing is before it and nothing has to be read. */
export function arrive(outbox: OutboxState, turn: Turn, arrival: Arrival): void {
  outbox.arriving[arrival.lane].set(arrival.ref, arrival)
  if (arrival.answer !== 'awaited') goOn(outbox, turn, arrival.lane)
}

/** What the disk knows of a reference; `null` when it could not be read. */
export function arrivalRead(
  outbox: OutboxState,
  turn: Turn,
  { lane, ref }: { readonly lane: Lane; readonly ref: string },
  rows: readonly Row[] | null,
): void {
  const arrival = outbox.arriving[lane].get(ref)
  if (arrival === undefined) return
  arrival.answer = rows === null ? 'unreadable' : ((rows[0]?.value as RefRow | undefined) ?? 'unknown')
  goOn(outbox, turn, lane)
}

function goOn(outbox: OutboxState, turn: Turn, lane: Lane): void {
  const { refs } = outbox
  for (const arrival of takeAnswered(outbox, lane)) {
    // Memory is newer than what a read may have seen.
    const recent = recentRef(refs, arrival.ref)
    const known = recent !== undefined ? recent : typeof arrival.answer === 'object' ? arrival.answer : null
    const { made } = arrival
    if (known !== null) repeat(outbox, turn, arrival, known)
    else if ('ok' in made) for (const origin of arrival.origins) answer(turn, origin, made)
    else if (arrival.answer === 'unreadable') refuseToMakers(turn, arrival.origins, arrival.early)
    else if (arrival.isLate) keepForReview(outbox, turn, arrival, made)
    else admit(outbox, turn, arrival, made)
  }
}

function admit(outbox: OutboxState, turn: Turn, arrival: Arrival, made: Omit<OutboxRow, 'seq'>): void {
  const entry = enqueue(outbox, turn, made, arrival)
  if (arrival.early === null) tellPending(outbox, turn, entry)
  else keepShown(outbox.lanes[made.lane], entry)
}

function repeat(
  outbox: OutboxState,
  turn: Turn,
  { origins, ref, early = null }: Pick<Arrival, 'origins' | 'ref'> & Partial<Pick<Arrival, 'early'>>,
  known: RefRow,
): void {
  const entry = outbox.byId.get(known.id)
  if (entry?.status === 'saving') {
    entry.origins = [...entry.origins, ...origins]
    return
  }
  for (const origin of origins) {
    tellSaved(turn, origin, { ref, id: known.id, repeated: true })
    const result = origin.kind === 'host' ? resultOf(ref, known) : null
    if (result !== null) turn.effects.push({ kind: 'observe', observation: result })
  }
  if (early !== null) correctEarly(turn, early, known)
}

/** Windows were told that this is new; it is not. */
function correctEarly(turn: Turn, early: PendingCommand, known: RefRow): void {
  if (!mayShow(turn, early)) return
  const command = { ...early, saved: true }
  if (known.settled === undefined) return announce(turn, { t: 'pending', command })
  announce(turn, { t: 'settled', settled: settledView(known.settled.command ?? command, known.settled) })
  if (known.seenAt !== undefined) announce(turn, { t: 'dismissed', id: known.id })
}
