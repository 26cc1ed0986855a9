/** Signing out: reading and authorship end in one step, whatever network and disk do. */
import { reconcile } from '../channels/subscriptions.ts'
import { save } from '../disk/ledger.ts'
import { sendFrame } from '../link/link.ts'
import type { Input } from '../step/inputs.ts'
import type { Turn } from '../step/turn.ts'
import { boundAuthor } from '../tell/reading.ts'
import { queueEnd } from './ending.ts'
import { dropSession } from './session.ts'
import type { PeopleReach } from './slice.ts'

export function signOut(state: PeopleReach, turn: Turn, input: Extract<Input, { kind: 'signOutAsked' }>): void {
  const { people, outbox, channels } = state
  const { current } = people
  if (current !== null) {
    queueEnd(outbox, turn, current, input)
    const wasBound = boundAuthor(turn) !== null
    dropSession(state, turn)
    // Subscriptions are ended by us before the server would: so its answers cannot be taken for later ones.
    reconcile(channels, turn)
    if (wasBound) {
      people.deauths += 1
      sendFrame(turn, { t: 'deauth' })
    }
  }
  save(turn, [], { kind: 'answer', origin: input.origin })
}
