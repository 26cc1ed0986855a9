import { Worker } from 'node:worker_threads'
import { StoreError } from './store-error.ts'
import type { StoreAnswer, StoreJob, StoreWorkerData } from './sqlite-store-worker.ts'

/** A job without its number. */
type Job = StoreJob extends infer J ? (J extends StoreJob ? Omit<J, 'id'> : never) : never
type Answered = StoreAnswer & { ok: true }
interface Waiting {
  resolve(answer: Answered): void
  reject(error: StoreError): void
}

export const THREAD_DIED = (cause?: unknown): StoreError =>
  new StoreError(
    'storage-failed',
    'The thread that writes to the disk ended unexpectedly. It is started again; nothing is saved until that works.',
    cause,
  )

/** One life of the thread that owns the file: asked by number, and whoever waits when it ends is told that it ended. */
export class StoreThread {
  /** Resolves when the file is open; rejects with why it cannot be. */
  readonly opened: Promise<unknown>
  /** Resolves when the thread is gone and with it its lock on the file, however it ended. */
  readonly gone: Promise<void>
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0
  /** Why nothing is taken any more; null while serving. */
  #ended: StoreError | null = null

  constructor(options: {
    readonly file: string
    readonly nativeBinding?: string | undefined
    readonly worker?: URL
    readonly mustExist: boolean
  }) {
    const { file, nativeBinding, mustExist } = options
    const data: StoreWorkerData = { file, nativeBinding, mustExist }
    const script = options.worker ?? new URL('./sqlite-store-worker.ts', import.meta.url)
    // Its own arguments: what the program was started with (`--import`, `--input-type`) is not meant for this thread.
    const worker = new Worker(script, { workerData: data, execArgv: [] })
    this.#worker = worker
    this.opened = new Promise((resolve, reject) => this.#waiting.set(0, { resolve, reject }))
    this.gone = new Promise((resolve) => worker.once('exit', () => resolve()))
    worker.on('message', (answer: StoreAnswer) => this.#answered(answer))
    worker.on('error', (error) => this.#end(THREAD_DIED(error)))
    worker.on('exit', () => this.#end(THREAD_DIED()))
  }

  get ended(): StoreError | null {
    return this.#ended
  }

  ask(job: Job): Promise<Answered> {
    if (this.#ended !== null) return Promise.reject(this.#ended)
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#worker.postMessage({ ...job, id })
    })
  }

  /** Behind what was asked before; resolves when the thread is gone. */
  async close(): Promise<void> {
    if (this.#ended !== null) return this.gone
    const closed = this.ask({ op: 'close' })
    this.#ended = new StoreError('storage-closed', 'The storage was closed.')
    await closed
    return await this.gone
  }

  #answered(answer: StoreAnswer): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if (answer.ok) waiting?.resolve(answer)
    else waiting?.reject(new StoreError(answer.code, answer.message))
  }

  #end(error: StoreError): void {
    this.#ended ??= error
    for (const waiting of this.#waiting.values()) waiting.reject(error)
    this.#waiting.clear()
  }
}
