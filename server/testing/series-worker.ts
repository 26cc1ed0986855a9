import { parentPort, workerData } from 'node:worker_threads'
import { serveSeries } from '../adapters/sqlite/series-worker.ts'
import { seriesRules } from '../core/downsampling.ts'
import { START } from './start.ts'

// The history's thread of a floor whose time stands still: nothing grows old under a test, whenever it runs.
if (parentPort === null) throw new Error('series-worker.ts runs as a worker thread')
const { folder } = workerData as { folder: string }
serveSeries(parentPort, { folder, rules: seriesRules, now: () => START })
