import type { Checked } from '../../relay/protocol/check.ts'

/**
 * What the working folders of backups and restores in the data folder begin with (`mkdtemp`). Each is removed by who made it,
 * and what a crash left behind by the next start.
 */
export const WORK_FOLDERS = { backup: 'backup-', upload: 'upload-', restoring: 'restoring-' } as const

/** Replaced databases a data folder keeps: each is as large as the site's history, and a person takes back one of the last, if any. */
export const MAX_REPLACED = 3

/** What a backup is called by, and what it begins with: the store, and what is kept of photos and files below a folder. */
export const BACKUP_PARTS = { database: 'andon.sqlite', attachments: 'attachments' } as const

/** Copies of the whole store, as files of the store's own kind. */
export interface Backups {
  /** Writes the store as of one moment into this file, which must not exist, while everything goes on. */
  backup(file: string): Promise<void>
  /** Where copies are made otherwise, the sentence that says how; `backup` then always rejects. */
  readonly otherwise?: string
}

/**
 * Puts a backup in the place of the running store. The answer comes when the file was checked and taken; what follows — every
 * device is sent away, the store is swapped under a new incarnation, the server starts again — goes on by itself.
 */
export interface Restores {
  /** A folder on the store's disk where an upload may be written. */
  readonly folder: string
  /** `attachments`: a folder of content that came with it, on the same disk, of which what is missing is taken. */
  restore(file: string, attachments: string | null): Promise<Checked<null>>
}
