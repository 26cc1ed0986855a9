import { parentPort } from 'node:worker_threads'
import { carryOut, type DocumentJob } from '../adapters/yjs/document-work.ts'

// A thread of documents that is slow to load, never comes back from the update `busy`, and dies of the update `dies`, and of the
// update `worn` unless it is the first that it reads.
const port = parentPort
for (const until = performance.now() + 500; performance.now() < until;);
port?.postMessage(null)
let read = 0
port?.on('message', (job: DocumentJob) => {
  read += 1
  if (job.kind === 'inspect' && job.update === 'busy') for (;;);
  if (job.kind === 'inspect' && job.update === 'dies') process.exit(1)
  if (job.kind === 'inspect' && job.update === 'worn') {
    if (read > 1) process.exit(1)
    return port.postMessage({ news: [], needs: [], bytes: 4 })
  }
  port.postMessage(carryOut(job))
})
