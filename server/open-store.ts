import { openSqliteStore, type SqliteStoreOptions } from './adapters/sqlite/sqlite-store.ts'
import type { Config } from './config.ts'
import type { Backups } from './ports/backups.ts'
import type { Store } from './ports/store.ts'

/** Told what goes wrong in a store that is open (`SqliteStoreOptions`). */
export type StoreTroubles = Pick<SqliteStoreOptions, 'failed' | 'died'>

/**
 * The store of this configuration: the one place that knows what it is made of. A further kind of store is chosen here.
 *
 * @throws {StoreOpenError} with a sentence that says what to do
 */
export function openStore({ data }: Pick<Config, 'data'>, troubles: StoreTroubles): Promise<Store & Backups> {
  return openSqliteStore({ ...troubles, folder: data, worker: new URL('./store-worker.ts', import.meta.url) })
}
