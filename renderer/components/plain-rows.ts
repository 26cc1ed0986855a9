import { rowOf, type ListedRows, type ListPlace, type RowPlaces, type RowPlan } from './row-places.ts'

/** Rows up to which a list is drawn as it is: some screenfuls, which cost less than to load what leaves rows out. */
export const PLAIN_ROWS = 60

const NOTHING: ReadonlySet<string> = new Set()

/** The first rows of a list, those that were drawn already, and those that have to be: all of a short one. */
export class PlainRows implements RowPlaces {
  readonly #place: Pick<ListPlace, 'list' | 'scroller'>
  readonly #most: number
  #order: readonly string[] = []
  #drawn: ReadonlySet<string>

  constructor(place: Pick<ListPlace, 'list' | 'scroller'>, most = PLAIN_ROWS, drawn = NOTHING) {
    this.#place = place
    this.#most = most
    this.#drawn = drawn
  }

  /** The same with more rows. */
  grown(): PlainRows {
    return new PlainRows(this.#place, this.#most + PLAIN_ROWS, this.#drawn)
  }

  /** Whether rows of this list are left out. */
  leavesOut(order: readonly string[]): boolean {
    return order.length > this.#most
  }

  plan({ order, estimate, kept }: ListedRows): RowPlan {
    const rows: { index: number; above: number }[] = []
    const drawn = new Set<string>()
    let left = 0
    for (const [index, key] of order.entries()) {
      if (index < this.#most || this.#drawn.has(key) || kept.includes(key)) {
        rows.push({ index, above: left * estimate })
        drawn.add(key)
        left = 0
      } else left += 1
    }
    this.#order = order
    this.#drawn = drawn
    return { rows, below: left * estimate }
  }

  measure = (): void => undefined

  start(): () => void {
    return () => undefined
  }

  drawn(): void {
    // Nothing follows from it.
  }

  topOf(): undefined {
    return undefined
  }

  reveal(index: number): boolean {
    const [key, scroller] = [this.#order[index], this.#place.scroller.current]
    const row = key === undefined ? null : rowOf(this.#place.list.current, key)
    if (row === null || scroller === null) return false
    const [at, sight] = [row.getBoundingClientRect(), scroller.getBoundingClientRect()]
    scroller.scrollTop += at.top + at.height / 2 - sight.top - sight.height / 2
    return true
  }
}
