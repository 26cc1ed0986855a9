import { environment, loadConfig, type Config } from '../config.ts'
import { openStore } from '../open-store.ts'
import type { Store } from '../ports/store.ts'
import { StoreOpenError } from '../ports/store-errors.ts'
import { exit } from './exit.ts'

/** The store of the data folder for one piece of work, and closed again whatever happens. */
export async function withStore(
  flags: Readonly<Record<string, unknown>>,
  work: (store: Store) => Promise<void>,
): Promise<void> {
  const loaded = loadConfig({ flags, env: environment() })
  if (!loaded.ok) return exit(2, loaded.message)
  const store = await open(loaded.config)
  try {
    await work(store)
  } finally {
    await store.close()
  }
}

async function open(config: Config): Promise<Store> {
  try {
    return await openStore(config, {
      // Neither needs an answer of its own: the call that was under way is refused, and says so.
      failed: () => undefined,
      died: () => undefined,
      renewed: () => undefined,
    })
  } catch (error) {
    if (error instanceof StoreOpenError) return exit(1, error.message)
    throw error
  }
}
