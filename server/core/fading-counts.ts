/** How many may be counted before it is too much, and after how long one of them is forgotten. */
export interface FadingRule {
  readonly limit: number
  /** Milliseconds. */
  readonly fadeMs: number
}

export interface Count {
  readonly level: number
  readonly at: number
  /** Begun and not yet decided. */
  readonly pending: number
}

const NOTHING: Omit<Count, 'at'> = { level: 0, pending: 0 }

/**
 * Counts that fade evenly, one per key: no hour of quiet is needed to be forgotten, and no burst is remembered for ever. What
 * is under way counts as if it would be counted, until that is decided.
 *
 * At most `maxKeys` are remembered. Beyond it the one that was quiet longest goes; whoever counts many keys at once has to
 * bound in another way how fast they come.
 */
export class FadingCounts {
  readonly #rule: FadingRule
  readonly #maxKeys: number
  readonly #counts = new Map<string, Count>()

  constructor(rule: FadingRule, maxKeys: number) {
    this.#rule = rule
    this.#maxKeys = maxKeys
  }

  /** 0: there is room. Otherwise milliseconds until there is, or Infinity where that hangs on what is under way. */
  waitMs(key: string, now: number): number {
    const { level, pending } = this.#find(key, now)
    const { limit, fadeMs } = this.#rule
    // Whole milliseconds, because fading by fractions never comes out even.
    const overMs = Math.round((level + 1 - limit) * fadeMs)
    if (overMs > 0) return overMs
    return pending === 0 || level + pending + 1 <= limit ? 0 : Infinity
  }

  begin(key: string, now: number): void {
    const { level, pending } = this.#find(key, now)
    this.#put(key, { level, pending: pending + 1, at: now })
  }

  /** What was begun is over, and counts for so many. */
  end(key: string, count: number, now: number): void {
    const { level, pending } = this.#find(key, now)
    this.#put(key, { level: level + count, pending: Math.max(0, pending - 1), at: now })
  }

  forgive(key: string, count: number, now: number): void {
    const { level, pending } = this.#find(key, now)
    this.#put(key, { level: Math.max(0, level - count), pending, at: now })
  }

  pending(key: string): number {
    return this.#counts.get(key)?.pending ?? 0
  }

  level(key: string, now: number): number {
    return this.#find(key, now).level
  }

  /** What is remembered, the quietest first. */
  entries(): Iterable<readonly [key: string, Count]> {
    return this.#counts
  }

  /** Takes up what somebody else remembered. */
  restore(key: string, count: Count): void {
    this.#put(key, count)
  }

  get size(): number {
    return this.#counts.size
  }

  #find(key: string, now: number): Count {
    const found = this.#counts.get(key)
    if (found === undefined) return { ...NOTHING, at: now }
    // A clock that was set back lets nothing fade, and nothing grow.
    const faded = Math.max(0, now - found.at) / this.#rule.fadeMs
    return { level: Math.max(0, found.level - faded), pending: found.pending, at: now }
  }

  /** Keeps the map in the order of last use: its first key is the one to forget. */
  #put(key: string, count: Count): void {
    this.#counts.delete(key)
    if (count.level > 0 || count.pending > 0) this.#counts.set(key, count)
    if (this.#counts.size <= this.#maxKeys) return
    const [quietest] = this.#counts.keys()
    if (quietest !== undefined) this.#counts.delete(quietest)
  }
}
