import type { Measured } from './processes.ts'

/** A system that fans messages out, as the benches see it. */
export interface Subject {
  readonly name: string
  readonly process: Measured
  /** Connects one subscriber; `delivered` is called once per message that reached it. */
  subscribe(delivered: () => void): Promise<void>
  /** Connects the publisher; the returned function publishes one message of the usual size. */
  publisher(): Promise<() => void>
  stop(): Promise<void>
}

/**
 * Bytes of one message's payload, chosen so that each system delivers about as much as Andon's own event frame
 * (envelope with epoch, offset, ids, author and time included).
 */
export const MESSAGE_BYTES = 290
