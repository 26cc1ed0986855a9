import { LIMITS } from '../relay/protocol/limits.ts'
import type { LiveHub } from './core/live.ts'
import { Presence } from './core/presence.ts'
import { Signals } from './core/signals.ts'
import type { SharedBytes } from './gateway/shared-bytes.ts'

/** How often what is over is looked for, and members are counted anew, milliseconds: nobody sees a quarter of a second. */
const SETTLE_MS = 250

export interface RoomParts {
  readonly presence: Presence
  readonly signals: Signals
  /** Ends what calls them by itself. */
  readonly stop: () => void
}

/** Who is where, and what is said there, from now on: of what was before, nothing is known (PROTOCOL M12). */
export function openRooms(
  live: LiveHub<SharedBytes>,
  areas: readonly string[],
  { heartbeatMs, monotonic }: { readonly heartbeatMs: number; readonly monotonic: () => number },
): RoomParts {
  const wall = (): number => Date.now()
  const iso = (wallMs: number): string => new Date(wallMs).toISOString()
  const leaseMs = heartbeatMs * LIMITS.leaseHeartbeats
  const presence = new Presence({ live, wall, iso, areas, startedAt: monotonic(), leaseMs })
  const signals = new Signals({ put: (channel, put, now) => live.put(channel, put, now), time: () => iso(wall()) })
  const timer = setInterval(() => {
    presence.settle(monotonic())
    signals.sweep(monotonic())
  }, SETTLE_MS)
  timer.unref()
  return { presence, signals, stop: () => clearInterval(timer) }
}
