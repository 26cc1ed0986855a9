import { parentPort, workerData } from 'node:worker_threads'
import { serveAttachments } from './adapters/files/attachment-thread.ts'

// The thread of photos and files: whoever waits for its disk is nobody else.
if (parentPort === null) throw new Error('attachments-worker.ts runs as a worker thread')
const { folder, maxBytes } = workerData as { folder: string; maxBytes: number }
serveAttachments(parentPort, { folder, maxBytes })
