import type { Effect } from './effects.ts'

/** When an input happens, and chance for it. `now` is monotonic, `wall` is for people's eyes; `chance` is uniform in [0, 1). */
export interface Moment {
  readonly now: number
  readonly wall: number
  readonly chance: number
}

/** One call of `step`: the moment, and the effects its parts have asked for so far, in order. */
export interface Turn extends Moment {
  readonly effects: Effect[]
}
