import type { Logger } from 'pino'
import { openAttachmentFiles } from './adapters/files/attachment-files.ts'
import { AttachmentDesk, type AttachmentDeskOptions } from './attachment-desk.ts'

export interface AttachmentParts extends Pick<AttachmentDeskOptions, 'store' | 'submit' | 'newId' | 'nowMs'> {
  /** The data folder. */
  readonly folder: string
  readonly maxBytes: number
  readonly log: Logger
}

/** Photos and files, in a folder, a thread and a process of their own. */
export function openAttachments({ folder, maxBytes, log, ...parts }: AttachmentParts): AttachmentDesk {
  const files = openAttachmentFiles({
    folder,
    maxBytes,
    worker: new URL('./attachments-worker.ts', import.meta.url),
    photos: new URL('./photos-worker.ts', import.meta.url),
    failed: (what, cause) => log.warn({ event: 'attachments-failed', what, cause }),
  })
  return new AttachmentDesk({ ...parts, files, log })
}
