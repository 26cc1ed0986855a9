import type { RefObject } from 'preact'

export interface ListedRows {
  /** Keys in their order; the same array while it is the same. */
  readonly order: readonly string[]
  /** Height of a row that has not been drawn yet, pixels. */
  readonly estimate: number
  /** Rows that are in the document wherever it is scrolled: one that sticks to the edge, one that has the focus. */
  readonly kept: readonly (string | null)[]
}

export interface RowPlan {
  /** The rows to draw, from above, each with the pixels above it that rows take which are not drawn. */
  readonly rows: readonly { readonly index: number; readonly above: number }[]
  /** The same below the last one. */
  readonly below: number
}

/** Which rows of a list are in the document. Where those stand is read from it. */
export interface RowPlaces {
  /** What is to be drawn of this list; asked each time it is drawn. */
  plan(rows: ListedRows): RowPlan
  /** Each row is told as it comes into the document (a `ref`). */
  readonly measure: (row: HTMLElement | null) => void
  /** The list is in the document; before it has been `drawn` the first time. Returns the release. */
  start(): () => void
  /** What was planned is in the document, and not seen yet. */
  drawn(): void
  /** Where a row stands that is not in the document, pixels from the top of the list; undefined: it has no place. */
  topOf(key: string): number | undefined
  /** Scrolls to this row. False: it is not known yet where it stands. */
  reveal(index: number): boolean
}

export interface ListPlace {
  readonly list: RefObject<HTMLElement | null>
  /** What the list scrolls in. */
  readonly scroller: RefObject<HTMLElement | null>
  /** Draws the list anew. */
  readonly redraw: () => void
}

/** The rows of a list that are in the document, from above. */
export function rowsIn(list: HTMLElement | null): readonly HTMLElement[] {
  return list === null ? [] : [...list.querySelectorAll<HTMLElement>('[data-row]')]
}

/** The one of this key; null: it is not in the document. */
export function rowOf(list: HTMLElement | null, key: string): HTMLElement | null {
  return list?.querySelector<HTMLElement>(`[data-row="${CSS.escape(key)}"]`) ?? null
}
