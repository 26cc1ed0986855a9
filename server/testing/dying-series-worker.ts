/** The history's thread, which dies once it has committed the next batch after the test said so, and before it answers. */
import { BroadcastChannel, parentPort, workerData } from 'node:worker_threads'
import { serveSeries, type ToSeriesWorker } from '../adapters/sqlite/series-worker.ts'
import { seriesRules } from '../core/downsampling.ts'
import { START } from './start.ts'

if (parentPort === null) throw new Error('this is a worker')
const port = parentPort
const { folder } = workerData as { folder: string }
let diesOfBatch = false
const orders = new BroadcastChannel(folder)
orders.unref()
orders.addEventListener('message', () => {
  diesOfBatch = true
  orders.postMessage('heard')
})
// Heard before the worker's own listener.
port.on('message', ({ kind }: ToSeriesWorker) => {
  if (diesOfBatch && kind === 'append') port.postMessage = () => process.exit(1)
})
serveSeries(port, { folder, rules: seriesRules, now: () => START })
