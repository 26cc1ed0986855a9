import type { Measured } from './processes.ts'

/** A system that fans messages out, as the benches see it. */
export interface Subject {
  readonly name: string
  readonly process: Measured
  /**
   * Connects one subscriber, and resolves when it is one; `delivered` is called once per message that reached it. Rejects
   * when the server does not answer or breaks off.
   */
  subscribe(delivered: () => void): Promise<void>
  /** Connects the publisher; the returned function publishes one message of the usual size. */
  publisher(): Promise<() => void>
  stop(): Promise<void>
}

/** A system that keeps what a reader missed, as the resume bench sees it. */
export interface Backlog {
  readonly name: string
  readonly process: Measured
  /** So many readers connect, stand at the top, and are cut off; what each holds on to is kept here. */
  leave(readers: number): Promise<void>
  /** Resolves when the system says that it keeps so many messages more. */
  publish(count: number): Promise<void>
  /**
   * Reader 0, 1, 2 … has its link again and has asked for nothing yet: the returned function asks for what it missed.
   * `delivered` is told how many messages came since it was told last.
   */
  comeBack(reader: number, delivered: (count: number) => void): Promise<() => void>
  stop(): Promise<void>
}

/** A system that takes one message after the other and says of each that it has it, as the commands bench sees it. */
export interface Acceptor {
  readonly name: string
  /** Connects one sender; the returned function sends one message and `accepted` is called once for each, in order. */
  sender(accepted: () => void): Promise<() => void>
  stop(): Promise<void>
}

/** What a system gives to start with, each on a free port or the one named. */
export interface System {
  readonly name: string
  readonly start: (port?: number) => Promise<Subject>
  readonly startBacklog: () => Promise<Backlog>
  readonly startAcceptor: () => Promise<Acceptor>
}

/**
 * Bytes of one message's payload, chosen so that each system delivers about as much as Andon's own event frame
 * (envelope with epoch, offset, ids, author and time included).
 */
export const MESSAGE_BYTES = 290
export const MESSAGE = 'x'.repeat(MESSAGE_BYTES)
