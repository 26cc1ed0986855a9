import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { StoreOpenError } from '../../ports/store-errors.ts'
import { unreachable } from '../../../relay/protocol/rights.ts'
import { CallQueue } from './call-queue.ts'
import { SqliteDatabase, type Answer, type Call, type DatabaseOptions } from './database.ts'

export type FromWorker =
  | { readonly kind: 'opened' }
  | { readonly kind: 'open-failed'; readonly code: StoreOpenError['code']; readonly message: string }
  | { readonly kind: 'answers'; readonly answers: readonly Answer[] }
  | { readonly kind: 'failed'; readonly what: string; readonly cause: string }
  | { readonly kind: 'backed-up'; readonly ref: number; readonly failure: string | null }
  | { readonly kind: 'closed' }
export type ToWorker =
  | { readonly kind: 'calls'; readonly calls: readonly Call[] }
  | { readonly kind: 'backup'; readonly ref: number; readonly file: string }
  | { readonly kind: 'close' }

/** How often the mark beside the database is brought up to date. */
const MARK_MS = 1_000
/**
 * How often history is looked at that may be due, and how soon again while more is (T16). A step deletes up to 500 rows: 10
 * a second keep up with the 5,000 events a second that the server takes, so that a busy machine may come late.
 */
const PRUNE_MS = 1_000
const PRUNE_AGAIN_MS = 25

/** The worker's side of the store: opens the database and answers calls until told to close. */
export function serveStore(port: MessagePort, options: Omit<DatabaseOptions, 'failed'>): void {
  const send = (message: FromWorker): void => port.postMessage(message)
  let database: SqliteDatabase
  try {
    database = new SqliteDatabase({
      ...options,
      failed: (what, cause) => send({ kind: 'failed', what, cause: describe(cause) }),
    })
  } catch (cause) {
    const known = cause instanceof StoreOpenError
    send({
      kind: 'open-failed',
      code: known ? cause.code : 'database-corrupt',
      message: known ? cause.message : unexpected(options.folder, cause),
    })
    port.close()
    return
  }
  send({ kind: 'opened' })
  const marking = setInterval(() => database.writeMark(), MARK_MS)
  const prune = (): void => {
    const isMoreDue = database.prune()
    pruning = setTimeout(prune, isMoreDue ? PRUNE_AGAIN_MS : PRUNE_MS)
  }
  let pruning = setTimeout(prune, PRUNE_MS)

  const queue = new CallQueue()
  const later: ToWorker[] = []
  let isScheduled = false
  /** One group; what is left has the next turns of the loop, so that timers and a backup get theirs. */
  const turn = (): void => {
    // Everything that arrived while the last group was being written is looked at for this one.
    hear()
    work()
    for (const message of later.splice(0)) take(message)
    if (queue.isEmpty) return
    isScheduled = true
    setImmediate(() => {
      isScheduled = false
      turn()
    })
  }
  const work = (): void => {
    if (queue.isEmpty) return
    send({ kind: 'answers', answers: database.run(queue.next(hear)) })
  }
  /** Something urgent may have come while a group is being carried out. What is no call is for when it is over. */
  const hear = (): void => {
    for (let next = receive(port); next !== undefined; next = receive(port)) {
      if (next.kind === 'calls') queue.add(next.calls)
      else later.push(next)
    }
  }
  const take = (message: ToWorker): void => {
    switch (message.kind) {
      case 'calls':
        return queue.add(message.calls)
      case 'backup':
        return backUp(database, message, send)
      case 'close':
        while (!queue.isEmpty) work()
        clearInterval(marking)
        clearTimeout(pruning)
        database.close()
        send({ kind: 'closed' })
        port.close()
        return undefined
      default:
        return unreachable(message)
    }
  }
  port.on('message', (message: ToWorker) => {
    take(message)
    if (!isScheduled) turn()
  })
}

/** What has arrived and was not heard yet. */
function receive(port: MessagePort): ToWorker | undefined {
  const waiting: { message: ToWorker } | undefined = receiveMessageOnPort(port)
  return waiting?.message
}

/** Page by page between the groups: writers wait for one step of it at most. */
function backUp(
  database: SqliteDatabase,
  { ref, file }: { ref: number; file: string },
  send: (m: FromWorker) => void,
): void {
  database.backup(file).then(
    () => send({ kind: 'backed-up', ref, failure: null }),
    (cause: unknown) => send({ kind: 'backed-up', ref, failure: describe(cause) }),
  )
}

/** A database that opens and does not fit: a person is told what to do, the cause stands behind it. */
function unexpected(folder: string, cause: unknown): string {
  const why = cause instanceof Error ? cause.message : String(cause)
  return `The database in ${folder} does not have the shape this Andon expects (${why}); it was written by another version: update Andon, or choose another folder with --data.`
}

function describe(cause: unknown): string {
  return cause instanceof Error ? `${cause.message}\n${cause.stack ?? ''}` : String(cause)
}
