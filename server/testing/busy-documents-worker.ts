import { parentPort } from 'node:worker_threads'
import { carryOut, type DocumentJob } from '../adapters/yjs/document-work.ts'

// A thread of documents that is slow to load, never comes back from the update `busy`, and dies of the update `dies`.
const port = parentPort
for (const until = performance.now() + 500; performance.now() < until;);
port?.postMessage(null)
port?.on('message', (job: DocumentJob) => {
  if (job.kind === 'inspect' && job.update === 'busy') for (;;);
  if (job.kind === 'inspect' && job.update === 'dies') process.exit(1)
  port.postMessage(carryOut(job))
})
