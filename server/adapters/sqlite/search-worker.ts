import type { MessagePort } from 'node:worker_threads'
import type { Incarnation } from '../../../relay/protocol/ids.ts'
import { unreachable } from '../../../relay/protocol/rights.ts'
import type { SearchBatch, SearchFound, SearchQuestion, SearchRules, SearchState } from '../../ports/search.ts'
import { SearchDatabase } from './search-database.ts'
import { isDamaged } from './side-file.ts'

export type SearchAsk =
  | { readonly kind: 'begin'; readonly incarnation: Incarnation }
  | { readonly kind: 'write'; readonly batch: SearchBatch }
  | { readonly kind: 'find'; readonly question: SearchQuestion }
  | { readonly kind: 'counts' }

export type ToSearchWorker =
  | { readonly kind: 'ask'; readonly ref: number; readonly ask: SearchAsk }
  | { readonly kind: 'close' }

export type SearchAnswer = SearchState | SearchFound | { readonly items: number; readonly bytes: number } | null

export type FromSearchWorker =
  | { readonly kind: 'opened' }
  | { readonly kind: 'open-failed'; readonly message: string }
  | { readonly kind: 'done'; readonly ref: number; readonly value: SearchAnswer }
  | { readonly kind: 'refused'; readonly ref: number; readonly cause: string }
  | { readonly kind: 'failed'; readonly what: string; readonly cause: string }

/** The thread that owns the file: carries out one message after the other until told to close. */
export function serveSearch(
  port: MessagePort,
  { folder, rules }: { readonly folder: string; readonly rules: SearchRules },
): void {
  const send = (message: FromSearchWorker): void => port.postMessage(message)
  let database: SearchDatabase
  try {
    database = new SearchDatabase({
      folder,
      rules,
      failed: (what, cause) => send({ kind: 'failed', what, cause: String(cause) }),
    })
  } catch (cause) {
    send({ kind: 'open-failed', message: String(cause) })
    port.close()
    return
  }
  send({ kind: 'opened' })
  port.on('message', (message: ToSearchWorker) => {
    if (message.kind === 'close') {
      database.close()
      port.close()
      return
    }
    try {
      send({ kind: 'done', ref: message.ref, value: carryOut(database, message.ask) })
    } catch (cause) {
      send({ kind: 'refused', ref: message.ref, cause: String(cause) })
      if (!isDamaged(cause)) return
      // The next thread makes it anew.
      database.discard()
      port.close()
    }
  })
}

function carryOut(database: SearchDatabase, ask: SearchAsk): SearchAnswer {
  switch (ask.kind) {
    case 'begin':
      return database.begin(ask.incarnation)
    case 'write':
      database.write(ask.batch)
      return null
    case 'find':
      return database.find(ask.question)
    case 'counts':
      return database.counts()
    default:
      return unreachable(ask)
  }
}
