import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readFloor, writeFloor } from './adapters/postgres/floor-file.ts'
import type { ConfirmedCommits, Judgement } from './adapters/postgres/lineage.ts'
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
export interface StoreTroubles extends Pick<SqliteStoreOptions, 'failed' | 'died'> {
  /** The database went on without what was confirmed: this store takes nothing more and is to be opened again. */
  readonly renewed: (judgement: Judgement) => void
}

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
  config: Pick<Config, 'data' | 'database' | 'redis'>,
  troubles: StoreTroubles,
): Promise<OpenedStore> {
  const { data, database } = config
  if (database !== null) return await openInPostgres(database, config, troubles)
  const worker = new URL('./store-worker.ts', import.meta.url)
  return Object.assign(await openSqliteStore({ ...troubles, folder: data, worker }), { shared: null })
}

/** Whatever is no truth of the floor, or its files, stays in the data folder, and so does which floor it belongs to. */
async function openInPostgres(
  url: string,
  { data, redis }: Pick<Config, 'data' | 'redis'>,
  { failed, renewed }: StoreTroubles,
): Promise<OpenedStore> {
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
    confirmed: await confirmedBeside(data, redis, (cause) => failed('commit-file', String(cause))),
    renewed,
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

/** What this node confirmed is kept in its data folder, and what all of them did in Redis, where there is one. */
async function confirmedBeside(
  data: string,
  redis: string | null,
  failed: (cause: unknown) => void,
): Promise<(floor: string) => ConfirmedCommits> {
  const { joinConfirmed } = await import('./adapters/postgres/lineage.ts')
  const { CommitFile } = await import('./adapters/postgres/commit-file.ts')
  const shared = redis === null ? null : await import('./adapters/redis/redis-commits.ts')
  return (floor) => {
    const file = new CommitFile(data, failed)
    if (redis === null || shared === null) return file
    return joinConfirmed([file, new shared.RedisCommits({ url: redis, floor })])
  }
}
