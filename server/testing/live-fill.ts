import type { LiveFill } from '../core/live.ts'

/** All that a reader begins with, taken at once. */
export function filledBy<F>(fill: LiveFill<F>, now: number): readonly F[] {
  const frames: F[] = []
  for (let frame = fill.next(now); frame !== null; frame = fill.next(now)) frames.push(frame)
  return frames
}
