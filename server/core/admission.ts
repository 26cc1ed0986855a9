import { Crowd, roomFor, type Bounds } from './crowd.ts'
import { GreetingPace } from './greeting-pace.ts'

export interface AdmissionRules {
  /** Connections that have not said hello. */
  readonly silent: Bounds
  /** Strangers whose hello is being looked at: each costs a signature and a row. */
  readonly strangers: { readonly max: number; readonly maxPerSource: number }
  /** Known devices whose hello is being looked at: beyond it everybody's greeting would run into its deadline. */
  readonly maxKnown: number
  /**
   * Where greetings end slowly, as with a store that many nodes ask at once, fewer are let in: with more than `above` of known devices
   * under way, whoever would wait for longer than `ms` comes back later.
   */
  readonly slow: { readonly above: number; readonly ms: number }
  /** Devices that are asked back per second. */
  readonly perSecond: number
  /** The longest a device is asked to wait, milliseconds; a longer queue shares it. */
  readonly maxDelayMs: number
}

/** How much faster known devices are asked back than greetings end. */
const ASKED_BACK = 2

/**
 * About half a second of greetings at once on a quick store, half of that for strangers; the others come back at the pace they are
 * worked off (`docs/performance.md`). Silent connections cost memory only: a second of a storm of 5,000 devices has room from many
 * addresses, and a good part of it from one. A device gives a greeting up after 10 s (`LIMITS.greetingMs`): a quarter of that is
 * the longest that somebody waits inside, and 16 are let in however slow it is.
 */
export const ADMISSION: AdmissionRules = {
  silent: { max: 4_096, maxPerSource: 1_024, sparedMs: 1_000 },
  strangers: { max: 256, maxPerSource: 192 },
  maxKnown: 512,
  slow: { above: 16, ms: 2_500 },
  perSecond: 1_500,
  maxDelayMs: 20_000,
}

/** In, at the cost of `leaves` where there is one; or come back after so many milliseconds. */
export type Answer<M> =
  | { readonly kind: 'in'; readonly leaves: M | null }
  | { readonly kind: 'later'; readonly delayMs: number }

/**
 * Who may greet now, when everybody comes at once or somebody holds the door (V7, realtime pitfall 14).
 *
 * 1. A connection is silent until its hello was read, and from then on in greeting until `left`. The two have places of
 *    their own, and so have known devices and strangers: what a stranger does never costs a known device its place.
 * 2. Silent ones are bounded per source and in sum. A full door opens at the cost of whoever has most: behind one address
 *    (a NAT, a proxy nobody declared) one that has been silent for a second goes, by chance. A device says hello within
 *    that second, who holds the door does not.
 * 3. Who finds no room gets a place of its own in the queue: a delay after which it comes back, evenly spread, instead of
 *    everybody's jitter piling up again. Sources and kinds of greeting queue apart.
 * 4. Known devices are asked back at twice the pace at which their greetings end, at most: half of them may find their node
 *    gone or their way slow, and what comes faster than it can be served is turned away again and again.
 */
export class Admission<M> {
  readonly #rules: AdmissionRules
  readonly #silent = new Crowd<M>()
  readonly #strangers = new Crowd<M>()
  readonly #known = new Set<M>()
  readonly #pace = new GreetingPace()
  /** When the next free place of a queue is due, milliseconds. Of sources at their bound only, which are few. */
  readonly #nextPlaces = new Map<string, number>()

  constructor(rules: AdmissionRules) {
    this.#rules = rules
  }

  enter(member: M, source: string, { now, chance }: { readonly now: number; readonly chance: number }): Answer<M> {
    const room = roomFor(this.#silent, source, { ...this.#rules.silent, now, chance })
    if (!room.ok) return this.#later(`silent ${source}`, now)
    if (room.leaves !== null) this.left(room.leaves, now)
    this.#silent.add(member, source, now)
    return { kind: 'in', leaves: room.leaves }
  }

  /** Its hello was read. A member that is no longer here is too late. */
  hello(member: M, standing: 'known' | 'stranger', now: number): Answer<M> {
    const source = this.#silent.sourceOf(member)
    if (source === null) return this.#later('late', now)
    this.#silent.delete(member)
    if (standing === 'known') {
      const { maxKnown, perSecond } = this.#rules
      if (this.#known.size >= maxKnown || this.#isSlow(now))
        return this.#later('known', now, Math.min(perSecond, ASKED_BACK * this.#pace.perSecond(now)))
      if (this.#known.size === 0) this.#pace.begins(now)
      this.#known.add(member)
    } else {
      const { max, maxPerSource } = this.#rules.strangers
      if (this.#strangers.sizeOf(source) >= maxPerSource) return this.#later(`stranger ${source}`, now)
      if (this.#strangers.size >= max) return this.#later('stranger', now)
      this.#strangers.add(member, source, now)
    }
    return { kind: 'in', leaves: null }
  }

  /** Its greeting is over, whatever came of it. */
  left(member: M, now: number): void {
    this.#silent.delete(member)
    this.#strangers.delete(member)
    if (this.#known.delete(member)) this.#pace.ended(now)
  }

  get silent(): number {
    return this.#silent.size
  }

  get greeting(): number {
    return this.#strangers.size + this.#known.size
  }

  #isSlow(now: number): boolean {
    const { above, ms } = this.#rules.slow
    return this.#known.size > above && (this.#known.size / this.#pace.perSecond(now)) * 1_000 > ms
  }

  #later(queue: string, now: number, perSecond: number = this.#rules.perSecond): Answer<M> {
    const { maxDelayMs } = this.#rules
    for (const [name, due] of this.#nextPlaces) if (due < now) this.#nextPlaces.delete(name)
    const due = Math.min(Math.max(now, this.#nextPlaces.get(queue) ?? 0) + 1000 / perSecond, now + maxDelayMs)
    this.#nextPlaces.set(queue, due)
    return { kind: 'later', delayMs: Math.ceil(due - now) }
  }
}
