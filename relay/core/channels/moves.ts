/** Who comes to a room and who leaves it, as a host hears it that follows the room. */
import { isThere } from '../../domain/presence.ts'
import type { Observation } from '../../ports.ts'
import type { Member, RosterMark } from '../../protocol/presence.ts'
import { ROSTER_KEY } from '../../protocol/room-names.ts'
import type { Turn } from '../step/turn.ts'
import type { Subscription } from './slice.ts'

/** Values of one key, the one that was known and the one that takes its place; undefined where there is none. */
export interface Change {
  readonly key: string
  readonly before: unknown
  readonly after: unknown
}

/**
 * Tells the host of a member that came or left. Nothing until it was known once who is there, nor after a start of the server
 * until that is known again: who appears then was there before (PROTOCOL M12).
 */
export function tellMove(turn: Turn, sub: Subscription, { key, before, after }: Change): void {
  const { domain, name: channel } = sub.replica.channel
  if (domain !== 'presence') return
  if (key === ROSTER_KEY) {
    const { confirmed } = (after ?? {}) as Partial<RosterMark>
    if (confirmed === false) sub.isRosterKnown = false
    // Whoever is missing of those it knew before goes first.
    else if (confirmed === true && sub.unheard === null) sub.isRosterKnown = true
    return
  }
  if (!sub.isRosterKnown || sub.host === 'absent') return
  // Only the server writes these values.
  const [was, is] = [before as Member | null | undefined, after as Member | null | undefined]
  if (isThere(is) && !isThere(was)) tell(turn, { kind: 'joined', channel, member: { ...is, device: key } })
  if (isThere(was) && !isThere(is)) tell(turn, { kind: 'left', channel, member: { ...(is ?? was), device: key } })
}

function tell(turn: Turn, observation: Extract<Observation, { kind: 'joined' | 'left' }>): void {
  turn.effects.push({ kind: 'observe', observation })
}
