import { parentPort, workerData } from 'node:worker_threads'
import { serveStore } from './adapters/sqlite/worker.ts'
import { createRules } from './core/rules.ts'
import { domains } from './domains.ts'

// The store's thread: rules and database composed, because a decision may not leave its transaction.
if (parentPort === null) throw new Error('store-worker.ts runs as a worker thread')
const { folder } = workerData as { folder: string }
serveStore(parentPort, { folder, rules: createRules(domains), now: () => new Date().toISOString() })
