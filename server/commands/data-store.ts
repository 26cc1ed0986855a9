import { openSqliteStore } from '../adapters/sqlite/sqlite-store.ts'
import { environment, loadConfig } from '../config.ts'
import { StoreOpenError, type Store } from '../ports/store.ts'
import { exit } from './exit.ts'

/** The store of the data folder for one piece of work, and closed again whatever happens. */
export async function withStore(
  flags: Readonly<Record<string, unknown>>,
  work: (store: Store) => Promise<void>,
): Promise<void> {
  const loaded = loadConfig({ flags, env: environment() })
  if (!loaded.ok) return exit(2, loaded.message)
  const store = await open(loaded.config.data)
  try {
    await work(store)
  } finally {
    await store.close()
  }
}

async function open(folder: string): Promise<Store> {
  try {
    return await openSqliteStore({
      folder,
      worker: new URL('../store-worker.ts', import.meta.url),
      // Neither needs an answer of its own: the call that was under way is refused, and says so.
      failed: () => undefined,
      died: () => undefined,
    })
  } catch (error) {
    if (error instanceof StoreOpenError) return exit(1, error.message)
    throw error
  }
}
