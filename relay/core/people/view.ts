import type { SessionView } from '../../protocol/local.ts'
import type { Turn } from '../step/turn.ts'
import { announce } from '../tell/bus.ts'
import type { Session } from './slice.ts'

/** Who is signed in, as host and windows are told. */

export function sessionView(session: Session | null): SessionView | null {
  if (session === null) return null
  const { id, operator, role, areas, confirmed } = session
  return { id, operator, role, areas, confirmed }
}

/** Tells windows and host who is signed in, and windows which areas there are. */
export function tellSession(turn: Turn): void {
  const session = sessionView(turn.people.current)
  announce(turn, { t: 'session', session, areas: turn.people.site.areas })
  turn.effects.push({ kind: 'observe', observation: { kind: 'session', session } })
}
