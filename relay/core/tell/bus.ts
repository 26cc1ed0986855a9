/** Numbers what all windows hear. Only the relay numbers; `epoch` is one life of the relay, `seq` counts from 1 (R27). */
import { isUrgent } from '../../domain/urgency.ts'
import type { BusBody, BusPosition } from '../../protocol/local.ts'
import type { Turn } from '../step/turn.ts'
import type { BusState } from './slice.ts'

export function newBus(epoch: string): BusState {
  return { epoch, seq: 0 }
}

/** Posts to every window; what is urgent also goes by each port, and the ids make it one. */
export function announce(turn: Turn, body: BusBody): void {
  const bus = nextPosition(turn.bus)
  turn.effects.push({ kind: 'postBus', message: { bus, body }, everyPort: isUrgent(body) })
}

export function busTop({ epoch, seq }: BusPosition): BusPosition {
  return { epoch, seq }
}

function nextPosition(bus: BusState): BusPosition {
  bus.seq += 1
  return busTop(bus)
}
