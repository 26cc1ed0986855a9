/** The store's thread, which dies when the test beside it says so on a channel named after the file. */
import { BroadcastChannel, parentPort, workerData } from 'node:worker_threads'
import type { StoreJob, StoreWorkerData } from './sqlite-store-worker.ts'

/** `exit`: at once. `before-answer`: once it has committed the next write, and before it says so. */
export type Death = 'exit' | 'before-answer'

if (parentPort === null) throw new Error('this is a worker')
const port = parentPort
const { file } = workerData as StoreWorkerData
let diesOfWrite = false
const orders = new BroadcastChannel(file)
orders.unref()
orders.addEventListener('message', (order: Event) => {
  if ((order as MessageEvent<Death>).data === 'exit') process.exit(1)
  diesOfWrite = true
  orders.postMessage('heard')
})
// Heard before the worker's own listener.
port.on('message', ({ op }: StoreJob) => {
  if (diesOfWrite && op === 'write') port.postMessage = () => process.exit(1)
})
await import('./sqlite-store-worker.ts')
