/** How often a PIN may be wrong, and what it costs. Four digits are 10,000 guesses: at the longest delay that is 100 days. */
export const PIN_RULES = {
  /** Wrong PINs of one person on one device before it has to wait. */
  triesPerPerson: 5,
  /** Wrong PINs from one address, whatever the names: many kiosks share one behind a proxy. */
  triesPerAddress: 20,
  firstDelayMs: 30_000,
  maxDelayMs: 15 * 60_000,
  /** A source that was quiet this long starts afresh. */
  forgetMs: 60 * 60_000,
  /** Sources remembered; beyond it the one that was quiet longest is forgotten. */
  maxSources: 10_000,
} as const

export interface PinAttempt {
  readonly device: string
  readonly operator: string
  readonly address: string
}

interface Tries {
  readonly wrong: number
  readonly lastAt: number
  readonly lockedUntil: number
}

/**
 * Slows down guessing of PINs, per person and device and per address.
 *
 * 1. An attempt counts as wrong from its start, so that a hundred at once are not a hundred guesses for one.
 * 2. The right PIN clears the person on that device, and takes back only its own attempt from the address: one's own PIN
 *    must not pay for guesses at others'.
 * 3. While locked, the right PIN is refused like a wrong one, and refusals do not prolong the delay.
 */
export class PinLimiter {
  readonly #tries = new Map<string, Tries>()

  /** `now`: epoch milliseconds. Zero: go ahead. Otherwise milliseconds until the next attempt is allowed. */
  begin(attempt: PinAttempt, now: number): number {
    const waitMs = Math.max(...sourcesOf(attempt).map(({ key }) => this.#find(key, now).lockedUntil - now))
    if (waitMs > 0) return waitMs
    for (const { key, tries } of sourcesOf(attempt)) {
      const wrong = this.#find(key, now).wrong + 1
      this.#put(key, { wrong, lastAt: now, lockedUntil: wrong < tries ? 0 : now + delayOf(wrong - tries) })
    }
    return 0
  }

  succeed(attempt: PinAttempt, now: number): void {
    const [person, address] = sourcesOf(attempt)
    this.#tries.delete(person.key)
    const wrong = this.#find(address.key, now).wrong - 1
    if (wrong <= 0) this.#tries.delete(address.key)
    else this.#put(address.key, { wrong, lastAt: now, lockedUntil: 0 })
  }

  /** Sources remembered now. */
  get size(): number {
    return this.#tries.size
  }

  #find(key: string, now: number): Tries {
    const tries = this.#tries.get(key)
    if (tries === undefined || now - tries.lastAt > PIN_RULES.forgetMs) return { wrong: 0, lastAt: now, lockedUntil: 0 }
    return tries
  }

  /** Keeps the map in the order of last use: its first key is the one to forget. */
  #put(key: string, tries: Tries): void {
    this.#tries.delete(key)
    this.#tries.set(key, tries)
    if (this.#tries.size <= PIN_RULES.maxSources) return
    const [oldest] = this.#tries.keys()
    if (oldest !== undefined) this.#tries.delete(oldest)
  }
}

function sourcesOf({ device, operator, address }: PinAttempt) {
  return [
    { key: `person ${device} ${operator}`, tries: PIN_RULES.triesPerPerson },
    { key: `address ${address}`, tries: PIN_RULES.triesPerAddress },
  ] as const
}

/** Doubles with every wrong PIN beyond the allowed ones. */
function delayOf(beyond: number): number {
  return Math.min(PIN_RULES.maxDelayMs, PIN_RULES.firstDelayMs * 2 ** beyond)
}
