/** Rows of one kind that are held: those of every device of a large site, some hundred bytes each. */
const MAX_ROWS = 8_192

/**
 * Rows that were read and not written since, so that no command reads who it comes from. The store's thread is the only writer:
 * whoever writes a row forgets it here, and a rollback forgets all. Of more than `MAX_ROWS` the one read first goes.
 */
export class RowCache<K, R> {
  readonly #rows = new Map<K, R>()

  /** The row as it is in the file. What is not there is asked for each time: anybody can name it. */
  get(key: K, read: () => R | undefined): R | null {
    const held = this.#rows.get(key)
    if (held !== undefined) return held
    const row = read()
    if (row === undefined) return null
    this.set(key, row)
    return row
  }

  set(key: K, row: R): void {
    if (this.#rows.size >= MAX_ROWS && !this.#rows.has(key))
      for (const first of this.#rows.keys()) {
        this.#rows.delete(first)
        break
      }
    this.#rows.set(key, row)
  }

  forget(key: K): void {
    this.#rows.delete(key)
  }

  clear(): void {
    this.#rows.clear()
  }
}
