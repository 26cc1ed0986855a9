import { Worker } from 'node:worker_threads'
import type { Backups } from '../../ports/backups.ts'
import type { Store } from '../../ports/store.ts'
import { StoreOpenError, StoreUnavailable } from '../../ports/store-errors.ts'
import type { Call, Method } from './database.ts'
import { keepSite } from './kept-site.ts'
import type { FromWorker, ToWorker } from './worker.ts'

export interface SqliteStoreOptions {
  readonly folder: string
  /** Module that composes rules and database in the worker thread. */
  readonly worker: URL
  /** Told what went wrong inside the worker without failing a call: causes of `handler-failed`, of commits not taken. */
  readonly failed: (what: string, cause: string) => void
  /** Called once when the worker died by itself; every later call is refused. */
  readonly died: (cause: Error) => void
}

interface Waiting {
  resolve(value: unknown): void
  reject(cause: Error): void
}

/**
 * Opens the store on SQLite in a thread of its own.
 *
 * @throws {StoreOpenError} with a sentence that says what to do
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store & Backups> {
  const worker = new Worker(options.worker, { workerData: { folder: options.folder } })
  await new Promise<void>((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (message: FromWorker) => {
      worker.off('error', reject)
      if (message.kind === 'open-failed') reject(new StoreOpenError(message.code, message.message))
      else resolve()
    })
  })
  return new SqliteStore(worker, options).port
}

/** The port's face in the main thread: what is called within a tick crosses to the worker as one message. */
class SqliteStore {
  readonly port: Store & Backups
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #calls: Call[] = []
  #nextRef = 1
  #closed: Promise<void> | null = null
  #dead: Error | null = null

  constructor(worker: Worker, options: SqliteStoreOptions) {
    this.#worker = worker
    worker.on('message', (message: FromWorker) => this.#received(message, options))
    worker.on('error', (cause: Error) => this.#die(cause, options))
    worker.on('exit', () => {
      if (this.#closed === null) this.#die(new Error('The store’s worker ended.'), options)
    })
    const call = <M extends Method>(method: M): Store[M] =>
      ((...args: unknown[]) => this.#call(method, args)) as unknown as Store[M]
    const site = keepSite({
      areas: call('areas'),
      addArea: call('addArea'),
      apiKeyByHash: call('apiKeyByHash'),
      putApiKey: call('putApiKey'),
    })
    this.port = {
      ...site,
      submit: call('submit'),
      confirm: call('confirm'),
      greet: call('greet'),
      moveLink: call('moveLink'),
      tail: call('tail'),
      resume: call('resume'),
      oldest: call('oldest'),
      events: call('events'),
      snapshotStart: call('snapshotStart'),
      lastEvents: call('lastEvents'),
      records: call('records'),
      record: call('record'),
      message: call('message'),
      timers: call('timers'),
      timersWaiting: call('timersWaiting'),
      recordReceipts: call('recordReceipts'),
      receipts: call('receipts'),
      passUrgent: call('passUrgent'),
      device: call('device'),
      devices: call('devices'),
      usedDevices: call('usedDevices'),
      seen: call('seen'),
      deviceCounts: call('deviceCounts'),
      operator: call('operator'),
      operators: call('operators'),
      putOperator: call('putOperator'),
      session: call('session'),
      putSession: call('putSession'),
      pastSignIns: call('pastSignIns'),
      apiKeys: call('apiKeys'),
      signingKeys: call('signingKeys'),
      offerSigningKey: call('offerSigningKey'),
      heard: call('heard'),
      lastHeard: call('lastHeard'),
      incarnation: call('incarnation'),
      reviews: call('reviews'),
      probe: call('probe'),
      backup: (file) => this.#backup(file),
      close: () => (this.#closed ??= this.#close()),
    }
  }

  #call(method: Method, args: readonly unknown[]): Promise<unknown> {
    if (this.#dead !== null) return Promise.reject(this.#dead)
    if (this.#closed !== null) return Promise.reject(new Error('The store is closed.'))
    const ref = this.#nextRef++
    // After this turn's input, not within it: what one socket read brought is one message and one commit.
    if (this.#calls.length === 0) setImmediate(() => this.#flush())
    this.#calls.push({ ref, method, args })
    return new Promise((resolve, reject) => this.#waiting.set(ref, { resolve, reject }))
  }

  #backup(file: string): Promise<void> {
    if (this.#dead !== null) return Promise.reject(this.#dead)
    const ref = this.#nextRef++
    this.#post({ kind: 'backup', ref, file })
    return new Promise((resolve, reject) => this.#waiting.set(ref, { resolve: () => resolve(), reject }))
  }

  #flush(): void {
    const calls = this.#calls
    this.#calls = []
    if (calls.length > 0) this.#post({ kind: 'calls', calls })
  }

  #received(message: FromWorker, options: SqliteStoreOptions): void {
    if (message.kind === 'failed') options.failed(message.what, message.cause)
    if (message.kind === 'backed-up') {
      const waiting = this.#waiting.get(message.ref)
      this.#waiting.delete(message.ref)
      if (message.failure === null) waiting?.resolve(undefined)
      else waiting?.reject(new Error(message.failure))
    }
    if (message.kind !== 'answers') return
    for (const answer of message.answers) {
      const waiting = this.#waiting.get(answer.ref)
      this.#waiting.delete(answer.ref)
      if (answer.ok) waiting?.resolve(answer.value)
      else waiting?.reject(answer.isUnavailable ? new StoreUnavailable(answer.message) : new Error(answer.message))
    }
  }

  #die(cause: Error, options: SqliteStoreOptions): void {
    if (this.#dead !== null) return
    this.#dead = cause
    for (const waiting of this.#waiting.values()) waiting.reject(cause)
    this.#waiting.clear()
    options.died(cause)
  }

  /** Finishes what was called before, then closes the database. */
  async #close(): Promise<void> {
    if (this.#dead !== null) return
    this.#flush()
    const ended = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()))
    this.#post({ kind: 'close' })
    await ended
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message)
  }
}
