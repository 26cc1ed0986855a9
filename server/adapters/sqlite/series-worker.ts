import type { MessagePort } from 'node:worker_threads'
import { unreachable } from '../../../relay/protocol/rights.ts'
import { StoreOpenError } from '../../ports/store-errors.ts'
import type { KeptAnswer, SeriesRange, SeriesRead, SeriesSample } from '../../ports/series.ts'
import { SeriesDatabase, type SeriesDatabaseOptions } from './series-database.ts'

export type ToSeriesWorker =
  | { readonly kind: 'append'; readonly ref: number; readonly samples: readonly SeriesSample[] }
  | { readonly kind: 'keep'; readonly ref: number; readonly answer: KeptAnswer }
  | { readonly kind: 'answer'; readonly ref: number; readonly apiKey: string; readonly key: string }
  | { readonly kind: 'read'; readonly ref: number; readonly range: SeriesRange }
  | { readonly kind: 'close' }

export type FromSeriesWorker =
  | { readonly kind: 'opened' }
  | { readonly kind: 'open-failed'; readonly code: StoreOpenError['code']; readonly message: string }
  | { readonly kind: 'done'; readonly ref: number; readonly value: SeriesRead | KeptAnswer | null }
  | { readonly kind: 'refused'; readonly ref: number; readonly cause: string }
  | { readonly kind: 'failed'; readonly what: string; readonly cause: string }

/** Between two pieces of cleaning up. */
const PRUNE_MS = 1_000

/** The thread that owns the file: carries out one message after the other until told to close. */
export function serveSeries(port: MessagePort, options: Omit<SeriesDatabaseOptions, 'failed'>): void {
  const send = (message: FromSeriesWorker): void => port.postMessage(message)
  let database: SeriesDatabase
  try {
    database = new SeriesDatabase({
      ...options,
      failed: (what, cause) => send({ kind: 'failed', what, cause: String(cause) }),
    })
  } catch (cause) {
    const code = cause instanceof StoreOpenError ? cause.code : 'database-corrupt'
    send({ kind: 'open-failed', code, message: cause instanceof Error ? cause.message : String(cause) })
    port.close()
    return
  }
  send({ kind: 'opened' })
  const pruning = setInterval(() => {
    try {
      database.prune()
    } catch (cause) {
      send({ kind: 'failed', what: 'series-prune', cause: String(cause) })
    }
  }, PRUNE_MS)

  port.on('message', (message: ToSeriesWorker) => {
    if (message.kind === 'close') {
      clearInterval(pruning)
      database.close()
      port.close()
      return
    }
    try {
      send({ kind: 'done', ref: message.ref, value: carryOut(database, message) })
    } catch (cause) {
      send({ kind: 'refused', ref: message.ref, cause: String(cause) })
    }
  })
}

function carryOut(
  database: SeriesDatabase,
  message: Exclude<ToSeriesWorker, { kind: 'close' }>,
): SeriesRead | KeptAnswer | null {
  switch (message.kind) {
    case 'append':
      database.append(message.samples)
      return null
    case 'keep':
      database.keepAnswer(message.answer)
      return null
    case 'answer':
      return database.answer(message.apiKey, message.key)
    case 'read':
      return database.read(message.range)
    default:
      return unreachable(message)
  }
}
