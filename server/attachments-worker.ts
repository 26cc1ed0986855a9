import { parentPort, workerData } from 'node:worker_threads'
import { serveAttachments, type AttachmentWork } from './adapters/files/attachment-thread.ts'

// The thread of photos and files: whoever waits for its disk is nobody else.
if (parentPort === null) throw new Error('attachments-worker.ts runs as a worker thread')
// Only our own end starts it.
serveAttachments(parentPort, workerData as AttachmentWork)
