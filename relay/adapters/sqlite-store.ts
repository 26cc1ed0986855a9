import { StoreError } from './store-error.ts'
import type { TextWrite } from './sqlite-file.ts'
import { StoreThread, THREAD_DIED } from './sqlite-store-thread.ts'
import type { RelayStore, Write } from '../ports.ts'

/**
 * Pauses before the thread is started again, milliseconds: at once after a life in which it served, then ever later, so that
 * one that dies of every attempt does not keep a core busy. A person who frees memory or repairs a disk waits half a minute.
 */
const REOPEN_MS = [0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000] as const

export interface SqliteStoreOptions {
  readonly file: string
  /** Path of better-sqlite3's compiled part where it is not beside its package (Electron's asar). */
  readonly nativeBinding?: string | undefined
  /** The thread's script where it is not the source beside this one: a bundle has it as a file of its own. */
  readonly worker?: URL
  /** The thread ended by itself, or could not read: told once each time. The next call starts another one. */
  readonly died?: (cause: StoreError) => void
  /** Monotonic milliseconds; only tests have their own. */
  readonly now?: () => number
}

/**
 * The relay's tables in one SQLite file, in a thread of its own so that no fsync ever holds the relay. Rejects with
 * `StoreError`: `storage-busy` while another relay has the file, `storage-corrupt`, `storage-newer`, `storage-foreign`.
 * What waits unanswered is bounded by the relay, which awaits its writes.
 *
 * A thread that dies (out of memory, a crash of the compiled part) or cannot read any more is started again by the next
 * call (R55). What was under way is answered with `storage-failed`: it may have reached the disk all the same, and the
 * relay, which then writes what undoes it, knows that (`refuseUnsaved`).
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<RelayStore> {
  const store = new SqliteStore(options)
  await store.open()
  return store
}

class SqliteStore implements RelayStore {
  readonly #options: SqliteStoreOptions
  #thread: StoreThread | null = null
  /** The one start under way, which every call waits for. */
  #opening: Promise<StoreThread> | null = null
  /** Of the thread before, whose lock on the file goes with it. */
  #gone: Promise<void> = Promise.resolve()
  /** Why nothing is taken any more; null while serving. */
  #closed: StoreError | null = null
  #closing: Promise<void> | null = null
  /** Starts since a thread last did what it was asked for. */
  #starts = 0
  #notBefore = 0

  constructor(options: SqliteStoreOptions) {
    this.#options = options
  }

  async open(): Promise<void> {
    await this.#start('made')
  }

  async read(table: Parameters<RelayStore['read']>[0], range: Parameters<RelayStore['read']>[1] = {}) {
    const thread = this.#thread ?? (await this.#again())
    try {
      const { rows } = await thread.ask({ op: 'read', table, range })
      this.#starts = 0
      return rows.map(({ key, text }) => ({ key, value: decode(text, `${table}/${key}`) }))
    } catch (error) {
      // What cannot even read has lost its file: a disk that was unplugged and came back serves new descriptors only. A
      // disk that takes no writes is another matter: what is there can still be shown, so that thread stays.
      if (error instanceof StoreError && error.code === 'storage-failed') this.#giveUp(thread, error)
      throw error
    }
  }

  async write(writes: readonly Write[]): Promise<void> {
    // Before anything is awaited: the caller may change its values afterwards.
    const encoded = writes.map(encode)
    const thread = this.#thread ?? (await this.#again())
    await thread.ask({ op: 'write', writes: encoded })
    this.#starts = 0
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#closed = new StoreError('storage-closed', 'The storage was closed.')
    // A start that is under way finds the store closed and ends its thread itself.
    await this.#opening?.catch(() => undefined)
    await this.#thread?.close()
    await this.#gone
  }

  #again(): Promise<StoreThread> {
    if (this.#closed !== null) return Promise.reject(this.#closed)
    if (this.#opening === null && this.#now() < this.#notBefore) return Promise.reject(THREAD_DIED())
    this.#opening ??= this.#start('there').finally(() => (this.#opening = null))
    return this.#opening
  }

  /** `there`: a file that is gone by now is not made anew, for what the relay holds in memory belongs to the one it had. */
  async #start(file: 'made' | 'there'): Promise<StoreThread> {
    this.#notBefore = this.#now() + (REOPEN_MS[Math.min(this.#starts, REOPEN_MS.length - 1)] ?? 0)
    this.#starts += 1
    await this.#gone
    const thread = new StoreThread({ ...this.#options, mustExist: file === 'there' })
    this.#gone = thread.gone
    await thread.opened
    if (this.#closed !== null) {
      await thread.close()
      throw this.#closed
    }
    this.#thread = thread
    void thread.gone.then(() => this.#giveUp(thread, thread.ended ?? THREAD_DIED()))
    return thread
  }

  /** The next call starts another one. */
  #giveUp(thread: StoreThread, cause: StoreError): void {
    if (this.#thread !== thread || this.#closed !== null) return
    this.#thread = null
    this.#options.died?.(cause)
    thread.close().catch(() => undefined) // dead already, or it dies of closing: both is what is wanted
  }

  #now(): number {
    return this.#options.now?.() ?? performance.now()
  }
}

/** Only `encode` wrote it; what is no JSON any more has been damaged, and its words are not to be printed: it may be the key. */
function decode(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new StoreError(
      'storage-corrupt',
      `The row ${where} of this device's storage is damaged. Keep a copy of its data folder for support, move it away and start again: this device then registers anew.`,
    )
  }
}

/** On this side of the thread, so that a value that is not JSON throws where it was handed in. */
function encode(write: Write): TextWrite {
  if (write.op !== 'put') return write
  const text: unknown = JSON.stringify(write.value)
  if (typeof text !== 'string') throw new TypeError(`The value of ${write.table}/${write.key} is not JSON.`)
  return { op: 'put', table: write.table, key: write.key, text }
}
