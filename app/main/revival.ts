/**
 * When a window whose page crashed or hangs is loaded again: at once the first time, then with growing pauses, for ever
 * (P6). A page that lived for a while starts over.
 */
export interface Revival {
  /** Loads in a row that did not live long. */
  readonly failures: number
  /** Monotonic time of the last one. */
  readonly failedAt: number
}

/** A page that lived this long is well. */
export const WELL_MS = 60_000
const PAUSES_MS = [0, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000] as const
const LONGEST_MS = 30_000

export const UNHURT: Revival = { failures: 0, failedAt: -Infinity }

/** The page is gone at monotonic time `now`: how long to wait before it is loaded again, milliseconds. */
export function revive(revival: Revival, now: number): { readonly revival: Revival; readonly waitMs: number } {
  const failures = now - revival.failedAt > WELL_MS ? 0 : revival.failures
  return { revival: { failures: failures + 1, failedAt: now }, waitMs: PAUSES_MS[failures] ?? LONGEST_MS }
}
