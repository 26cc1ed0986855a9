import { TABLES, type Range, type RelayStore, type Row, type Table, type Write } from '../ports.ts'

/** What survives a power cut. Several stores may be opened on it, one after the other. */
export class MemoryDisk {
  readonly tables: Record<Table, Map<string, string>>

  constructor() {
    const empty = TABLES.map((table) => [table, new Map<string, string>()])
    this.tables = Object.fromEntries(empty) as Record<Table, Map<string, string>>
  }

  rows(table: Table, range: Range = {}): readonly Row[] {
    const keys = [...this.tables[table].keys()].filter(
      (key) => (range.from === undefined || key >= range.from) && (range.to === undefined || key < range.to),
    )
    keys.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    return keys.slice(0, range.limit).map((key) => ({ key, value: this.#parse(table, key) }))
  }

  apply(writes: readonly Write[]): void {
    for (const write of writes) {
      const rows = this.tables[write.table]
      if (write.op === 'put') rows.set(write.key, JSON.stringify(write.value))
      else if (write.op === 'delete') rows.delete(write.key)
      else for (const key of rows.keys()) if (key >= write.from && key < write.to) rows.delete(key)
    }
  }

  #parse(table: Table, key: string): unknown {
    return JSON.parse(this.tables[table].get(key) ?? 'null')
  }
}

class ClosedError extends Error {
  readonly code = 'storage-closed'
}

/**
 * A `RelayStore` in memory. `hold()` keeps writes in flight until `release()`, `holdReads()` reads until `releaseReads()`;
 * `failing` makes writes fail, `unreadable` reads; `crash()` loses what is in flight and every later call, as a process that is killed does. Values are cloned as JSON at the boundary.
 */
export class MemoryStore implements RelayStore {
  readonly disk: MemoryDisk
  failing = false
  unreadable = false
  /** Writes that reached the disk. */
  writes = 0
  #life: 'open' | 'crashed' | 'closed' = 'open'
  #isHeld = false
  #held: (() => void)[] = []
  #heldReads: (() => void)[] | null = null

  constructor(disk: MemoryDisk = new MemoryDisk()) {
    this.disk = disk
  }

  async read(table: Table, range?: Range): Promise<readonly Row[]> {
    if (this.#life === 'closed') throw new ClosedError()
    const held = this.#heldReads
    if (held !== null) await new Promise<void>((resolve) => held.push(resolve))
    if (this.#life === 'crashed') return new Promise(() => undefined)
    if (this.unreadable) throw new Error('the disk cannot be read')
    return this.disk.rows(table, range)
  }

  async write(writes: readonly Write[]): Promise<void> {
    if (this.#life === 'closed') throw new ClosedError()
    // Cloned now: what the caller does to a value afterwards does not travel. Throws on what is no JSON.
    const cloned = structuredClone(writes)
    if (this.#isHeld) await new Promise<void>((resolve) => this.#held.push(resolve))
    if (this.#life === 'crashed') return new Promise(() => undefined)
    if (this.failing) throw new Error('the disk is full')
    this.disk.apply(cloned)
    this.writes += 1
  }

  close(): Promise<void> {
    if (this.#life === 'open') this.#life = 'closed'
    return Promise.resolve()
  }

  /** Writes reach the disk at once: none is held, and none fails. */
  get isQuiet(): boolean {
    return !this.#isHeld && !this.failing
  }

  hold(): void {
    this.#isHeld = true
  }

  holdReads(): void {
    this.#heldReads ??= []
  }

  releaseReads(): void {
    const held = this.#heldReads ?? []
    this.#heldReads = null
    for (const go of held) go()
  }

  release(): void {
    this.#isHeld = false
    for (const go of this.#held.splice(0)) go()
  }

  /** Nothing of this store is heard of again. What is durable is on `disk`, for the next store. */
  crash(): void {
    this.#life = 'crashed'
    this.release()
    this.releaseReads()
  }
}
