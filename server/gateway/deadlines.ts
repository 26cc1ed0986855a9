/** Whoever is due within one slot is told together, up to this late and never early, milliseconds. */
const SLOT_MS = 100
/** Nobody stands further ahead than this, milliseconds: that bounds the slots, however far apart people signed in. */
const AHEAD_MS = 60_000

/** Somebody with a deadline. */
export interface Due {
  /** By `monotonic`. It may be moved back at any time, which costs nothing. */
  readonly dueAt: number
  /** Of the `Deadlines` it was set at, which alone writes it: the slot that it stands in, 0 where it stands in none. */
  slot: number
  /** Its time has come, and it stands in no slot any more. */
  overdue(): void
}

/**
 * The deadlines of all connections: each has one for its silence and one for its person, and nearly all are moved on before
 * they come. A timer for each is 300 bytes, and moving it on is work for every frame; here it is a number, looked at
 * again when its slot comes round.
 */
export class Deadlines {
  readonly #monotonic: () => number
  /** By the slot's number: milliseconds divided by its length. */
  readonly #slots = new Map<number, Set<Due>>()

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
  }

  now(): number {
    return this.#monotonic()
  }

  /** Its deadline is new, or earlier than it was. */
  set(due: Due): void {
    this.clear(due)
    const now = this.#monotonic()
    // At least 1: 0 is nowhere.
    const slot = Math.max(1, Math.ceil(Math.min(due.dueAt, now + AHEAD_MS) / SLOT_MS))
    due.slot = slot
    const standing = this.#slots.get(slot)
    if (standing !== undefined) return void standing.add(due)
    this.#slots.set(slot, new Set([due]))
    // On a busy machine a deadline is over when it is set.
    setTimeout(() => this.#comes(slot), Math.max(0, slot * SLOT_MS - now))
  }

  /** It has none any more. */
  clear(due: Due): void {
    this.#slots.get(due.slot)?.delete(due)
    due.slot = 0
  }

  #comes(slot: number): void {
    const standing = this.#slots.get(slot) ?? []
    // Out of the way first: who is told may set or clear anybody.
    this.#slots.delete(slot)
    const now = this.#monotonic()
    for (const due of standing) {
      // Cleared by one that was told before it.
      if (due.slot !== slot) continue
      due.slot = 0
      if (due.dueAt > now) this.set(due)
      else due.overdue()
    }
  }
}
