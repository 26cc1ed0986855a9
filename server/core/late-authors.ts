import { LIMITS } from '../../relay/protocol/limits.ts'
import type { Lane } from '../../relay/protocol/lanes.ts'
import type { LateRules, LeftBehind, MarksAt } from '../ports/rules.ts'
import type { OutboxSource } from '../ports/submission.ts'

/**
 * What a session that is over may still author (PROTOCOL W11): what its device had numbered when it ended, and nothing after
 * that. Bounded by number and not by time, because a terminal may be away for as long as it likes (P9).
 */
export const lateAuthors: LateRules = {
  leftBehind(session, { epoch, greeted }, { marks, at }) {
    if (greeted === undefined || !isSince(greeted.at, session, at)) return null
    return { epoch, urgent: bounded('urgent', greeted, marks), normal: bounded('normal', greeted, marks) }
  },
  signedOut({ epoch, seq, urgentUpTo }, marks, before) {
    // What was queued before it is before it in its own lane. A relay that does not say how far the other lane had come may
    // have as many in flight there.
    const said = urgentUpTo ?? marks.urgent + LIMITS.maxInFlight
    const left = { epoch, normal: seq, urgent: Math.min(said, marks.urgent + LIMITS.maxOutboxCommands) }
    // A second word never gives back what the first has taken.
    if (before?.epoch !== epoch) return left
    return { epoch, normal: Math.min(left.normal, before.normal), urgent: Math.min(left.urgent, before.urgent) }
  },
  isLate(left: LeftBehind, { epoch, lane, seq }: OutboxSource) {
    return epoch !== left.epoch || seq > left[lane]
  },
  isAlwaysTaken({ type, data }, { operator }) {
    if (type === 'session.end') return true
    const whose = typeof data === 'object' && data !== null && 'operator' in data ? data.operator : null
    return type === 'session.revoke' && whose === operator
  },
}

/** Whether a greeting came after the session had ended. One that was signed out before this was kept ended before any greeting. */
function isSince(
  greetedAt: string,
  { status, expiresAt }: Parameters<LateRules['leftBehind']>[0],
  at: string,
): boolean {
  if (status === 'signed-out' || greetedAt >= expiresAt) return true
  // Marked as run out, and yet to come: the clock was put back. Nobody is to wait for it.
  return status === 'expired' && at < expiresAt
}

/** A device cannot have more waiting than an outbox holds. One that does not say what it has is taken to have nothing. */
function bounded(lane: Lane, { newest }: { newest: Readonly<Record<Lane, number>> | null }, marks: MarksAt['marks']) {
  if (newest === null) return marks[lane]
  return Math.min(newest[lane], marks[lane] + LIMITS.maxOutboxCommands)
}
