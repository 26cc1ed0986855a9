interface Entry {
  readonly at: number
  readonly order: number
  readonly act: () => void
}

/** What is to happen when, in simulated time: a binary heap by time, of one time in the order of their adding. */
export class EventQueue {
  readonly #heap: Entry[] = []
  #added = 0

  add(at: number, act: () => void): void {
    const entry = { at, order: (this.#added += 1), act }
    let index = this.#heap.length
    this.#heap.push(entry)
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = this.#heap[parent]
      if (above === undefined || !isBefore(entry, above)) break
      this.#heap[index] = above
      index = parent
    }
    this.#heap[index] = entry
  }

  /** Until nothing is left, that time is passed, or it is done. */
  run(untilMs: number, isDone: () => boolean): void {
    for (let next = this.#heap[0]; next !== undefined && next.at <= untilMs && !isDone(); next = this.#heap[0]) {
      this.#removeFirst()
      next.act()
    }
  }

  #removeFirst(): void {
    const last = this.#heap.pop()
    const { length } = this.#heap
    if (last === undefined || length === 0) return
    let index = 0
    for (;;) {
      const [left, right] = [this.#heap[2 * index + 1], this.#heap[2 * index + 2]]
      const isRight = left !== undefined && right !== undefined && isBefore(right, left)
      const first = isRight ? right : left
      if (first === undefined || !isBefore(first, last)) break
      this.#heap[index] = first
      index = 2 * index + (isRight ? 2 : 1)
    }
    this.#heap[index] = last
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.at === other.at ? one.order < other.order : one.at < other.at
}
