import { parentPort } from 'node:worker_threads'
import { giveWay } from './adapters/background-thread.ts'
import { carryOut, type DocumentJob } from './adapters/yjs/document-work.ts'

// The thread that reads documents. Bytes that are no update of a note are answered by null.
const port = parentPort
if (port === null) throw new Error('documents-worker.ts runs as a worker thread')
// Whoever writes much in a note takes no time from an alert.
giveWay()
// That it is there, with all it has to load.
port.postMessage(null)
port.on('message', (job: DocumentJob) => {
  try {
    port.postMessage(carryOut(job))
  } catch {
    port.postMessage(null)
  }
})
