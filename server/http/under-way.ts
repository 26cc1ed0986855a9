/** What is being answered, bounded for each source and in sum: the rest of the floor is not made to wait. */
export class UnderWay {
  readonly #max: { readonly each: number; readonly all: number }
  readonly #bySource = new Map<string, number>()
  #all = 0
  refused = 0

  constructor(max: { readonly each: number; readonly all: number }) {
    this.#max = max
  }

  /** Null when there are too many; else what ends it; called again it does nothing. */
  enter(source: string): (() => void) | null {
    const own = this.#bySource.get(source) ?? 0
    if (own >= this.#max.each || this.#all >= this.#max.all) {
      this.refused += 1
      return null
    }
    this.#all += 1
    this.#bySource.set(source, own + 1)
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      this.#all -= 1
      const left = (this.#bySource.get(source) ?? 1) - 1
      if (left === 0) this.#bySource.delete(source)
      else this.#bySource.set(source, left)
    }
  }
}
