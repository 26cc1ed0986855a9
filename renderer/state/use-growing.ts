import { useEffect, useState } from 'preact/hooks'

/** How many more of a list are drawn at once: the next one, and what fits beside it. `weights`: what each costs. */
export function grown(drawn: number, weights: readonly number[], room: number): number {
  let left = room
  let next = drawn
  while (next < weights.length && (next === drawn || left >= (weights[next] ?? 0))) {
    left -= weights[next] ?? 0
    next += 1
  }
  return next
}

/**
 * How many of a long list are drawn by now, from its beginning: as many as `room` takes at once, and as many more in each
 * frame. Whoever changes to a view of hundreds of parts sees the first ones at once, and a press is heard between the others
 * [F7]; in the end all are in the document, for the keyboard, for a screen reader and for who searches the page.
 */
export function useGrowing(weights: readonly number[], room: number): number {
  const [drawn, setDrawn] = useState(() => grown(0, weights, room))
  const isWhole = drawn >= weights.length
  useEffect(() => {
    if (isWhole) return undefined
    const frame = requestAnimationFrame(() => setDrawn(grown(drawn, weights, room)))
    return () => cancelAnimationFrame(frame)
  }, [isWhole, drawn, weights, room])
  return Math.min(drawn, weights.length)
}
