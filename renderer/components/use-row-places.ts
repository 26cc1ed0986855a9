import { useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks'
import { useApp } from '../state/use-app.ts'
import type { LateWindow } from './late-window.ts'
import { PLAIN_ROWS, PlainRows } from './plain-rows.ts'
import type { ListedRows, ListPlace, RowPlaces } from './row-places.ts'

/** How long the rest of a longer list waits for what leaves rows out, milliseconds: a network that stalls fails late or never. */
export const WINDOW_PATIENCE_MS = 2_000
/** After which it is asked for again where it could not be had, milliseconds. */
export const WINDOW_AGAIN_MS = 30_000

type Standing =
  | { readonly kind: 'plain'; readonly places: PlainRows }
  | { readonly kind: 'windowed'; readonly places: RowPlaces }

/**
 * A short list is drawn as it is. The first time it is a long one, what leaves rows out is loaded, and stays. Meanwhile the
 * first rows are there, and the room of the others; where it does not come, all rows, some more in each frame.
 */
export function useRowPlaces(
  { list, scroller }: Pick<ListPlace, 'list' | 'scroller'>,
  { order }: Pick<ListedRows, 'order'>,
  late: LateWindow,
): RowPlaces {
  const { clock } = useApp().presses
  const [, redraw] = useReducer<number, void>((n) => n + 1, 0)
  const [tries, tryAgain] = useReducer<number, void>((n) => n + 1, 0)
  const [isMissed, setMissed] = useState(false)
  const [first] = useState<Standing>(() => ({ kind: 'plain', places: new PlainRows({ list, scroller }) }))
  const standing = useRef(first)
  const isLong = order.length > PLAIN_ROWS
  if (standing.current.kind === 'plain' && isLong && late.loaded !== null) {
    standing.current = { kind: 'windowed', places: new late.loaded({ list, scroller, redraw: () => redraw() }) }
  }
  const now = standing.current
  const isWanted = isLong && now.kind === 'plain'
  useEffect(() => {
    if (!isWanted) return undefined
    let isOver = false
    let cancel = clock.after(WINDOW_PATIENCE_MS, () => setMissed(true))
    void late.load().then(
      () => {
        if (!isOver) redraw()
      },
      // Neither kept nor to be had: no network, or a server that is off.
      () => {
        cancel()
        if (isOver) return
        setMissed(true)
        cancel = clock.after(WINDOW_AGAIN_MS, () => tryAgain())
      },
    )
    return () => {
      isOver = true
      cancel()
    }
  }, [isWanted, tries, late, clock])
  const more = isMissed && now.kind === 'plain' && now.places.leavesOut(order) ? now.places : null
  useEffect(() => {
    if (more === null) return undefined
    const frame = requestAnimationFrame(() => {
      standing.current = { kind: 'plain', places: more.grown() }
      redraw()
    })
    return () => cancelAnimationFrame(frame)
  }, [more])
  useLayoutEffect(() => now.places.start(), [now.places])
  useLayoutEffect(() => now.places.drawn())
  return now.places
}
