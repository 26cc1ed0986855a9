/** Reads of the store that one connection has under way: each may bring a page, and all of them may bring it in one turn. */
const MAX_PULLS = 8

/** Whoever waits for a place; told once, and asks again. */
export interface Puller {
  pump(): void
}

/** Lets the subscriptions of one connection read in turns, so that what is read for it stays within a few pages (V2). */
export class Pulls {
  #running = 0
  readonly #waiting = new Set<Puller>()

  /** False: there is no place, and `pump` is called when there is one. */
  enter(puller: Puller): boolean {
    if (this.#running >= MAX_PULLS) {
      this.#waiting.add(puller)
      return false
    }
    this.#running += 1
    return true
  }

  /** Gives the place to whoever waits longest and still wants it. */
  leave(): void {
    this.#running -= 1
    for (const puller of this.#waiting) {
      if (this.#running >= MAX_PULLS) return
      this.#waiting.delete(puller)
      puller.pump()
    }
  }
}
