import type { Logger } from 'pino'
import { openAttachmentFiles } from './adapters/files/attachment-files.ts'
import { AttachmentDesk, type AttachmentDeskOptions } from './attachment-desk.ts'
import { AttachmentKeeper, type AttachmentKeeperOptions } from './attachment-keeper.ts'
import { pacedLog } from './core/paced-log.ts'
import type { AttachmentFiles } from './ports/attachments.ts'

export interface AttachmentParts extends Pick<AttachmentDeskOptions, 'submit' | 'newId' | 'isAlone' | 'nowMs'> {
  readonly store: AttachmentDeskOptions['store'] & AttachmentKeeperOptions['store']
  /** The data folder. */
  readonly folder: string
  readonly maxBytes: number
  /** Module of the thread of the disk. */
  readonly worker?: URL
  readonly log: Logger
}

export interface Attachments {
  readonly files: AttachmentFiles
  readonly desk: AttachmentDesk
  /** Not started yet. */
  readonly keeper: AttachmentKeeper
  stop(): Promise<void>
}

/** Photos and files, in a folder, a thread and a process of their own. */
export function openAttachments({
  folder,
  maxBytes,
  worker = new URL('./attachments-worker.ts', import.meta.url),
  log,
  store,
  nowMs,
  ...parts
}: AttachmentParts): Attachments {
  const say = pacedLog(log, nowMs)
  const files = openAttachmentFiles({
    folder,
    maxBytes,
    worker,
    photos: new URL('./photos-worker.ts', import.meta.url),
    failed: (what, cause) => say('warn', { event: 'attachments-failed', code: what, cause: String(cause) }),
  })
  const desk = new AttachmentDesk({ ...parts, files, store, nowMs, log })
  const keeper = new AttachmentKeeper({ files, store, whole: (file) => desk.look(file), nowMs, log })
  return {
    files,
    desk,
    keeper,
    stop: async () => {
      await keeper.stop()
      await desk.stop()
    },
  }
}
