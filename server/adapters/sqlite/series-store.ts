import { Worker } from 'node:worker_threads'
import type { KeptAnswer, SeriesRead, SeriesSample, SeriesStore } from '../../ports/series.ts'
import { StoreOpenError } from '../../ports/store-errors.ts'
import type { FromSeriesWorker, ToSeriesWorker } from './series-worker.ts'

export interface SqliteSeriesOptions {
  readonly folder: string
  /** Module that composes rules and database in the worker thread. */
  readonly worker: URL
  /** Told what went wrong without failing a call; the floor goes on without its history. */
  readonly failed: (what: string, cause: string) => void
  /** Between two batches, milliseconds. */
  readonly batchMs?: number
}

/** Samples that may wait for the disk: half a minute of a large site. Beyond it new ones are lost, counted. */
export const MAX_WAITING_SAMPLES = 100_000
/** Samples of one transaction: bounds how long a reader waits for it. */
const MAX_BATCH = 5_000
const BATCH_MS = 1_000
/** Pause after a batch that the disk did not take. */
const RETRY_MS = 5_000

interface Waiting {
  resolve(value: SeriesRead | KeptAnswer | null): void
  reject(cause: Error): void
}

/**
 * Opens the past of signals, in a file and a thread of its own: however much comes, no durable command waits for it.
 *
 * @throws {StoreOpenError} with a sentence that says what to do
 */
export async function openSqliteSeries(options: SqliteSeriesOptions): Promise<SeriesStore> {
  const series = new SqliteSeries(options)
  await series.open()
  return series
}

/** A thread that has the file open. */
async function startThread({ folder, worker: script, failed }: SqliteSeriesOptions): Promise<Worker> {
  const worker = new Worker(script, { workerData: { folder } })
  await new Promise<void>((resolve, reject) => {
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error(ENDED)))
    worker.on('message', (message: FromSeriesWorker) => {
      if (message.kind === 'failed') failed(message.what, message.cause)
      if (message.kind === 'open-failed') reject(new StoreOpenError(message.code, message.message))
      if (message.kind === 'opened') resolve()
    })
  })
  return worker
}

const ENDED = 'The thread of the history ended.'

class SqliteSeries implements SeriesStore {
  /** Null while there is none: the next call starts another (Y4). */
  #worker: Worker | null = null
  #starting: Promise<Worker> | null = null
  /** Of the thread before: the file is its own until it is gone. */
  #exited: Promise<void> = Promise.resolve()
  /** Why the last start failed, for as long as no other is tried. */
  #refusal: Error | null = null
  readonly #options: SqliteSeriesOptions
  readonly #asked = new Map<number, Waiting>()
  #nextRef = 1
  #queue: SeriesSample[] = []
  #inFlight = 0
  #timer: NodeJS.Timeout | null = null
  #writing: Promise<void> = Promise.resolve()
  #lost = 0
  /** The disk did not take the last batch: the next attempt waits for its pause. */
  #isFailing = false
  /** Why nothing is taken any more. */
  #gone: Error | null = null

  constructor(options: SqliteSeriesOptions) {
    this.#options = options
  }

  async open(): Promise<void> {
    await this.#start()
  }

  async #start(): Promise<Worker> {
    await this.#exited
    const worker = await startThread(this.#options)
    this.#exited = new Promise((resolve) => worker.once('exit', () => resolve()))
    worker.on('message', (message: FromSeriesWorker) => this.#received(message))
    worker.on('error', (cause: Error) => this.#die(worker, cause))
    worker.on('exit', () => this.#die(worker, new Error(ENDED)))
    this.#worker = worker
    return worker
  }

  /** One start at a time; after one that failed the next waits, as a batch does that the disk did not take. */
  #again(): Promise<Worker> {
    if (this.#refusal !== null) return Promise.reject(this.#refusal)
    this.#starting ??= this.#start()
      .catch((cause: unknown) => {
        this.#refusal = cause instanceof Error ? cause : new Error(String(cause))
        setTimeout(() => (this.#refusal = null), RETRY_MS).unref()
        throw this.#refusal
      })
      .finally(() => (this.#starting = null))
    return this.#starting
  }

  append(samples: readonly SeriesSample[]): boolean {
    if (this.#gone !== null || this.#queue.length + this.#inFlight + samples.length > MAX_WAITING_SAMPLES) {
      this.#lost += samples.length
      return false
    }
    for (const sample of samples) this.#queue.push(sample)
    const isDue = this.#queue.length >= MAX_BATCH && !this.#isFailing
    this.#plan(isDue ? 0 : (this.#options.batchMs ?? BATCH_MS))
    return true
  }

  async keepAnswer(answer: KeptAnswer): Promise<void> {
    await this.#write()
    await this.#ask((ref) => ({ kind: 'keep', ref, answer }))
  }

  async answer(apiKey: string, key: string): Promise<KeptAnswer | null> {
    return (await this.#ask((ref) => ({ kind: 'answer', ref, apiKey, key }))) as KeptAnswer | null
  }

  async read(range: Parameters<SeriesStore['read']>[0]): Promise<SeriesRead | null> {
    await this.#write()
    return (await this.#ask((ref) => ({ kind: 'read', ref, range }))) as SeriesRead | null
  }

  counts(): ReturnType<SeriesStore['counts']> {
    return { waiting: this.#queue.length + this.#inFlight, lost: this.#lost }
  }

  async close(): Promise<void> {
    if (this.#gone !== null) return
    await this.#write()
    this.#lost += this.#queue.length
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#gone = new Error('The history is closed.')
    // A start that is under way for somebody who reads is waited for: its thread would have the file for ever.
    await this.#starting?.catch(() => undefined)
    this.#worker?.postMessage({ kind: 'close' } satisfies ToSeriesWorker)
    await this.#exited
  }

  #plan(afterMs: number): void {
    if (this.#timer !== null && afterMs > 0) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#timer = null
      void this.#write()
    }, afterMs)
  }

  /** Writes everything that waits by now, batch after batch; resolves also when the disk did not take it. */
  #write(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      while (this.#queue.length > 0 && this.#gone === null) {
        const batch = this.#queue.slice(0, MAX_BATCH)
        this.#queue = this.#queue.slice(MAX_BATCH)
        this.#inFlight = batch.length
        const cause = await this.#append(batch)
        this.#inFlight = 0
        this.#isFailing = cause !== null
        if (cause === null) continue
        // Back in its place: what the disk takes later is as good, and the bound decides when there is too much.
        this.#queue = [...batch, ...this.#queue]
        this.#options.failed('series-write', cause)
        this.#plan(RETRY_MS)
        return
      }
    })
    return this.#writing
  }

  /** Null when it is written, else why not. */
  async #append(samples: readonly SeriesSample[]): Promise<string | null> {
    try {
      await this.#ask((ref) => ({ kind: 'append', ref, samples }))
      return null
    } catch (cause) {
      return String(cause)
    }
  }

  async #ask(message: (ref: number) => ToSeriesWorker): Promise<SeriesRead | KeptAnswer | null> {
    if (this.#gone !== null) throw this.#gone
    const worker = this.#worker ?? (await this.#again())
    // It may have died while its opening was being told.
    if (this.#worker !== worker) throw new Error(ENDED)
    const ref = this.#nextRef++
    worker.postMessage(message(ref))
    return await new Promise((resolve, reject) => this.#asked.set(ref, { resolve, reject }))
  }

  #received(message: FromSeriesWorker): void {
    if (message.kind !== 'done' && message.kind !== 'refused') return
    const waiting = this.#asked.get(message.ref)
    this.#asked.delete(message.ref)
    if (message.kind === 'done') waiting?.resolve(message.value)
    else waiting?.reject(new Error(message.cause))
  }

  /** Whoever waits is told. A batch that was under way is written again: what it had written already counts once (Y5). */
  #die(worker: Worker, cause: Error): void {
    if (this.#worker !== worker) return
    this.#worker = null
    if (this.#gone === null) this.#options.failed('series-died', String(cause))
    for (const waiting of this.#asked.values()) waiting.reject(cause)
    this.#asked.clear()
  }
}
