import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'

/** What works aside is below whatever a person waits for; the same for threads and processes. */
export const ASIDE = 10

/**
 * The thread that calls it gives way from now on: the processor is for commands and alerts first. Linux has a priority for each
 * thread; elsewhere this changes nothing.
 */
export function giveWay(): void {
  if (process.platform !== 'linux') return
  try {
    // The system's own number of the thread, `PID/task/TID`.
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1))
    if (Number.isInteger(thread)) setPriority(thread, ASIDE)
  } catch {
    // No /proc, or no right: it is then as important as others.
  }
}
