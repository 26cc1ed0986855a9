import { accessSync, constants, mkdirSync } from 'node:fs'

/**
 * Makes the folder of this device where there is none. A sentence for a person when it cannot be made or written; null when
 * it can. Asked before Electron locks the folder: its answer to a lock it could not write is the same as to a second kiosk.
 * Nothing is written: a full disk is no reason not to show the last known state.
 */
export function whyUnusable(folder: string): string | null {
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    return null
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return `its folder ${folder} cannot be made or written (${why}). Give this account the folder, or name another with --data DIR.`
  }
}
