import { URGENT_CHANNEL } from '../../../relay/protocol/channels.ts'
import { laneOf } from '../../../relay/protocol/commands.ts'
import { SYSTEM } from '../../../relay/protocol/record-words.ts'
import type { Lane } from '../../../relay/protocol/lanes.ts'
import type { GreetingRequest } from '../../ports/greeting.ts'
import type { Receipt } from '../../ports/store-writer.ts'
import type { Source, Submission } from '../../ports/submission.ts'
import type { Call, Method } from './database.ts'
import { FairQueue } from '../fair-queue.ts'

/** Rows that one commit may hold: bounds how long one transaction keeps whoever is in it waiting. */
export const MAX_GROUP = 512
/** Urgent ones: the first of them is answered when the last is carried out, some milliseconds later. */
export const MAX_URGENT_GROUP = 64
/** Rows between two looks for something urgent: about a millisecond of a slow core. A page of 64 KB is looked behind, too. */
export const LOOK_EVERY = 16
/** Pages that are read in a row. */
const MAX_PAGES = 4
/** Groups of urgent commands in a row while others wait: more than this come from no floor, and nobody is to wait for ever. */
const MAX_IN_A_ROW = 8
/** Readers that catch up ask for these, by the thousand after an outage. The channel is their first argument. */
const PAGES: ReadonlySet<Method> = new Set<Method>(['events', 'lastEvents', 'records'])
/** Who somebody is: a row by its name, which stands before whatever they ask for. Their first argument is that name. */
const LOOK_UPS: ReadonlySet<Method> = new Set<Method>(['apiKeyByHash', 'session', 'operator', 'device'])
/** Their first argument names the device that waits. */
const OF_DEVICE: ReadonlySet<Method> = new Set<Method>(['confirm', 'greet', 'moveLink', 'passUrgent'])

/**
 * What waits for the store, in the order in which it is worked off (P3): urgent commands, in groups of their own; then
 * everything else but pages; then pages, a few at a time, the urgent channel's first. Neither starves the other.
 *
 * 1. An urgent command waits for what is being carried out at that moment, and for nothing else: a group of others ends where
 *    one has arrived, and is committed without the rest. Who sends it may have to be looked up first, so look-ups go with them,
 *    one and one in turn: however many come, half of such a group is commands.
 * 2. Devices and keys have their turns one after the other, a call each, so that an alert does not stand behind the hundred
 *    that somebody else sent before (P8). Calls of one source keep their order.
 *
 * A page may be read later than it was asked for, and have more in it by then; nobody who asks for one minds (S7).
 */
export class CallQueue {
  readonly #urgent = new FairQueue<Call>()
  readonly #lookUps = new FairQueue<Call>()
  readonly #normal = new FairQueue<Call>()
  readonly #urgentPages: Call[] = []
  readonly #pages: Call[] = []
  #isPagesTurn = false
  #isLookUpsTurn = false
  #urgentInARow = 0

  add(calls: readonly Call[]): void {
    for (const call of calls) {
      if (PAGES.has(call.method)) (call.args[0] === URGENT_CHANNEL ? this.#urgentPages : this.#pages).push(call)
      else this.#lineOf(call).add(sourceOf(call), call)
    }
  }

  get isEmpty(): boolean {
    return !this.#hasUrgent && !this.#hasOthers
  }

  /**
   * What is carried out next, as one transaction; nothing when nothing waits. A call leaves the queue when it is asked for, and
   * `look` is called between some of them, to add what has arrived.
   */
  next(look: () => void = () => undefined): Iterable<Call> {
    const isUrgentTurn = this.#hasUrgent && (this.#urgentInARow < MAX_IN_A_ROW || !this.#hasOthers)
    this.#urgentInARow = isUrgentTurn ? this.#urgentInARow + 1 : 0
    if (isUrgentTurn) return this.#take(() => this.#takeUrgent(), { atMost: MAX_URGENT_GROUP })
    const isPagesTurn = this.#hasPages && (this.#isPagesTurn || this.#normal.size === 0)
    this.#isPagesTurn = !isPagesTurn
    return isPagesTurn
      ? this.#take(() => this.#urgentPages.shift() ?? this.#pages.shift(), { atMost: MAX_PAGES, look, lookEvery: 1 })
      : this.#take(() => this.#normal.take(), { atMost: MAX_GROUP, look, lookEvery: LOOK_EVERY })
  }

  *#take(
    call: () => Call | undefined,
    {
      atMost,
      look,
      lookEvery = atMost,
    }: { readonly atMost: number; readonly look?: () => void; readonly lookEvery?: number },
  ): Generator<Call> {
    for (let done = 0, unlooked = 0; done < atMost;) {
      if (look !== undefined && unlooked >= lookEvery) {
        look()
        if (this.#hasUrgent) return
        unlooked = 0
      }
      const next = call()
      if (next === undefined) return
      const rows = rowsOf(next)
      done += rows
      unlooked += rows
      yield next
    }
  }

  #takeUrgent(): Call | undefined {
    this.#isLookUpsTurn = !this.#isLookUpsTurn
    const [first, second] = this.#isLookUpsTurn ? [this.#lookUps, this.#urgent] : [this.#urgent, this.#lookUps]
    return first.take() ?? second.take()
  }

  #lineOf(call: Call): FairQueue<Call> {
    if (LOOK_UPS.has(call.method)) return this.#lookUps
    return isUrgent(call) ? this.#urgent : this.#normal
  }

  get #hasUrgent(): boolean {
    return this.#urgent.size + this.#lookUps.size > 0
  }

  get #hasPages(): boolean {
    return this.#urgentPages.length + this.#pages.length > 0
  }

  get #hasOthers(): boolean {
    return this.#normal.size > 0 || this.#hasPages
  }
}

/**
 * By the lane that a device has numbered it in, which is not to wait for the other; a program has none. What confirms results of
 * the urgent lane goes with it: behind a flood of alerts it would come too late for its own device (W4).
 */
function isUrgent({ method, args }: Call): boolean {
  if (method === 'confirm') return (args[0] as { readonly lane: Lane }).lane === 'urgent'
  if (method !== 'submit') return false
  const { source, type } = args[0] as Submission
  return (source.kind === 'outbox' ? source.lane : laneOf(type)) === 'urgent'
}

/** How much work it is: a batch of receipts is as many rows as it has receipts, each with a look-up of its own. */
function rowsOf({ method, args }: Call): number {
  return method === 'recordReceipts' ? Math.max(1, (args[0] as readonly Receipt[]).length) : 1
}

/** Who waits for this call. What nobody in particular asked for is a source of its own. */
function sourceOf({ ref, method, args }: Call): string {
  const [first] = args
  if (method === 'submit') return nameOf((first as Submission).source)
  if (OF_DEVICE.has(method)) return (first as Pick<GreetingRequest, 'device'>).device
  if (LOOK_UPS.has(method)) return first as string
  if (method === 'recordReceipts') return (first as readonly Receipt[])[0]?.device ?? `${ref}`
  return `${ref}`
}

function nameOf(source: Source): string {
  if (source.kind === 'system') return SYSTEM
  return source.kind === 'outbox' ? source.device : source.keyId
}
