import type { Checked } from '../../relay/protocol/check.ts'

/** Copies of the whole store, as files of the store's own kind. */
export interface Backups {
  /** Writes the store as of one moment into this file, which must not exist, while everything goes on. */
  backup(file: string): Promise<void>
}

/**
 * Puts a backup in the place of the running store. The answer comes when the file was checked and taken; what follows — every
 * device is sent away, the store is swapped under a new incarnation, the server starts again — goes on by itself.
 */
export interface Restores {
  /** A folder on the store's disk where an upload may be written. */
  readonly folder: string
  restore(file: string): Promise<Checked<null>>
}
