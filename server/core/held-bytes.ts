/** Bounds in bytes, and of what is counted. */
export interface HeldRules {
  readonly maxPerSource: number
  readonly max: number
}

interface Holding {
  readonly source: string
  readonly isKnown: boolean
  readonly bytes: number
}

/**
 * What peers have sent of messages that are not whole, and that has to be held until they are (V23). Bounded per source and in
 * sum; the one who goes is who holds most, of the source that is over its bound or else of the one with most, and a known
 * device only where nobody else is left.
 */
export class HeldBytes<T> {
  readonly #rules: HeldRules
  readonly #holdings = new Map<T, Holding>()
  readonly #bySource = new Map<string, number>()
  #sum = 0

  constructor(rules: HeldRules) {
    this.#rules = rules
  }

  get sum(): number {
    return this.#sum
  }

  /** Whoever holds something new, or nothing any more. Answers who has to go, and is forgotten with that. */
  holds(holder: T, { bytes, source, isKnown }: Holding): T | null {
    this.left(holder)
    if (bytes === 0) return null
    this.#holdings.set(holder, { bytes, source, isKnown })
    this.#add(source, bytes)
    const isOver = (this.#bySource.get(source) ?? 0) > this.#rules.maxPerSource
    if (!isOver && this.#sum <= this.#rules.max) return null
    const leaves = this.#largest(isOver ? source : this.#fullest())
    if (leaves !== null) this.left(leaves)
    return leaves
  }

  left(holder: T): void {
    const holding = this.#holdings.get(holder)
    if (holding === undefined) return
    this.#holdings.delete(holder)
    this.#add(holding.source, -holding.bytes)
  }

  #add(source: string, bytes: number): void {
    this.#sum += bytes
    const own = (this.#bySource.get(source) ?? 0) + bytes
    if (own === 0) this.#bySource.delete(source)
    else this.#bySource.set(source, own)
  }

  #fullest(): string {
    const [first = ''] = [...this.#bySource].toSorted(([, a], [, b]) => b - a)[0] ?? []
    return first
  }

  #largest(source: string): T | null {
    let found: { readonly holder: T; readonly holding: Holding } | null = null
    for (const [holder, holding] of this.#holdings) {
      if (holding.source !== source) continue
      const isWorse =
        found === null ||
        (found.holding.isKnown === holding.isKnown ? holding.bytes > found.holding.bytes : found.holding.isKnown)
      if (isWorse) found = { holder, holding }
    }
    return found?.holder ?? null
  }
}
