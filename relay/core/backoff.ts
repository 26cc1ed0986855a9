import { LIMITS } from '../protocol/limits.ts'

/**
 * Reconnect delay with full jitter: uniform between zero and 1, 2, 4 … 30 s, so that a site full of relays does not come
 * back in step. `attempt` counts failures from 0; `chance` is uniform in [0, 1).
 */
export function backoffMs(attempt: number, chance: number): number {
  const ceiling = Math.min(LIMITS.maxBackoffMs, LIMITS.backoffMs * 2 ** Math.min(attempt, 10))
  return Math.floor(chance * ceiling)
}
