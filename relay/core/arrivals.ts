/**
 * The way of a command to its number. Whether its reference is known only the disk can say, so it waits for one read; per
 * lane commands get their numbers in the order in which they came, whichever read is first.
 */
import type { Refusal } from '../protocol/errors.ts'
import { LANES, type Lane } from '../protocol/lanes.ts'
import type { PendingCommand } from '../protocol/local.ts'
import type { Write } from '../ports.ts'
import type { Origin } from './inputs.ts'
import type { Ledger } from './ledger.ts'
import type { OutboxState } from './outbox.ts'
import type { OutboxRow, RefRow } from './rows.ts'

export interface Arrival {
  readonly ref: string
  readonly lane: Lane
  readonly from: RefRow['from']
  /** The command as it was when it came, author included; or why it cannot be taken, unless the reference is known. */
  readonly made: Omit<OutboxRow, 'seq'> | Refusal
  /** Who waits. A repeat of the reference joins. */
  origins: readonly Origin[]
  /** Written together with the command. */
  readonly also: readonly Write[]
  /** As windows were told of it; null when they were not. */
  readonly early: PendingCommand | null
  /** What the disk says of the reference: not yet, nothing, its row, or that it cannot be read. */
  answer: 'awaited' | 'unknown' | 'unreadable' | RefRow
  /** The last save that was durable when it was asked. */
  readonly asOf: number
}

/** The one with this reference, whatever its lane. */
export function findArrival({ arriving }: OutboxState, ref: string): Arrival | undefined {
  return arriving.urgent.get(ref) ?? arriving.normal.get(ref)
}

/** Takes out, in order, those of this lane that can go on. */
export function takeAnswered(outbox: OutboxState, lane: Lane): readonly Arrival[] {
  const arriving = outbox.arriving[lane]
  const ready: Arrival[] = []
  for (const arrival of arriving.values()) {
    if (arrival.answer === 'awaited') break
    ready.push(arrival)
  }
  for (const { ref } of ready) arriving.delete(ref)
  return ready
}

/** Every save up to this one is seen by every read that is still to come. */
export function readHorizon(outbox: OutboxState, ledger: Ledger): number {
  let horizon = ledger.durable
  for (const lane of LANES) {
    for (const { asOf } of outbox.arriving[lane].values()) {
      horizon = Math.min(horizon, asOf)
      break
    }
  }
  return horizon
}
