import type { Line } from '../../support/processes.ts'
import type { RelayActor, Wish } from './actors.ts'
import type { Ledger } from './ledger.ts'
import { effectOf } from './ledger-log.ts'
import { textOf } from './ledger-terms.ts'
import { between, pick } from './schedule.ts'

/** Time between two thoughts of a person, milliseconds. */
const MIN_PAUSE_MS = 30
const MAX_PAUSE_MS = 400
/** Wishes without an end that one person has at most: the floor must not grow while nothing goes through. */
const MAX_OPEN = 1_500
/** Letters of three bytes that a message has at most, besides its first word. */
const LONGEST = 3_900
/** Messages of a burst: less than the relay sends unanswered, so that all of them are in every stage. */
const BURST = 40
/** Of all results, those that a script acknowledges; the others are told again at each start. */
const SEEN = 0.85

export interface LoadOptions {
  readonly relay: RelayActor
  readonly ledger: Ledger
  readonly random: () => number
}

/** One person at one relay: talks, raises alerts, takes them back, sometimes asks for what is not allowed. */
export class Load {
  readonly #options: LoadOptions
  readonly #prefix: string
  #made = 0
  readonly #open = new Set<string>()
  #timer: NodeJS.Timeout | null = null
  /** Own alerts that were taken care of, by title: a new process reads the old events again. */
  readonly #handled = new Set<string>()

  constructor(options: LoadOptions) {
    this.#options = options
    this.#prefix = `r${options.relay.index}`
  }

  start(): void {
    const { random } = this.#options
    this.#timer = setTimeout(
      () => {
        this.#think()
        this.start()
      },
      between(random, MIN_PAUSE_MS, MAX_PAUSE_MS),
    )
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  /** Everything at once, so that something is under way whatever happens next. */
  burst(): void {
    if (this.#timer === null || this.#open.size > MAX_OPEN) return
    for (let count = 0; count < BURST; count += 1) this.#say(0)
    this.#raise()
  }

  /** A line of this relay. */
  heard(line: Line): void {
    const { relay, random } = this.#options
    const ref = textOf(line['ref'])
    if (line.kind === 'error') this.#open.delete(ref)
    if (line.kind === 'result' && line['outcome'] !== 'retry-later') {
      this.#open.delete(ref)
      if (random() < SEEN) relay.seen(ref)
    }
    if (line.kind === 'event' && this.#timer !== null) this.#takeBack(line)
  }

  #think(): void {
    const { random, relay } = this.#options
    // What is asked of a process that is not there is asked of nobody.
    if (relay.supervised.program === null || this.#open.size > MAX_OPEN) return
    const chance = random()
    if (chance < 0.6) this.#say(pickLength(random))
    else if (chance < 0.65) for (let count = between(random, 10, 80); count > 0; count -= 1) this.#say(0)
    else if (chance < 0.655) for (let count = 100; count > 0; count -= 1) this.#say(LONGEST)
    else if (chance < 0.85) this.#raise()
    else if (chance < 0.93)
      this.#ask('normal', { command: 'chat.post', data: { line: 'nowhere', text: 'x' }, effect: null })
    else this.#ask('urgent', { command: 'alert.ack', data: { id: NOBODY }, effect: null })
  }

  #say(letters: number): void {
    const ref = this.#nextRef()
    const text = letters === 0 ? ref : `${ref} ${'가'.repeat(letters)}`
    this.#wish({ ref, lane: 'normal', ends: 'applied', effect: `said ${ref}` }, 'chat.post', { line: 'line-3', text })
  }

  #raise(): void {
    const ref = this.#nextRef()
    const priority = pick(this.#options.random, ['P0', 'P1', 'P1', 'P2'])
    const data = { priority, area: 'line-3', title: ref }
    this.#wish({ ref, lane: 'urgent', ends: 'applied', effect: `raised ${ref}` }, 'alert.raise', data)
  }

  /** Acknowledges and resolves an own alert, in either order, once it was seen to be raised. */
  #takeBack(line: Line): void {
    const { random } = this.#options
    const effect = effectOf(line)
    if (effect === null || !effect.startsWith(`raised ${this.#prefix}-`) || this.#handled.has(effect)) return
    this.#handled.add(effect)
    const { key } = line['data'] as { readonly key: string }
    const ack = ['alert.ack', `acknowledged ${key}`] as const
    const resolve = ['alert.resolve', `cleared ${key}`] as const
    for (const [command, done] of random() < 0.5 ? [ack, resolve] : [resolve, ack]) {
      const ref = this.#nextRef()
      this.#wish({ ref, lane: 'urgent', ends: 'applied', effect: done }, command, { id: key })
    }
  }

  /** What must end rejected. */
  #ask(lane: 'urgent' | 'normal', { command, data, effect }: Pick<Wish, 'command' | 'data' | 'effect'>): void {
    this.#wish({ ref: this.#nextRef(), lane, ends: 'rejected', effect }, command, data)
  }

  #wish(asked: Pick<Wish, 'ref' | 'lane' | 'ends' | 'effect'>, command: string, data: object): void {
    const { relay } = this.#options
    if (relay.supervised.program === null) return
    this.#open.add(asked.ref)
    relay.ask({ ...asked, relay: relay.index, command, data })
  }

  #nextRef(): string {
    this.#made += 1
    return `${this.#prefix}-${this.#made}`
  }
}

/** An alert that never was. */
const NOBODY = '00000000-0000-7000-8000-00000000dead'

/** Mostly short; now and then as long as a message may be. */
function pickLength(random: () => number): number {
  const chance = random()
  return chance < 0.8 ? 0 : chance < 0.97 ? between(random, 1, 300) : between(random, 1_000, LONGEST)
}
