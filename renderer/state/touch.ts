import { unreachable } from '../../relay/protocol/rights.ts'

/**
 * Whether a hand is at this window, or just was. A finger has no cursor that tells where it is going: between seeing a row
 * and pressing it nothing may move, and after a press a second may follow [F2].
 */

/** After a press, a touch or a key that acts, milliseconds: a person sees what came of it, and may press the next row. */
export const AFTER_TOUCH_MS = 2_000
/** After the last move of a mouse, which aims for so long, milliseconds. */
export const AFTER_MOVE_MS = 1_000
/** Nobody keeps a finger down for so long by intent; a glove that lies on the glass does not hold back alerts, milliseconds. */
export const MAX_HOLD_MS = 10_000

export interface Touch {
  /** When the finger came down that is still down; null: none is. */
  readonly downAt: number | null
  /** Until when what was done holds; monotonic milliseconds. */
  readonly until: number
}

export const UNTOUCHED: Touch = { downAt: null, until: Number.NEGATIVE_INFINITY }

export type TouchInput = 'pressed' | 'released' | 'moved' | 'keyed'

export function stepTouch(touch: Touch, input: TouchInput, now: number): Touch {
  const until = (ms: number): number => Math.max(touch.until, now + ms)
  switch (input) {
    case 'pressed':
      return { downAt: now, until: until(AFTER_TOUCH_MS) }
    case 'released':
      return { downAt: null, until: until(AFTER_TOUCH_MS) }
    case 'keyed':
      return { ...touch, until: until(AFTER_TOUCH_MS) }
    case 'moved':
      return { ...touch, until: until(AFTER_MOVE_MS) }
    default:
      return unreachable(input)
  }
}

/** When the hold of this touch ends, if nothing else is done; in the past where nothing holds. */
export function holdEnds({ downAt, until }: Touch): number {
  return downAt === null ? until : Math.max(until, downAt + MAX_HOLD_MS)
}
