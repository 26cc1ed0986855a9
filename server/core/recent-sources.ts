/** How long what a source did counts, milliseconds: two of the longest pauses between attempts. */
const REMEMBERED_MS = 60_000
/** Sources that are remembered; the one that did it longest ago is forgotten. */
const MAX_SOURCES = 1_000

/** Which sources (addresses, names) did something within the last minute. Bounded; time comes in. */
export class RecentSources {
  readonly #at = new Map<string, number>()

  note(source: string, now: number): void {
    this.#at.delete(source)
    this.#at.set(source, now)
    if (this.#at.size <= MAX_SOURCES) return
    for (const oldest of this.#at.keys()) {
      this.#at.delete(oldest)
      return
    }
  }

  has(source: string, now: number): boolean {
    const at = this.#at.get(source)
    return at !== undefined && now - at < REMEMBERED_MS
  }
}
