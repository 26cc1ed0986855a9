import { useEffect, useMemo, useState } from 'preact/hooks'
import { useApp } from './use-app.ts'
import type { MeasureName, NameFit } from './wall-names.ts'

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

const UPRIGHT = '(max-aspect-ratio: 1 / 1)'

/** How the screen hangs. */
export function useShape(): 'lying' | 'upright' {
  const query = useMemo(() => matchMedia(UPRIGHT), [])
  const [isUpright, setUpright] = useState(query.matches)
  useEffect(() => {
    const look = (): void => setUpright(query.matches)
    look()
    query.addEventListener('change', look)
    return () => query.removeEventListener('change', look)
  }, [query])
  return isUpright ? 'upright' : 'lying'
}

/** Measures names in the letters of the moment; those of the product may come later. */
export function useNameMeasure(): MeasureName {
  const [changes, setChanges] = useState(0)
  useEffect(() => {
    const look = (): void => setChanges((before) => before + 1)
    document.fonts.addEventListener('loadingdone', look)
    return () => document.fonts.removeEventListener('loadingdone', look)
  }, [])
  return useMemo(() => measureBold(changes), [changes])
}

/** Of a letter where nothing can be measured: that of wide ones. */
const WIDE = 1
/** Of widths that are remembered: those of names, and of what is wrong. */
const MAX_KNOWN = 2_000
function measureBold(_changes: number): MeasureName {
  const context = document.createElement('canvas').getContext('2d')
  if (context === null) return (words) => words.length * WIDE
  context.font = `700 100px ${getComputedStyle(document.body).fontFamily}`
  const known = new Map<string, number>()
  return (words) => {
    const before = known.get(words)
    if (before !== undefined) return before
    if (known.size >= MAX_KNOWN) known.clear()
    const width = context.measureText(words).width / 100
    known.set(words, width)
    return width
  }
}

/** How large letters can be that are read from nearer: by how many places of the board are taken. */
export type Density = 'roomy' | 'even' | 'dense'

export function densityOf(places: number, bands: number): Density {
  // A longer name has its band to itself.
  return places <= 3 && places === bands ? 'roomy' : places <= 5 ? 'even' : 'dense'
}

/** What bands have of the height of a board, and the height of a name, in hundredths of its longer side (`--w` of `wall.css`). */
const HEIGHT = { lying: 44.5, upright: 82 } as const
const NAME_HEIGHT = { roomy: 6.4, even: 5, dense: 5 } as const
/** The same of values that stand below the words. */
const VALUES_HEIGHT = 6
/** The same of a row of other words, by their size there. */
const ROW_HEIGHT = {
  lying: { roomy: 3.2, even: 2.8, dense: 2.45 },
  upright: { roomy: 3.5, even: 3.5, dense: 2.45 },
} as const

/** How many rows of words a band has room for besides its name. `places`: of all bands together. */
export function rowsIn(
  { stands, places: own }: NameFit,
  { places, density, shape }: { places: number; density: Density; shape: 'lying' | 'upright' },
): number {
  const height = (HEIGHT[shape] * own) / places
  const isRoomy = density === 'roomy'
  const names = shape === 'lying' ? (stands === 'row' ? 1 : 0) : { beside: isRoomy ? 2 : 1, above: 2, row: 3 }[stands]
  const taken = names * NAME_HEIGHT[density] + (shape === 'upright' && isRoomy ? VALUES_HEIGHT : 0)
  return Math.max(1, Math.floor((height - taken) / ROW_HEIGHT[shape][density]))
}
