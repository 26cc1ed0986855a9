import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type Range,
  type VirtualItem,
} from '@tanstack/virtual-core'
import { rowsIn, type ListedRows, type ListPlace, type RowPlaces, type RowPlan } from './row-places.ts'

/** Rows drawn beyond the edge, so that a flick does not show holes. */
const OVERSCAN = 4
/** Until the list is in the document, pixels: a screenful. */
const FIRST_HEIGHT = 1_080

/**
 * Of a long list the rows that are worth drawing: those in sight, and a few beyond. The list scrolls inside the nearest element
 * that does; rows may have any height, they are measured as they are drawn (@tanstack/virtual-core).
 */
export class RowWindow implements RowPlaces {
  readonly #place: ListPlace
  /** Of the rows that were in the document before. */
  readonly #sizes: VirtualItem[]
  /** Of what the list scrolls in, until the virtualizer looks for itself, pixels. */
  readonly #height: number
  readonly #virtualizer: Virtualizer<HTMLElement, HTMLElement>
  #order: readonly string[] = []
  #estimate = 0
  /** Pixels of the scrolled content above the list. */
  #margin: number
  /** The order for which the margin was measured. */
  #measuredFor: readonly string[] | null = null
  #keyOf = (index: number): string | number => index
  /** Indexes of the rows that are drawn wherever it is scrolled. */
  #always = ''
  #rangeOf = defaultRangeExtractor

  constructor(place: ListPlace) {
    this.#place = place
    this.#margin = this.#marginNow()
    this.#height = place.scroller.current?.clientHeight ?? FIRST_HEIGHT
    this.#sizes = rowsIn(place.list.current).map(sizeOf)
    this.#virtualizer = new Virtualizer<HTMLElement, HTMLElement>(this.#options())
  }

  plan({ order, estimate, kept }: ListedRows): RowPlan {
    // The virtualizer works everything out anew when it is given another function.
    if (order !== this.#order) this.#keyOf = (index) => order[index] ?? index
    const wanted = kept.map((key) => (key === null ? -1 : order.indexOf(key))).filter((index) => index >= 0)
    if (wanted.join(' ') !== this.#always) {
      this.#always = wanted.join(' ')
      this.#rangeOf = (range) => withRows(range, wanted)
    }
    this.#order = order
    this.#estimate = estimate
    this.#virtualizer.setOptions(this.#options())
    let below = this.#margin
    const rows = this.#virtualizer.getVirtualItems().map(({ index, start, end }) => {
      const above = start - below
      below = end
      return { index, above }
    })
    return { rows, below: Math.max(0, this.#virtualizer.getTotalSize() - (below - this.#margin)) }
  }

  measure = (row: HTMLElement | null): void => this.#virtualizer.measureElement(row)

  start(): () => void {
    // Its adapters for frameworks call this and `_willUpdate`; they are named as if they were private.
    // oxlint-disable-next-line no-underscore-dangle -- said above
    const unmount = this.#virtualizer._didMount()
    // What stands above may be another list, which gets its height as it is scrolled.
    let frame = 0
    const observer = new ResizeObserver(() => {
      cancelAnimationFrame(frame)
      frame = requestAnimationFrame(() => this.#measureMargin())
    })
    for (const part of this.#place.scroller.current?.children ?? []) observer.observe(part)
    return () => {
      observer.disconnect()
      cancelAnimationFrame(frame)
      unmount()
    }
  }

  drawn(): void {
    // oxlint-disable-next-line no-underscore-dangle -- said above
    this.#virtualizer._willUpdate()
    if (this.#measuredFor === this.#order) return
    this.#measuredFor = this.#order
    this.#measureMargin()
  }

  topOf(key: string): number | undefined {
    const start = this.#virtualizer.measurementsCache[this.#order.indexOf(key)]?.start
    return start === undefined ? undefined : start - this.#margin
  }

  reveal(index: number): boolean {
    this.#virtualizer.scrollToIndex(index, { align: 'center' })
    return true
  }

  #options() {
    const { scroller, redraw } = this.#place
    return {
      count: this.#order.length,
      getScrollElement: () => scroller.current,
      estimateSize: () => this.#estimate,
      getItemKey: this.#keyOf,
      rangeExtractor: this.#rangeOf,
      overscan: OVERSCAN,
      scrollMargin: this.#margin,
      initialRect: { width: 0, height: this.#height },
      initialOffset: () => scroller.current?.scrollTop ?? 0,
      initialMeasurementsCache: this.#sizes,
      observeElementRect,
      observeElementOffset,
      scrollToFn: elementScroll,
      onChange: redraw,
    }
  }

  #measureMargin(): void {
    const margin = this.#marginNow()
    if (margin === this.#margin) return
    this.#margin = margin
    this.#place.redraw()
  }

  #marginNow(): number {
    const [inside, outside] = [this.#place.list.current, this.#place.scroller.current]
    if (inside === null || outside === null) return 0
    const { top } = outside.getBoundingClientRect()
    return Math.round(inside.getBoundingClientRect().top - top + outside.scrollTop)
  }
}

function withRows(range: Range, more: readonly number[]): number[] {
  return [...new Set([...defaultRangeExtractor(range), ...more])].toSorted((a, b) => a - b)
}

/** For a virtualizer that has not drawn this row: it reads the key and the size, rounded as those that it measures itself. */
function sizeOf(row: HTMLElement, index: number): VirtualItem {
  const { height } = row.getBoundingClientRect()
  return { key: row.dataset['row'] ?? '', index, size: Math.round(height), start: 0, end: 0, lane: 0 }
}
