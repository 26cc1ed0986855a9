import type { SessionId } from '../../relay/protocol/ids.ts'
import type { SessionEnd } from '../ports/sessions.ts'
import type { CommittedEvent, SubmitResult } from '../ports/submission.ts'
import type { Hub } from './hub.ts'

/** Who follows what is committed. */
export interface CommitFollowers {
  readonly hub: Pick<Hub<unknown>, 'publish'>
  /** Each is told of every event once, those of one channel in offset order, after the hub has taken it. Must not throw. */
  readonly followers: readonly ((events: readonly CommittedEvent[]) => void)[]
  /** Told what was committed here, in the order of each channel, for whoever is elsewhere. Must not throw. */
  readonly tell?: (events: readonly CommittedEvent[]) => void
  /** These sessions ended: whoever is bound to one is to be unbound. More than once the same is harmless. */
  readonly sessionsEnded: (sessions: readonly SessionId[], end: SessionEnd) => void
  /** Another node took sessions of this operator away; which ones, the store knows. */
  readonly revokedElsewhere: (operator: string) => void
}

/**
 * What a commit sets in motion, in this order (U5):
 *
 *   committed ─▶ hub (readers) ─▶ followers (machines, metrics, …) ─▶ sessions that ended
 *
 * There are two ways in: what a command of this process committed, and what was read from the store because somebody else
 * committed it. They meet at the hub, which puts them in order, so the followers need not know of two.
 */
export class Commits {
  readonly #options: CommitFollowers

  constructor(options: CommitFollowers) {
    this.#options = options
  }

  /** A command of this process was committed, or answered without a commit. Hands the result through. */
  here(result: SubmitResult): SubmitResult {
    this.#publish(result.events)
    if (result.events.length > 0) this.#options.tell?.(result.events)
    if (result.endedSessions.length > 0)
      this.#options.sessionsEnded(result.endedSessions, result.revoked === true ? 'session-revoked' : 'session-ended')
    return result
  }

  /** What the store has of a channel behind what was published here, in offset order: of other nodes, or of lost news. */
  elsewhere(events: readonly CommittedEvent[]): void {
    const { sessionsEnded, revokedElsewhere } = this.#options
    for (const { event } of this.#publish(events)) {
      // Only the session domain makes these events.
      if (event.type === 'session.ended')
        sessionsEnded([(event.data as { readonly session: SessionId }).session], 'session-ended')
      else if (event.type === 'session.revoked')
        revokedElsewhere((event.data as { readonly operator: string }).operator)
    }
  }

  #publish(events: readonly CommittedEvent[]): readonly CommittedEvent[] {
    if (events.length === 0) return events
    const { hub, followers } = this.#options
    const taken = hub.publish(events)
    if (taken.length > 0) for (const follow of followers) follow(taken)
    return taken
  }
}
