import { LIMITS } from '../../protocol/limits.ts'

/**
 * Reconnect delay with full jitter: uniform between zero and 1, 2, 4 … 30 s, so that a site full of relays does not come
 * back in step. `step` counts from 0; `chance` is uniform in [0, 1).
 */
export function backoffMs(step: number, chance: number): number {
  const ceiling = Math.min(LIMITS.maxBackoffMs, LIMITS.backoffMs * 2 ** Math.min(step, 10))
  return Math.ceil(chance * ceiling)
}

/**
 * The step that has been reached after failing for so long: the second after 1 s, the third after 3 s, the fourth after 7 s,
 * as if every delay had been waited for in full. Counting attempts instead, a relay that draws short delays while a server
 * starts anew would soon wait for as long as one that has been cut off for a minute.
 */
export function backoffStep(failingForMs: number): number {
  return Math.floor(Math.log2(1 + failingForMs / LIMITS.backoffMs))
}
