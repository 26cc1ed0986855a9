import type { ComponentChildren, HTMLAttributes, RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { useApp } from '../state/use-app.ts'
import type { HeldRow, HeldRows } from '../state/use-held-rows.ts'
import { SLIGHT, useSteadyHeights } from '../state/use-moved.ts'
import { useNewcomers } from './newcomers.tsx'
import { useKeptFocus } from './kept-focus.ts'
import { ROW_WINDOW, type LateWindow } from './late-window.ts'
import { rowOf, rowsIn, type RowPlaces } from './row-places.ts'
import { useRowPlaces } from './use-row-places.ts'
import { useScroller } from './use-scroller.ts'

interface RowListProps<R> {
  readonly label: string
  readonly held: HeldRows<R>
  /** Height of a row before it has been measured, pixels. */
  readonly estimate: number
  /** Key of a row that is to be in sight wherever the list is scrolled. */
  readonly pinned?: string | null
  /** Class and marks of the list item. */
  readonly attributes: (row: HeldRow<R>) => HTMLAttributes<HTMLLIElement> & Readonly<Record<`data-${string}`, string>>
  readonly children: (row: HeldRow<R>) => ComponentChildren
  /** What leaves rows out of a long list; that of the product unless said. */
  readonly late?: LateWindow
}

/**
 * Rows that can be pressed. Of many only those in sight are in the document [F5], in an order that stands still under a finger
 * [F2]; a screen reader hears how many there are. Where the list is scrolled, what comes above does not move what is in sight.
 */
export function RowList<R>(props: RowListProps<R>) {
  const { label, held, estimate, pinned = null, attributes, children, late = ROW_WINDOW } = props
  const list = useRef<HTMLUListElement>(null)
  const focus = useKeptFocus(list)
  const scroller = useScroller(list)
  const { order, rows } = held
  useNewcomers(held.waiting.length, held.showAll)
  const places = useRowPlaces({ list, scroller }, { order }, late)
  useSteadyRows({ list, scroller, places, order, pinned })
  useSteadyHeights(list, { rows: rowsIn, scroller })
  useRevealed(places, order)
  const plan = places.plan({ order, estimate, kept: [pinned, focus.key] })
  return (
    <ul ref={list} class="rows" aria-label={label} onFocusIn={focus.came} onFocusOut={focus.left}>
      {plan.rows.flatMap(({ index, above }) => {
        const row = rows[index]
        if (row === undefined) return []
        return [
          above > 0 ? <Gap key={`above ${row.key}`} height={above} /> : null,
          <li
            {...attributes(row)}
            key={row.key}
            ref={places.measure}
            data-index={index}
            data-row={row.key}
            tabIndex={-1}
            aria-setsize={rows.length}
            aria-posinset={index + 1}
          >
            {children(row)}
          </li>,
        ]
      })}
      <Gap key="below" height={plan.below} />
    </ul>
  )
}

/** The room of rows that are not in the document. */
function Gap({ height }: { readonly height: number }) {
  return <li class="rows-gap" role="presentation" aria-hidden="true" style={{ height: `${height}px` }} />
}

interface SteadyRows {
  readonly list: RefObject<HTMLElement | null>
  readonly scroller: RefObject<HTMLElement | null>
  readonly places: RowPlaces
  readonly order: readonly string[]
  readonly pinned: string | null
}

/**
 * After a change of order, or of what is drawn of the list: scrolled into it, it is scrolled on by what came above the first
 * row in sight. Rows that stand elsewhere on the screen all the same take no press for a moment [F3].
 */
function useSteadyRows({ list, scroller, places, order, pinned }: SteadyRows): void {
  const { presses } = useApp()
  const last = useRef<Pick<SteadyRows, 'places' | 'order'> | null>(null)
  const wasPinned = useRef(pinned)
  const was = last.current
  const isAnew = was !== null && (was.places !== places || was.order !== order)
  // Nothing of the list is drawn anew by now: this is where its rows are seen.
  const before = isAnew ? topsInSight(list.current, scroller.current) : null
  useLayoutEffect(() => {
    last.current = { places, order }
    if (list.current === null || scroller.current === null) return
    // The pinned row stands at the top however the list is scrolled, and the next one where that one stood.
    const pinnedRows = [wasPinned.current, pinned]
    for (const key of wasPinned.current === pinned ? [] : pinnedRows) {
      const row = key === null ? null : rowOf(list.current, key)
      if (row !== null) presses.moved(row)
    }
    wasPinned.current = pinned
    if (before === null) return
    if (before.list < 0) {
      const now = topsInSight(list.current, scroller.current)
      const topOf = (key: string): number => now.rows.get(key) ?? now.list + (places.topOf(key) ?? Number.NaN)
      const anchor = [...before.rows].find(
        ([key, top]) => top >= 0 && !pinnedRows.includes(key) && !Number.isNaN(topOf(key)),
      )
      if (anchor !== undefined) scroller.current.scrollTop += topOf(anchor[0]) - anchor[1]
    }
    const now = topsInSight(list.current, scroller.current)
    for (const row of rowsIn(list.current)) {
      const key = row.dataset['row'] ?? ''
      const [old, top] = [before.rows.get(key), now.rows.get(key)]
      if (old === undefined || top === undefined || Math.abs(top - old) > SLIGHT) presses.moved(row)
    }
  })
}

interface Tops {
  readonly list: number
  /** Of the rows in the document, from above. */
  readonly rows: ReadonlyMap<string, number>
}

/** Where a list and its rows are seen, pixels from the upper edge of what they scroll in. */
function topsInSight(list: HTMLElement | null, scroller: HTMLElement | null): Tops {
  const edge = scroller?.getBoundingClientRect().top ?? 0
  const topOf = (element: HTMLElement): number => element.getBoundingClientRect().top - edge
  return {
    list: list === null ? 0 : topOf(list),
    rows: new Map(rowsIn(list).map((row) => [row.dataset['row'] ?? '', topOf(row)])),
  }
}

/** Brings the row into sight that a notification or another view asked for, as soon as it is known where it stands. */
function useRevealed(places: RowPlaces, order: readonly string[]): void {
  const { reveal } = useApp()
  const wanted = reveal.value
  useLayoutEffect(() => {
    const index = wanted === null ? -1 : order.indexOf(wanted)
    if (index >= 0 && places.reveal(index)) reveal.value = null
  }, [wanted, order, places, reveal])
}
