import { useEffect, useState } from 'preact/hooks'
import { useApp } from './use-app.ts'

/** How long a page of a wall stands: time to find one's line and to read what is wrong there. */
export const TURN_MS = 12_000
/** Hours of the place, from and to which a wall is dim where nothing is wrong. */
const NIGHT = { from: 21, to: 6 } as const

export function isNight(at: Date): boolean {
  const hours = at.getHours()
  return hours >= NIGHT.from || hours < NIGHT.to
}

/** How often the pages have been turned: by the time that has passed, whatever anybody does to the clock. */
export function useTurns(): number {
  const { presses } = useApp()
  const [turn, setTurn] = useState(0)
  useEffect(() => presses.clock.after(TURN_MS, () => setTurn(turn + 1)), [presses, turn])
  return turn
}
