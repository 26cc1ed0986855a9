import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readFloor, writeFloor } from './adapters/postgres/floor-file.ts'
import { DATABASE_FILE, makeFolder } from './adapters/sqlite/open-database.ts'
import { openSqliteStore, type SqliteStoreOptions } from './adapters/sqlite/sqlite-store.ts'
import type { Config } from './config.ts'
import { PIN_LAW } from './core/pin-limiter.ts'
import { KEPT_MS, MAX_PRUNED, RETENTION } from './core/retention.ts'
import { createRules } from './core/rules.ts'
import { domains } from './domains.ts'
import type { Backups } from './ports/backups.ts'
import type { SharedFloor } from './ports/shared-floor.ts'
import { StoreOpenError } from './ports/store-errors.ts'
import type { Store } from './ports/store.ts'

/** Told what goes wrong in a store that is open (`SqliteStoreOptions`). */
export type StoreTroubles = Pick<SqliteStoreOptions, 'failed' | 'died'>

/** `shared`: what it has in common with other nodes; null where there are none. */
export type OpenedStore = Store & Backups & { readonly shared: SharedFloor | null }

const COPIED_OTHERWISE =
  'This store is in PostgreSQL; copy it with "pg_dump" or PostgreSQL’s own backups, and its photos and files from the data folder.'
export const RESTORED_OTHERWISE =
  'This store is in PostgreSQL; restore it with "pg_restore" or PostgreSQL’s own backups while no server runs on it.'

/**
 * The store of this configuration: the one place that knows what it is made of. A further kind of store is chosen here.
 *
 * @throws {StoreOpenError} with a sentence that says what to do
 */
export async function openStore(
  { data, database }: Pick<Config, 'data' | 'database'>,
  troubles: StoreTroubles,
): Promise<OpenedStore> {
  if (database !== null) return await openInPostgres(database, data, troubles)
  const worker = new URL('./store-worker.ts', import.meta.url)
  return Object.assign(await openSqliteStore({ ...troubles, folder: data, worker }), { shared: null })
}

/** Whatever is no truth of the floor, or its files, stays in the data folder, and so does which floor it belongs to. */
async function openInPostgres(url: string, data: string, { failed }: StoreTroubles): Promise<OpenedStore> {
  if (existsSync(join(data, DATABASE_FILE))) {
    throw new StoreOpenError(
      'database-other',
      `The data folder ${data} holds a floor in a file already, which cannot be moved to PostgreSQL yet; choose an empty folder with --data, or leave --database out.`,
    )
  }
  // Loaded only where it is wanted: a floor in a file starts without it.
  const { openPostgresStore } = await import('./adapters/postgres/postgres-store.ts')
  const { store, floor, shared } = await openPostgresStore({
    url,
    floor: readFloor(data),
    rules: createRules(domains),
    pins: PIN_LAW,
    retention: { channels: RETENTION, maxPruned: MAX_PRUNED, kept: KEPT_MS },
    failed: (what, cause) =>
      failed(what, cause instanceof Error ? `${cause.message}\n${cause.stack ?? ''}` : String(cause)),
  })
  try {
    makeFolder(data)
    writeFloor(data, floor)
  } catch (cause) {
    await store.close()
    throw new StoreOpenError(
      'database-unwritable',
      `The data folder ${data} cannot be written to; check its owner and rights, or choose another with --data.`,
      { cause },
    )
  }
  return Object.assign(store, {
    shared,
    backup: () => Promise.reject(new Error(COPIED_OTHERWISE)),
    otherwise: COPIED_OTHERWISE,
  })
}
