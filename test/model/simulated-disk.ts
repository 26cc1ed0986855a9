import { TABLES, type Range, type RelayStore, type Row, type Table, type Write } from '../../relay/ports.ts'
import type { DeviceClock } from './simulated-time.ts'

type Rows = Map<string, string>

/** What one device would still have after a power cut, as JSON text. */
export class SimulatedDisk {
  readonly #tables: ReadonlyMap<Table, Rows>

  constructor(tables: ReadonlyMap<Table, Rows> = new Map()) {
    this.#tables = new Map(TABLES.map((table) => [table, new Map(tables.get(table))]))
  }

  copy(): SimulatedDisk {
    return new SimulatedDisk(this.#tables)
  }

  get(table: Table, key: string): unknown {
    const text = this.#rows(table).get(key)
    return text === undefined ? null : (JSON.parse(text) as unknown)
  }

  text(table: Table, key: string): string | undefined {
    return this.#rows(table).get(key)
  }

  keys(table: Table): IterableIterator<string> {
    return this.#rows(table).keys()
  }

  read(table: Table, { from, to, limit }: Range = {}): readonly Row[] {
    const rows = this.#rows(table)
    const keys = [...rows.keys()].filter((key) => (from === undefined || key >= from) && (to === undefined || key < to))
    keys.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    return keys.slice(0, limit).map((key) => ({ key, value: this.get(table, key) }))
  }

  apply(writes: readonly FrozenWrite[]): void {
    for (const write of writes) {
      const rows = this.#rows(write.table)
      if (write.op === 'put') rows.set(write.key, write.text)
      else if (write.op === 'delete') rows.delete(write.key)
      else for (const key of rows.keys()) if (key >= write.from && key < write.to) rows.delete(key)
    }
  }

  #rows(table: Table): Rows {
    const rows = this.#tables.get(table)
    if (rows === undefined) throw new Error(`no table ${table}`)
    return rows
  }
}

type FrozenWrite =
  | Exclude<Write, { op: 'put' }>
  | { readonly op: 'put'; readonly table: Table; readonly key: string; readonly text: string }

/**
 * One relay's use of a disk. A write takes its time and is all or nothing; what is under way when the clock of this life
 * goes off never happened. Values are taken as they are at the call.
 */
export class SimulatedStore implements RelayStore {
  failing = false
  readonly #disk: SimulatedDisk
  readonly #clock: DeviceClock
  readonly #latency: () => number

  constructor(disk: SimulatedDisk, clock: DeviceClock, latency: () => number) {
    this.#disk = disk
    this.#clock = clock
    this.#latency = latency
  }

  read(table: Table, range?: Range): Promise<readonly Row[]> {
    return new Promise((resolve) => {
      this.#clock.after(this.#latency(), () => resolve(this.#disk.read(table, range)))
    })
  }

  write(writes: readonly Write[]): Promise<void> {
    const frozen = writes.map((write): FrozenWrite =>
      write.op === 'put' ? { op: 'put', table: write.table, key: write.key, text: JSON.stringify(write.value) } : write,
    )
    return new Promise((resolve, reject) => {
      this.#clock.after(this.#latency(), () => {
        if (this.failing) return reject(new Error('the disk is full'))
        this.#disk.apply(frozen)
        // Durable now, and known a moment later: a crash may fall between the two.
        this.#clock.after(this.#latency(), resolve)
      })
    })
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
