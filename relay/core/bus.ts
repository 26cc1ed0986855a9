/** Numbers what all windows hear. Only the relay numbers; `epoch` is one life of the relay, `seq` counts from 1 (§5). */
import { isUrgent } from '../domain/urgency.ts'
import type { BusBody, BusPosition } from '../protocol/local.ts'
import type { Turn } from './turn.ts'

export interface BusState {
  readonly epoch: string
  seq: number
}

export function newBus(epoch: string): BusState {
  return { epoch, seq: 0 }
}

/** Posts to every window; what is urgent also goes by each port, and the ids make it one. */
export function announce(bus: BusState, turn: Turn, body: BusBody): void {
  bus.seq += 1
  turn.effects.push({ kind: 'postBus', message: { bus: busTop(bus), body }, everyPort: isUrgent(body) })
}

export function busTop(bus: BusState): BusPosition {
  return { epoch: bus.epoch, seq: bus.seq }
}
