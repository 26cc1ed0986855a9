import { URGENT_CHANNEL } from '../../../relay/protocol/channels.ts'
import { laneOf } from '../../../relay/protocol/commands.ts'
import type { Submission } from '../../ports/store.ts'
import type { Call, Method } from './database.ts'

/** Calls that one commit may hold: bounds how long one transaction keeps the next urgent command waiting. */
const MAX_GROUP = 512
/** Pages that are read before the store looks for something urgent again; each may be 64 KB. */
const MAX_PAGES = 4
/** Readers that catch up ask for these, by the thousand after an outage. The channel is their first argument. */
const PAGES: ReadonlySet<Method> = new Set<Method>(['events', 'lastEvents', 'records'])

/**
 * What waits for the store, in the order in which it is worked off (P3): urgent commands; then everything else but pages, in
 * the order of the calls; then pages, a few at a time, the urgent channel's first. So an alert overtakes both a drained outbox
 * and everybody's catch-up, and neither starves the other.
 *
 * A page may be read later than it was asked for, and have more in it by then; nobody who asks for one minds (S7).
 */
export class CallQueue {
  readonly #urgent: Call[] = []
  readonly #normal: Call[] = []
  readonly #urgentPages: Call[] = []
  readonly #pages: Call[] = []
  #isPagesTurn = false

  add(calls: readonly Call[]): void {
    for (const call of calls) this.#queueOf(call).push(call)
  }

  get isEmpty(): boolean {
    return !this.#hasPages && this.#urgent.length + this.#normal.length === 0
  }

  /** What is carried out next, as one transaction; empty when nothing waits. */
  next(): readonly Call[] {
    const isPagesTurn = this.#hasPages && (this.#isPagesTurn || this.#urgent.length + this.#normal.length === 0)
    // The other's turn comes next, but nothing urgent ever waits for a second one.
    this.#isPagesTurn = !isPagesTurn
    return isPagesTurn ? take(MAX_PAGES, this.#urgentPages, this.#pages) : take(MAX_GROUP, this.#urgent, this.#normal)
  }

  get #hasPages(): boolean {
    return this.#urgentPages.length + this.#pages.length > 0
  }

  #queueOf({ method, args }: Call): Call[] {
    if (PAGES.has(method)) return args[0] === URGENT_CHANNEL ? this.#urgentPages : this.#pages
    const isUrgent = method === 'submit' && laneOf((args[0] as Submission).type) === 'urgent'
    return isUrgent ? this.#urgent : this.#normal
  }
}

function take(atMost: number, first: Call[], then: Call[]): readonly Call[] {
  const taken = first.splice(0, atMost)
  return taken.length === atMost ? taken : [...taken, ...then.splice(0, atMost - taken.length)]
}
