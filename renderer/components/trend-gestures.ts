/** What fingers and a wheel do to a chart: two fingers and Ctrl with the wheel zoom, one finger moves what is zoomed. */
import { moved, pinched, shownOf, zoomed, type Held, type Span } from '../state/trend-view.ts'

/** The chart as gestures know it. */
export interface Zoomable {
  readonly whole: () => Span
  readonly view: () => Span | null
  readonly look: (view: Span | null) => void
}

/** Of a wheel: twice as near at about 350 pixels of it. */
const WHEEL = 0.002
const LINE_PX = 16

/**
 * Listens on what lies over the values. The page still scrolls: up and down belongs to it whatever finger it is (`touch-action`
 * in `trend.css`), and so does a wheel without Ctrl. A mouse marks a part by itself. Returns the release.
 */
export function followGestures(over: HTMLElement, { whole, view, look }: Zoomable): () => void {
  const ended = new AbortController()
  const { signal } = ended
  /** Fingers on the chart, each with the moment below it when it came. */
  const fingers = new Map<number, Held>()
  const placeOf = ({ clientX }: { readonly clientX: number }): number => {
    const { left, width } = over.getBoundingClientRect()
    return width === 0 ? 0 : (clientX - left) / width
  }
  const momentAt = (place: number): number => {
    const { from, to } = shownOf(view(), whole())
    return from + (to - from) * place
  }
  /** Whoever comes or goes, those who stay hold what is below them now. */
  const holdAnew = (): void => {
    for (const [id, { place }] of fingers) fingers.set(id, { at: momentAt(place), place })
  }
  const lift = ({ pointerId }: PointerEvent): void => {
    if (fingers.delete(pointerId)) holdAnew()
  }
  over.addEventListener(
    'pointerdown',
    (event) => {
      if (event.pointerType === 'mouse' || fingers.size >= 2) return
      const place = placeOf(event)
      fingers.set(event.pointerId, { at: momentAt(place), place })
      holdAnew()
    },
    { signal },
  )
  over.addEventListener(
    'pointermove',
    (event) => {
      const held = fingers.get(event.pointerId)
      if (held === undefined) return
      const was = held.place
      fingers.set(event.pointerId, { at: held.at, place: placeOf(event) })
      const [one, other] = [...fingers.values()]
      if (one !== undefined && other !== undefined) look(pinched(view(), whole(), [one, other]))
      else if (view() !== null) look(moved(view(), whole(), was - placeOf(event)))
    },
    { signal },
  )
  // Also outside: a finger that leaves the chart is still the same one.
  for (const name of ['pointerup', 'pointercancel'] as const) window.addEventListener(name, lift, { signal })
  over.addEventListener(
    'wheel',
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return
      // The page itself would grow.
      event.preventDefault()
      const px = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * LINE_PX
      look(zoomed(view(), whole(), { at: momentAt(placeOf(event)), by: Math.exp(px * WHEEL) }))
    },
    { signal, passive: false },
  )
  return () => ended.abort()
}
