/**
 * The thread that owns a relay's database file; `sqlite-store-thread.ts` holds the other end. Whatever waits when it looks is
 * one group: neighbouring writes share one transaction and its fsync (group commit).
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { openSqliteFile, type SqliteFile, type TextRow, type TextWrite } from './sqlite-file.ts'
import { StoreError, type StoreErrorCode } from './store-error.ts'
import type { Range, Table } from '../ports.ts'

export interface StoreWorkerData {
  readonly file: string
  readonly nativeBinding: string | undefined
  /** The file was there before and is not made anew. */
  readonly mustExist: boolean
}
export type StoreJob =
  | { readonly id: number; readonly op: 'read'; readonly table: Table; readonly range: Range }
  | { readonly id: number; readonly op: 'write'; readonly writes: readonly TextWrite[] }
  | { readonly id: number; readonly op: 'close' }
/** `id` is the job's; 0 answers the opening. */
export type StoreAnswer =
  | { readonly id: number; readonly ok: true; readonly rows: readonly TextRow[] }
  | { readonly id: number; readonly ok: false; readonly code: StoreErrorCode; readonly message: string }

/** Jobs taken at once: more would keep the first of them waiting without making the fsync any cheaper. */
const MAX_GROUP = 512

if (parentPort === null) throw new Error('sqlite-store-worker.ts runs as a worker of sqlite-store-thread.ts')
const port = parentPort
const { file, nativeBinding, mustExist } = workerData as StoreWorkerData

try {
  const opened = openSqliteFile(file, { nativeBinding, mustExist })
  port.on('message', (first: StoreJob) => work(opened, [first, ...takeWaiting(MAX_GROUP - 1)]))
  answer({ id: 0, ok: true, rows: [] })
} catch (error) {
  fail(0, error)
  port.close() // the next start waits for the end of this thread
}

function takeWaiting(atMost: number): StoreJob[] {
  const jobs: StoreJob[] = []
  while (jobs.length < atMost) {
    const received: { readonly message: StoreJob } | undefined = receiveMessageOnPort(port)
    if (received === undefined) break
    jobs.push(received.message)
  }
  return jobs
}

/** In the order of the jobs; a read sees every write before it. */
function work(db: SqliteFile, jobs: readonly StoreJob[]): void {
  let group: (StoreJob & { op: 'write' })[] = []
  const commit = () => {
    if (group.length === 0) return
    const failures = db.write(group.map((job) => job.writes))
    for (const [index, job] of group.entries()) {
      const failure = failures[index] ?? null
      if (failure === null) answer({ id: job.id, ok: true, rows: [] })
      else fail(job.id, failure)
    }
    group = []
  }
  for (const job of jobs) {
    if (job.op === 'write') {
      group.push(job)
      continue
    }
    commit()
    if (job.op === 'read') read(db, job)
    else close(db, job.id)
  }
  commit()
}

function read(db: SqliteFile, job: StoreJob & { op: 'read' }): void {
  try {
    answer({ id: job.id, ok: true, rows: db.read(job.table, job.range) })
  } catch (error) {
    fail(job.id, error)
  }
}

function close(db: SqliteFile, id: number): void {
  db.close()
  answer({ id, ok: true, rows: [] })
  port.close() // nothing keeps the thread alive now
}

function fail(id: number, error: unknown): void {
  const { code, message } =
    error instanceof StoreError ? error : { code: 'storage-failed' as const, message: String(error) }
  answer({ id, ok: false, code, message })
}

function answer(message: StoreAnswer): void {
  port.postMessage(message)
}
