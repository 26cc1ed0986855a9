import type { PastSignIns } from '../ports/sessions.ts'
import { FadingCounts, type FadingRule } from './fading-counts.ts'
import { PIN_RULES } from './pin-rules.ts'

export interface PinAttempt {
  readonly device: string
  readonly operator: string
  /** Where the request comes from (`Client.source`). */
  readonly source: string
  readonly past: PastSignIns
}

/** `wait`: too much was wrong. `queue`: it depends on what is under way now; ask again when something of that is decided. */
export type Begun =
  | { readonly kind: 'go' }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'queue' }

interface Budget {
  readonly counts: FadingCounts
  readonly key: string
}

const ALL = 'all'

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
  readonly #rows = counts({ limit: Infinity, fadeMs: PIN_RULES.rowFadeMs })
  readonly #lockedUntil = new Map<string, number>()
  readonly #terminals = counts(PIN_RULES.terminal)
  readonly #addresses = counts(PIN_RULES.address)
  readonly #persons = { others: counts(PIN_RULES.person), nobody: counts(PIN_RULES.person) }
  readonly #floors = { others: counts(PIN_RULES.floor), nobody: counts(PIN_RULES.floor) }

  begin(attempt: PinAttempt, now: number): Begun {
    const waits = [
      this.#rowWaitMs(attempt, now),
      ...this.#budgets(attempt).map((one) => one.counts.waitMs(one.key, now)),
    ]
    const decided = waits.filter((ms) => ms !== Infinity)
    const ms = Math.max(...decided, 0)
    if (ms > 0) return { kind: 'wait', ms }
    if (decided.length < waits.length) return { kind: 'queue' }
    for (const { counts: own, key } of this.#counted(attempt)) own.begin(key, now)
    return { kind: 'go' }
  }

  /** What `begin` let go on is decided. */
  end(attempt: PinAttempt, { isRight, now }: { readonly isRight: boolean; readonly now: number }): void {
    const row = rowOf(attempt)
    const counted = this.#counted(attempt)
    for (const { counts: own, key } of counted) own.end(key, isRight ? 0 : 1, now)
    if (!isRight) return this.#lengthen(row, now)
    const wrong = this.#rows.level(row, now)
    for (const { counts: own, key } of counted) own.forgive(key, wrong, now)
    this.#lockedUntil.delete(row)
  }

  /** Keys that are remembered now, all together. */
  get size(): number {
    const every = [this.#rows, this.#terminals, this.#addresses, ...Object.values(this.#persons)]
    return [...every, ...Object.values(this.#floors)].reduce((sum, { size }) => sum + size, this.#lockedUntil.size)
  }

  #lengthen(row: string, now: number): void {
    const beyond = Math.ceil(this.#rows.level(row, now)) - PIN_RULES.triesInARow
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
    const room = Math.max(1, PIN_RULES.triesInARow - this.#rows.level(row, now))
    return this.#rows.pending(row) + 1 <= room ? 0 : Infinity
  }

  #counted(attempt: PinAttempt): readonly Budget[] {
    return [{ counts: this.#rows, key: rowOf(attempt) }, ...this.#budgets(attempt)]
  }

  #budgets({ device, operator, source, past }: PinAttempt): readonly Budget[] {
    const terminal = { counts: this.#terminals, key: device }
    if (past === 'person') return [terminal]
    const shared = [
      { counts: this.#persons[past], key: operator },
      { counts: this.#floors[past], key: ALL },
    ]
    return past === 'others' ? [terminal, ...shared] : [{ counts: this.#addresses, key: source }, ...shared]
  }
}

function counts(rule: FadingRule): FadingCounts {
  return new FadingCounts(rule, PIN_RULES.maxKeys)
}

function rowOf({ device, operator }: PinAttempt): string {
  return `${device} ${operator}`
}
