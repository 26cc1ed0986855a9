import type { Begun, PinAttempt, PinCount, PinKey, PinLaw } from '../ports/pin-budget.ts'
import { FadingCounts, type FadingRule } from './fading-counts.ts'
import { PIN_RULES } from './pin-rules.ts'

const ALL = 'all'

/** What is counted, by its kind. A row is one person on one terminal. */
const COUNTED = {
  row: { limit: Infinity, fadeMs: PIN_RULES.rowFadeMs },
  terminal: PIN_RULES.terminal,
  address: PIN_RULES.address,
  'person of others': PIN_RULES.person,
  'person of nobody': PIN_RULES.person,
  'floor of others': PIN_RULES.floor,
  'floor of nobody': PIN_RULES.floor,
} as const satisfies Readonly<Record<string, FadingRule>>
type Kind = keyof typeof COUNTED
type Key = PinKey & { readonly kind: Kind }

/**
 * Slows down guessing of PINs (X4). Simulated time, no promises: `begin`, and behind it `end`.
 *
 *   past sign-ins  has a budget with                 and beside it its own
 *   person         nobody                            terminal, row of this person on it
 *   others         others' terminals: person, floor  terminal, row of this person on it
 *   nobody         strangers: person, floor          address
 *
 * 1. A terminal on which a person signed in before is delayed by nothing but what is typed on that terminal.
 * 2. A device on which nobody signed in is a key that anybody can make: all of them share what one person's PIN may be guessed
 *    at, and what the floor may. A device on which only others signed in is one that anybody with a PIN can make, so those
 *    share another such pair, which strangers cannot use up.
 * 3. What is under way counts as wrong until it is decided, so that a hundred at once are not a hundred guesses for one; but
 *    nobody is refused for it: they wait for the decision. A hundred right PINs at once are all right.
 * 4. A right PIN forgives what the same person got wrong on the same device, and nothing else: one's own PIN must not pay for
 *    guesses at others'.
 * 5. While it has to wait, a right PIN is refused like a wrong one, and refusals do not prolong the wait.
 */
export class PinLimiter {
  readonly #counts: Readonly<Record<Kind, FadingCounts>>
  readonly #lockedUntil = new Map<string, number>()

  /** `known`: of these keys this is remembered already. */
  constructor(known: readonly PinCount[] = []) {
    const counts = Object.entries(COUNTED).map(([kind, rule]) => [kind, new FadingCounts(rule, PIN_RULES.maxKeys)])
    // Of each kind one, as it is listed.
    this.#counts = Object.fromEntries(counts) as Record<Kind, FadingCounts>
    for (const { kind, key, lockedUntil, ...count } of known) {
      this.#counts[kind as Kind].restore(key, count)
      if (lockedUntil > 0) this.#lockedUntil.set(key, lockedUntil)
    }
  }

  begin(attempt: PinAttempt, now: number): Begun {
    const waits = [
      this.#rowWaitMs(attempt, now),
      ...budgetsOf(attempt).map(({ kind, key }) => this.#counts[kind].waitMs(key, now)),
    ]
    const decided = waits.filter((ms) => ms !== Infinity)
    const ms = Math.max(...decided, 0)
    if (ms > 0) return { kind: 'wait', ms }
    if (decided.length < waits.length) return { kind: 'queue' }
    for (const { kind, key } of keysOf(attempt)) this.#counts[kind].begin(key, now)
    return { kind: 'go' }
  }

  /** What `begin` let go on is decided. */
  end(attempt: PinAttempt, { isRight, now }: { readonly isRight: boolean; readonly now: number }): void {
    const row = rowOf(attempt)
    const counted = keysOf(attempt)
    for (const { kind, key } of counted) this.#counts[kind].end(key, isRight ? 0 : 1, now)
    if (!isRight) return this.#lengthen(row, now)
    const wrong = this.#counts.row.level(row, now)
    for (const { kind, key } of counted) this.#counts[kind].forgive(key, wrong, now)
    this.#lockedUntil.delete(row)
  }

  /** Keys that are remembered now, all together. */
  get size(): number {
    return Object.values(this.#counts).reduce((sum, { size }) => sum + size, this.#lockedUntil.size)
  }

  /** Everything that is remembered. */
  known(): readonly PinCount[] {
    const locks = new Map(this.#lockedUntil)
    const known: PinCount[] = []
    for (const [kind, counts] of Object.entries(this.#counts))
      for (const [key, count] of counts.entries()) {
        const lockedUntil = kind === 'row' ? (locks.get(key) ?? 0) : 0
        if (lockedUntil > 0) locks.delete(key)
        known.push({ kind, key, ...count, lockedUntil })
      }
    for (const [key, lockedUntil] of locks) known.push({ kind: 'row', key, level: 0, at: 0, pending: 0, lockedUntil })
    return known
  }

  #lengthen(row: string, now: number): void {
    const beyond = Math.ceil(this.#counts.row.level(row, now)) - PIN_RULES.triesInARow
    if (beyond < 0) return
    this.#lockedUntil.delete(row)
    this.#lockedUntil.set(row, now + Math.min(PIN_RULES.maxDelayMs, PIN_RULES.firstDelayMs * 2 ** beyond))
    if (this.#lockedUntil.size <= PIN_RULES.maxKeys) return
    const [oldest] = this.#lockedUntil.keys()
    if (oldest !== undefined) this.#lockedUntil.delete(oldest)
  }

  /** As `FadingCounts.waitMs`. Strangers have no row of their own to wait for: a device of theirs is made anew at will. */
  #rowWaitMs(attempt: PinAttempt, now: number): number {
    if (attempt.past === 'nobody') return 0
    const row = rowOf(attempt)
    // A clock that was set back prolongs nothing.
    const ms = Math.min((this.#lockedUntil.get(row) ?? now) - now, PIN_RULES.maxDelayMs)
    if (ms > 0) return ms
    const room = Math.max(1, PIN_RULES.triesInARow - this.#counts.row.level(row, now))
    return this.#counts.row.pending(row) + 1 <= room ? 0 : Infinity
  }
}

/** The same for counts that somebody else keeps, of one attempt at a time. */
export const PIN_LAW: PinLaw = {
  maxKeys: PIN_RULES.maxKeys,
  keysOf,
  goneAt({ kind, level, at, pending, lockedUntil }) {
    return Math.max(lockedUntil, Math.ceil(at + (level + pending) * COUNTED[kind as Kind].fadeMs))
  },
  begin(counts, attempt, now) {
    const limiter = new PinLimiter(counts)
    return [limiter.begin(attempt, now), limiter.known()]
  },
  end(counts, attempt, verdict) {
    const limiter = new PinLimiter(counts)
    limiter.end(attempt, verdict)
    return limiter.known()
  },
}

function keysOf(attempt: PinAttempt): readonly Key[] {
  return [{ kind: 'row', key: rowOf(attempt) }, ...budgetsOf(attempt)]
}

function budgetsOf({ device, operator, source, past }: PinAttempt): readonly Key[] {
  const terminal: Key = { kind: 'terminal', key: device }
  if (past === 'person') return [terminal]
  const shared: readonly Key[] = [
    { kind: `person of ${past}`, key: operator },
    { kind: `floor of ${past}`, key: ALL },
  ]
  return past === 'others' ? [terminal, ...shared] : [{ kind: 'address', key: source }, ...shared]
}

function rowOf({ device, operator }: PinAttempt): string {
  return `${device} ${operator}`
}
