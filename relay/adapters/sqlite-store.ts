import { Worker } from 'node:worker_threads'
import { StoreError } from './store-error.ts'
import type { TextWrite } from './sqlite-file.ts'
import type { StoreAnswer, StoreJob, StoreWorkerData } from './sqlite-store-worker.ts'
import type { RelayStore, Write } from '../ports.ts'

/**
 * The relay's tables in one SQLite file, in a thread of its own so that no fsync ever holds the relay. Rejects with
 * `StoreError`: `storage-busy` while another relay has the file, `storage-corrupt`, `storage-newer`, `storage-foreign`.
 * What waits unanswered is bounded by the relay, which awaits its writes.
 */
export function openSqliteStore(options: {
  readonly file: string
  /** Path of better-sqlite3's compiled part where it is not beside its package (Electron's asar). */
  readonly nativeBinding?: string | undefined
  /** The thread's script where it is not the source beside this one: a bundle has it as a file of its own. */
  readonly worker?: URL
}): Promise<RelayStore> {
  const data: StoreWorkerData = { file: options.file, nativeBinding: options.nativeBinding }
  // Its own arguments: what the program was started with (`--import`, `--input-type`) is not meant for this thread.
  const script = options.worker ?? new URL('./sqlite-store-worker.ts', import.meta.url)
  const worker = new Worker(script, { workerData: data, execArgv: [] })
  const store = new WorkerStore(worker)
  return store.opened.then(() => store)
}

/** A job without its number. */
type Job = StoreJob extends infer J ? (J extends StoreJob ? Omit<J, 'id'> : never) : never
type Answered = StoreAnswer & { ok: true }
interface Waiting {
  resolve(answer: Answered): void
  reject(error: StoreError): void
}

class WorkerStore implements RelayStore {
  /** Resolves when the file is open. */
  readonly opened: Promise<unknown>
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0
  /** Why nothing is taken any more; null while serving. */
  #ended: StoreError | null = null
  #closing: Promise<void> | null = null

  constructor(worker: Worker) {
    this.#worker = worker
    this.opened = new Promise((resolve, reject) => this.#waiting.set(0, { resolve, reject }))
    worker.on('message', (answer: StoreAnswer) => this.#answered(answer))
    worker.on('error', (error) => this.#end(new StoreError('storage-failed', DEAD, error)))
    worker.on('exit', () => this.#end(new StoreError('storage-failed', DEAD)))
  }

  async read(table: Parameters<RelayStore['read']>[0], range: Parameters<RelayStore['read']>[1] = {}) {
    const { rows } = await this.#ask({ op: 'read', table, range })
    return rows.map(({ key, text }) => ({ key, value: decode(text, `${table}/${key}`) }))
  }

  async write(writes: readonly Write[]): Promise<void> {
    await this.#ask({ op: 'write', writes: writes.map(encode) })
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    if (this.#ended !== null) return
    const exited = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()))
    const closed = this.#ask({ op: 'close' })
    this.#ended = new StoreError('storage-closed', 'The storage was closed.')
    await closed
    await exited
  }

  #ask(job: Job): Promise<Answered> {
    if (this.#ended !== null) return Promise.reject(this.#ended)
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#worker.postMessage({ ...job, id })
    })
  }

  #answered(answer: StoreAnswer): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if (answer.ok) waiting?.resolve(answer)
    else waiting?.reject(new StoreError(answer.code, answer.message))
  }

  /** The thread is gone: whoever waits is told, and so is whoever comes. */
  #end(error: StoreError): void {
    this.#ended ??= error
    for (const waiting of this.#waiting.values()) waiting.reject(error)
    this.#waiting.clear()
  }
}

const DEAD = 'The thread that writes to the disk has ended unexpectedly. Restart Andon.'

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
