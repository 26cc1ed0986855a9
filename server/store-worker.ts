import { parentPort, workerData } from 'node:worker_threads'
import { serveStore } from './adapters/sqlite/worker.ts'
import { KEPT_MS, MAX_PRUNED, RETENTION } from './core/retention.ts'
import { createRules } from './core/rules.ts'
import { domains } from './domains.ts'

// The store's thread: rules and database composed, because a decision may not leave its transaction.
if (parentPort === null) throw new Error('store-worker.ts runs as a worker thread')
const { folder } = workerData as { folder: string }
serveStore(parentPort, {
  folder,
  rules: createRules(domains),
  retention: { channels: RETENTION, maxPruned: MAX_PRUNED, kept: KEPT_MS },
  now: () => new Date().toISOString(),
})
