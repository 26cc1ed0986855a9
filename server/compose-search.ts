import type { Logger } from 'pino'
import { openSqliteSearch } from './adapters/sqlite/search-index.ts'
import { SearchDesk, type SearchDeskOptions } from './search-desk.ts'

/** What is found again, in a file and a thread of its own; it begins to look through the store at once. */
export function openSearch(
  folder: string,
  { store, words, log }: Pick<SearchDeskOptions, 'store' | 'words'> & { readonly log: Logger },
): SearchDesk {
  const index = openSqliteSearch({
    folder,
    worker: new URL('./search-worker.ts', import.meta.url),
    failed: (what, cause) => log.error({ event: 'search-failed', what, cause }),
  })
  const desk = new SearchDesk({ index, store, words, log })
  desk.start()
  return desk
}
