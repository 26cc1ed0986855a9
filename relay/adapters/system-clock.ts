import type { Clock } from '../ports.ts'

/** Longest delay that timers of Node and browsers take; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** The machine's two clocks and its timers. */
export function systemClock(): Clock {
  return {
    wall: () => Date.now(),
    monotonic: () => performance.now(),
    after(ms, call) {
      const timer = setTimeout(call, Math.min(ms, MAX_TIMER_MS))
      return () => clearTimeout(timer)
    },
  }
}
