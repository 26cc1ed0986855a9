import type { ComponentChildren, HTMLAttributes } from 'preact'
import { useRef } from 'preact/hooks'
import type { HeldRow, HeldRows } from '../state/use-held-rows.ts'
import { useMovedRows, useSteadyHeights } from '../state/use-moved.ts'
import { useKeptFocus } from './kept-focus.ts'
import { useNewcomers } from './newcomers.tsx'
import { useScroller } from './use-scroller.ts'

interface ShortListProps<R> {
  readonly label: string
  readonly held: HeldRows<R>
  /** Class and marks of the list item. */
  readonly attributes: (row: HeldRow<R>) => HTMLAttributes<HTMLLIElement> & Readonly<Record<`data-${string}`, string>>
  readonly children: (row: HeldRow<R>) => ComponentChildren
}

/** Some rows that can be pressed, all of them drawn, in an order that stands still under a finger [F2 F3]: `RowList` for few. */
export function ShortList<R>({ label, held, attributes, children }: ShortListProps<R>) {
  const list = useRef<HTMLUListElement>(null)
  const scroller = useScroller(list)
  const focus = useKeptFocus(list)
  useNewcomers(held.waiting.length, held.showAll)
  useMovedRows(list, held.order)
  useSteadyHeights(list, { rows: childrenOf, scroller })
  return (
    <ul ref={list} class="rows" aria-label={label} onFocusIn={focus.came} onFocusOut={focus.left}>
      {held.rows.map((row) => (
        <li {...attributes(row)} key={row.key} data-row={row.key} tabIndex={-1}>
          {children(row)}
        </li>
      ))}
    </ul>
  )
}

function childrenOf(list: HTMLElement): Iterable<Element> {
  return list.children
}
