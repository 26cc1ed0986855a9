import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { Presses } from './presses.ts'
import { useApp } from './use-app.ts'

/** Pixels by which something may shift without being elsewhere: a line of a hair, half a pixel of a zoomed page. */
export const SLIGHT = 3
/**
 * Pixels by which a row that gets another height must move those below before a finger misses them: half of the smallest thing
 * that is pressed, so the middle of each still takes the press that was aimed at it.
 */
export const MISSED = 24

/**
 * Tells of each child of `list` that stands elsewhere than before, or that is new where others stood, whenever the order is
 * another: it takes no press until it has stood for a while [F3]. What is there at first came with the page. `order`: what says
 * where they stand, the same value while they stand there.
 */
export function useMovedRows(list: RefObject<HTMLElement | null>, order: unknown): void {
  const { presses } = useApp()
  const places = useRef<ReadonlyMap<Element, Place> | null>(null)
  useLayoutEffect(() => {
    const before = places.current
    const rows = [...(list.current?.children ?? [])].filter((child) => child instanceof HTMLElement)
    const after = new Map(rows.map((row) => [row, { left: row.offsetLeft, top: row.offsetTop }]))
    places.current = after
    if (before === null) return
    for (const [row, now] of after) {
      const was = before.get(row)
      if (was === undefined || isElsewhere(was, now)) presses.moved(row)
    }
  }, [list, order, presses])
}

/** Something that came by itself, where something else was a moment ago: the next banner, the next of several. */
export function useArrival(element: RefObject<Element | null>, key: string | null): void {
  const { presses } = useApp()
  useLayoutEffect(() => {
    if (element.current !== null && key !== null) presses.moved(element.current)
  }, [element, key, presses])
}

interface SteadyParts {
  /** What may be moved; the children of `place` unless said. */
  readonly parts?: (place: HTMLElement) => Iterable<Element>
  /** How deep parts come and go in `place`. */
  readonly within?: 'children' | 'tree'
}

/**
 * Tells of each part of `place` that stands elsewhere than before, or that came where others stood, whenever parts come, go or
 * change their size by themselves [F3]. What is there at first came with the page.
 */
export function useSteadyParts(
  place: RefObject<HTMLElement | null>,
  { parts = childrenOf, within = 'children' }: SteadyParts = {},
): void {
  const { presses } = useApp()
  useLayoutEffect(() => {
    const element = place.current
    if (element === null) return undefined
    let places: ReadonlyMap<Element, Place> | null = null
    const sizes = new ResizeObserver(() => look())
    const look = (): void => {
      const before = places
      places = new Map([...parts(element)].map((part) => [part, placeOf(part, element.scrollTop)]))
      for (const part of before?.keys() ?? []) if (!places.has(part)) sizes.unobserve(part)
      for (const [part, now] of places) {
        const was = before?.get(part)
        if (was === undefined) sizes.observe(part)
        if (before !== null && (was === undefined || isElsewhere(was, now))) presses.moved(part)
      }
    }
    const comings = new MutationObserver(look)
    comings.observe(element, { childList: true, subtree: within === 'tree' })
    sizes.observe(element)
    look()
    return () => {
      comings.disconnect()
      sizes.disconnect()
    }
  }, [place, parts, within, presses])
}

function childrenOf(place: HTMLElement): Iterable<Element> {
  return place.children
}

interface SteadyHeights {
  /** What stands one below the other in `list`, from above. */
  readonly rows: (list: HTMLElement) => Iterable<Element>
  /** What the list scrolls in. */
  readonly scroller: RefObject<HTMLElement | null>
}

/**
 * Tells of each row that others above it, which get another height, move by `MISSED`: for words that somebody else has changed,
 * or for whatever else, but for what this person has just pressed there [F3]. Rows that come and go are told by their order.
 */
export function useSteadyHeights(list: RefObject<HTMLElement | null>, { rows, scroller }: SteadyHeights): void {
  const { presses } = useApp()
  useLayoutEffect(() => {
    const element = list.current
    if (element === null) return undefined
    // Null: not measured yet.
    const heights = new Map<Element, number | null>()
    // Called between layout and paint, once a frame, and once for each `observe`.
    const sizes = new ResizeObserver((entries) => {
      const grown = new Map<Element, number>()
      for (const { target, borderBoxSize } of entries) {
        const height = borderBoxSize[0]?.blockSize ?? 0
        const was = heights.get(target) ?? height
        heights.set(target, height)
        if (was !== height) grown.set(target, height - was)
      }
      if (grown.size > 0) tellMoved(rows(element), grown, { edge: edgeOf(scroller.current), presses })
    })
    const look = (): void => {
      const there = new Set(rows(element))
      for (const row of heights.keys()) {
        if (there.has(row)) continue
        sizes.unobserve(row)
        heights.delete(row)
      }
      for (const row of there) {
        if (heights.has(row)) continue
        heights.set(row, null)
        sizes.observe(row)
      }
    }
    const comings = new MutationObserver(look)
    comings.observe(element, { childList: true })
    look()
    return () => {
      comings.disconnect()
      sizes.disconnect()
    }
  }, [list, rows, scroller, presses])
}

interface Told {
  /** What is above it has no share in what is seen below. */
  readonly edge: number
  readonly presses: Presses
}

function tellMoved(rows: Iterable<Element>, grown: ReadonlyMap<Element, number>, { edge, presses }: Told): void {
  let shift = 0
  for (const row of rows) {
    if (Math.abs(shift) >= MISSED) presses.moved(row)
    const by = grown.get(row)
    if (by !== undefined && !presses.wasPressedIn(row) && row.getBoundingClientRect().top >= edge - SLIGHT) shift += by
  }
}

/** A browser that holds what is in sight scrolls on by what grows above it; others move it. */
function edgeOf(scroller: HTMLElement | null): number {
  const isHeld = scroller !== null && CSS.supports('overflow-anchor', 'auto')
  // The page itself, where that scrolls, begins above the window.
  return isHeld ? Math.max(0, scroller.getBoundingClientRect().top) : Number.NEGATIVE_INFINITY
}

/**
 * What lies over controls and takes no room, while it is there: it takes no press at first, and when it goes, neither does what
 * it covered, which a hand on its way to it would press [F3].
 */
export function useCover(cover: RefObject<HTMLElement | null>, isThere: boolean): void {
  const { presses } = useApp()
  const place = useRef<DOMRect | null>(null)
  useLayoutEffect(() => {
    const element = cover.current
    if (!isThere || element === null) return undefined
    presses.moved(element)
    return () => {
      // Taken out of the document by now; where it stood was noted when it was drawn last.
      const { left = 0, right = 0, top = 0, height = 0 } = place.current ?? {}
      for (const x of [left, (left + right) / 2, right - 1]) {
        const covered = document.elementFromPoint(x, top + height / 2)
        const row = covered?.closest('[data-row], li') ?? covered
        if (row !== null && row !== undefined) presses.moved(row)
      }
    }
  }, [cover, isThere, presses])
  useLayoutEffect(() => {
    if (isThere) place.current = cover.current?.getBoundingClientRect() ?? null
  })
}

interface Place {
  readonly left: number
  readonly top: number
}

/** Where it is on the screen, but for what a person has scrolled by hand. */
function placeOf(part: Element, scrolled: number): Place {
  const { left, top } = part.getBoundingClientRect()
  return { left, top: top + scrolled }
}

function isElsewhere(was: Place, now: Place): boolean {
  return Math.abs(was.top - now.top) > SLIGHT || Math.abs(was.left - now.left) > SLIGHT
}

/**
 * A view under bars that come and go: where it is scrolled, it is scrolled on by what the bars took, so that its rows stay
 * where they are; at its top it moves, and says so. So does one that gets another width, when the form beside it goes.
 */
export function useSteadyPlace(view: RefObject<HTMLElement | null>, presses: Presses): void {
  // Kept over effects: a busy page runs one after the bars came and before the observer was told, and would begin from there.
  const place = useRef<{ readonly element: HTMLElement; box: DOMRect } | null>(null)
  useEffect(() => {
    const element = view.current
    if (element === null) return undefined
    const last = place.current?.element === element ? place.current : { element, box: element.getBoundingClientRect() }
    place.current = last
    // Called between layout and paint, and once for each `observe`.
    const observer = new ResizeObserver(() => {
      const { box: was } = last
      const now = element.getBoundingClientRect()
      last.box = now
      // Higher again at its lower end: it is scrolled back, and what was pressed there is elsewhere.
      const isAtEnd = element.scrollTop > 0 && element.scrollTop + element.clientHeight >= element.scrollHeight - SLIGHT
      if (now.bottom - was.bottom > SLIGHT && isAtEnd) presses.moved(element)
      if (Math.abs(now.left - was.left) > SLIGHT || Math.abs(now.right - was.right) > SLIGHT) presses.moved(element)
      const by = now.top - was.top
      if (Math.abs(by) <= SLIGHT) return
      const { scrollTop } = element
      if (scrollTop > 0) element.scrollTop += by
      if (Math.abs(element.scrollTop - scrollTop - by) > SLIGHT) presses.moved(element)
    })
    observer.observe(element)
    return () => observer.disconnect()
  })
}
