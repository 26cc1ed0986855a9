import { Worker } from 'node:worker_threads'
import type { SearchFound, SearchIndex, SearchState } from '../../ports/search.ts'
import type { FromSearchWorker, SearchAnswer, SearchAsk, ToSearchWorker } from './search-worker.ts'

export interface SqliteSearchOptions {
  readonly folder: string
  /** Module that composes rules and database in the thread. */
  readonly worker: URL
  /** Told what went wrong; the floor goes on without its search. */
  readonly failed: (what: string, cause: string) => void
}

/** Pause before a thread is started again that could not be. */
const RETRY_MS = 5_000
const ENDED = 'The thread of the search ended.'

interface Waiting {
  resolve(value: SearchAnswer): void
  reject(cause: Error): void
}

/**
 * The index in a file and a thread of its own, which begins with the first question. Where it cannot be opened or ended, every
 * call rejects, and one of those after a pause tries again.
 */
export function openSqliteSearch(options: SqliteSearchOptions): SearchIndex {
  const thread = new SearchThread(options)
  // The thread answers each question with its own type (`carryOut`).
  return {
    begin: (incarnation) => thread.ask({ kind: 'begin', incarnation }) as Promise<SearchState>,
    write: async (batch) => {
      await thread.ask({ kind: 'write', batch })
    },
    find: (question) => thread.ask({ kind: 'find', question }) as Promise<SearchFound>,
    counts: () => thread.ask({ kind: 'counts' }) as Promise<{ items: number; bytes: number }>,
    close: () => thread.close(),
  }
}

class SearchThread {
  readonly #options: SqliteSearchOptions
  #worker: Promise<Worker> | null = null
  /** Of the thread before: the file is its own until it is gone. */
  #exited: Promise<void> = Promise.resolve()
  #isResting = false
  #isClosed = false
  readonly #asked = new Map<number, Waiting>()
  #nextRef = 1

  constructor(options: SqliteSearchOptions) {
    this.#options = options
  }

  async ask(ask: SearchAsk): Promise<SearchAnswer> {
    if (this.#isClosed) throw new Error('The search is closed.')
    if (this.#isResting) throw new Error('The search could not be opened a moment ago.')
    const worker = await (this.#worker ??= this.#start())
    const ref = this.#nextRef++
    worker.postMessage({ kind: 'ask', ref, ask } satisfies ToSearchWorker)
    return await new Promise((resolve, reject) => this.#asked.set(ref, { resolve, reject }))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const worker = await this.#worker?.catch(() => null)
    worker?.postMessage({ kind: 'close' } satisfies ToSearchWorker)
    await this.#exited
  }

  async #start(): Promise<Worker> {
    await this.#exited
    const { folder, worker: script } = this.#options
    const worker = new Worker(script, { workerData: { folder } })
    let cause: unknown = ENDED
    worker.on('error', (error: Error) => (cause = error))
    worker.on('message', (message: FromSearchWorker) => this.#received(message))
    this.#exited = new Promise((resolve) =>
      worker.once('exit', () => {
        this.#ended(cause)
        resolve()
      }),
    )
    try {
      await new Promise<void>((resolve, reject) => {
        worker.once('error', reject)
        worker.once('exit', () => reject(new Error(ENDED)))
        worker.on('message', (message: FromSearchWorker) => {
          if (message.kind === 'failed') this.#options.failed(message.what, message.cause)
          if (message.kind === 'open-failed') reject(new Error(message.message))
          if (message.kind === 'opened') resolve()
        })
      })
      return worker
    } catch (failure) {
      cause = failure
      this.#isResting = true
      setTimeout(() => (this.#isResting = false), RETRY_MS).unref()
      throw failure
    }
  }

  #received(message: FromSearchWorker): void {
    if (message.kind !== 'done' && message.kind !== 'refused') return
    const waiting = this.#asked.get(message.ref)
    this.#asked.delete(message.ref)
    if (message.kind === 'done') waiting?.resolve(message.value)
    else waiting?.reject(new Error(message.cause))
  }

  /** Whoever waits is told; what comes next starts another thread. */
  #ended(cause: unknown): void {
    this.#worker = null
    if (!this.#isClosed) this.#options.failed('search-ended', String(cause))
    for (const waiting of this.#asked.values()) waiting.reject(new Error(ENDED, { cause }))
    this.#asked.clear()
  }
}
