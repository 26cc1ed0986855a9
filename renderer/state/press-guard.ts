/**
 * Which presses count. A press that lands on what a person did not aim at is worse than one that does nothing: it
 * acknowledges an alert that nobody has read.
 *
 * 1. Where a press has changed what stands there, its spot takes no other for `SAME_SPOT_MS`: the second half of a double tap
 *    belongs to the first. Presses elsewhere, on the same control (a digit twice), and beside one that still stands (the next
 *    digit) count at once [F1].
 * 2. What the page has moved takes no press for `STEADY_MS`, wherever the hand was on its way to [F3].
 */

/** How long the spot of a press belongs to it, milliseconds. Double taps with gloves came 120 and 250 ms apart. */
export const SAME_SPOT_MS = 500
/** Around a press this is the same spot, pixels: half a glove's breadth on a kiosk of 24 inches. */
export const SPOT_RADIUS = 48
/** What has moved must stand so long before it takes a press, milliseconds: a hand on its way does not turn sooner. */
export const STEADY_MS = 1_000

/** Where a press was; of the keyboard it is where the focus stands, which nobody measures. */
export type Spot = { readonly x: number; readonly y: number } | 'keyboard'

export interface Press {
  /** Monotonic milliseconds. */
  readonly at: number
  readonly spot: Spot
  /** What would be pressed; the same control is the same object. */
  readonly control: object
  /** Whether what was pressed before still stands where it was pressed. */
  readonly lastStands: boolean
  /** When the page last moved it; null: never. */
  readonly movedAt: number | null
}

/** The last press that counted; null before the first, and after a key with which a person went somewhere else. */
export type LastPress = Pick<Press, 'at' | 'spot' | 'control'> | null

/** `bounced`: the second half of a double tap. `moved`: the control was elsewhere a moment ago. */
export type Verdict = 'counts' | 'bounced' | 'moved'

export function judgePress(last: LastPress, press: Press): Verdict {
  const isSoon = last !== null && press.at - last.at < SAME_SPOT_MS
  if (isSoon && !press.lastStands && press.control !== last.control && isSameSpot(press.spot, last.spot))
    return 'bounced'
  return press.movedAt !== null && press.at - press.movedAt < STEADY_MS ? 'moved' : 'counts'
}

function isSameSpot(a: Spot, b: Spot): boolean {
  if (a === 'keyboard' || b === 'keyboard') return a === b
  return Math.hypot(a.x - b.x, a.y - b.y) <= SPOT_RADIUS
}
