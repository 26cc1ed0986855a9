import { LIMITS } from '../../../relay/protocol/limits.ts'
import type { TimerChange } from '../../ports/timers.ts'
import type { WorkingSet } from './working-set.ts'

/** How long a count is taken for the number of timers, milliseconds. */
const FRESH_MS = 1_000

/**
 * How many commands wait for their time (T20). They are counted once a second at most and not with each command: until then
 * every one that is set here is added and none is taken off, so that a node is never over the bound by what it did itself.
 */
export class TimerRoom {
  #held = 0
  #countedAt = -Infinity
  readonly #monotonic: () => number

  /** `monotonic`: milliseconds. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
  }

  /** Whether there is room for these beside what the group sets, whatever they take the place of. */
  fits(set: WorkingSet, changes: readonly TimerChange[]): boolean {
    const more = changes.filter(({ kind }) => kind === 'set').length
    if (more === 0) return true
    const held = this.#isOld ? set.get('timersHeld', '') : this.#held
    return held + set.writes.timersSet.length + more <= LIMITS.maxTimers
  }

  /** This group is committed. */
  committed(set: WorkingSet): void {
    const more = set.writes.timersSet.length
    if (more === 0) return
    if (this.#isOld) {
      this.#held = set.get('timersHeld', '')
      this.#countedAt = this.#monotonic()
    }
    this.#held += more
  }

  get #isOld(): boolean {
    return this.#monotonic() - this.#countedAt > FRESH_MS
  }
}
