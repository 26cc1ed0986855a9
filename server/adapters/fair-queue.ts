/** Places that were taken and are still in the list, before it is made anew. */
const MAX_TAKEN = 1_024

/** A list that is read from its front: taking does not move what is behind. */
class Line<T> {
  #items: T[] = []
  #taken = 0

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    const item = this.#items[this.#taken]
    if (item === undefined) return undefined
    this.#taken += 1
    if (this.#taken >= MAX_TAKEN && this.#taken * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#taken)
      this.#taken = 0
    }
    return item
  }

  get length(): number {
    return this.#items.length - this.#taken
  }
}

/**
 * Items of many sources: those of one source in the order they came, the sources one after the other, an item each. Whoever has
 * much waiting waits for itself (P8).
 */
export class FairQueue<T extends object> {
  readonly #lines = new Map<string, Line<T>>()
  /** Whose turn it is: each source that has something stands in it once. */
  readonly #turns = new Line<{ readonly source: string; readonly line: Line<T> }>()
  #size = 0

  add(source: string, item: T): void {
    let line = this.#lines.get(source)
    if (line === undefined) {
      line = new Line()
      this.#lines.set(source, line)
      this.#turns.push({ source, line })
    }
    line.push(item)
    this.#size += 1
  }

  take(): T | undefined {
    const turn = this.#turns.shift()
    const item = turn?.line.shift()
    if (turn === undefined || item === undefined) return undefined
    this.#size -= 1
    if (turn.line.length > 0) this.#turns.push(turn)
    else this.#lines.delete(turn.source)
    return item
  }

  get size(): number {
    return this.#size
  }
}
