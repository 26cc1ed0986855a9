/**
 * The way of a command to its number. Whether its reference is known only the disk can say, so it waits for one read; per
 * lane commands get their numbers in the order in which they came, whichever read is first.
 */
import { LANES, type Lane } from '../../protocol/lanes.ts'
import type { Ledger } from '../disk/slice.ts'
import type { Sealed } from '../step/sealed.ts'
import type { Arrival, OutboxState } from './slice.ts'

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
export function readHorizon(outbox: OutboxState, ledger: Sealed<Ledger>): number {
  let horizon = ledger.durable
  for (const lane of LANES) {
    for (const { asOf } of outbox.arriving[lane].values()) {
      horizon = Math.min(horizon, asOf)
      break
    }
  }
  return horizon
}
