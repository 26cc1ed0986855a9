import { parentPort, workerData } from 'node:worker_threads'
import { serveSeries } from './adapters/sqlite/series-worker.ts'
import { seriesRules } from './core/downsampling.ts'

// The history's thread: how it is thinned out and where it lies, composed.
if (parentPort === null) throw new Error('series-worker.ts runs as a worker thread')
const { folder } = workerData as { folder: string }
serveSeries(parentPort, { folder, rules: seriesRules, now: () => Date.now() })
