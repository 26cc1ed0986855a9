import { parentPort, workerData } from 'node:worker_threads'
import { giveWay } from './adapters/background-thread.ts'
import { serveSearch } from './adapters/sqlite/search-worker.ts'
import { searchRules } from './core/search-words.ts'

// The search's thread: how words are found and where the index lies, composed.
if (parentPort === null) throw new Error('search-worker.ts runs as a worker thread')
giveWay()
const { folder } = workerData as { folder: string }
serveSearch(parentPort, { folder, rules: searchRules })
