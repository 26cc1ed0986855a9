import { LANES, type Lane } from '../../relay/protocol/lanes.ts'

/** Reads of the store that one connection has under way: each may bring a page, and all of them may bring it in one turn. */
export const MAX_PULLS = 8

/** Whoever waits for a place; told once, and asks again. */
export interface Puller {
  pump(): void
}

/** Lets the subscriptions of one connection read in turns, so that what is read for it stays within a few pages (V2). */
export class Pulls {
  #running = 0
  /** Absent until the first has to wait: most connections never read so much at once. */
  #waiting: Readonly<Record<Lane, Set<Puller>>> | null = null

  /** False: there is no place, and `pump` is called when there is one. */
  enter(puller: Puller, lane: Lane): boolean {
    if (this.#running >= MAX_PULLS) {
      this.#waiting ??= { urgent: new Set(), normal: new Set() }
      this.#waiting[lane].add(puller)
      return false
    }
    this.#running += 1
    return true
  }

  /** Gives the place to whoever waits longest and still wants it, urgent first (P3). */
  leave(): void {
    this.#running -= 1
    if (this.#waiting === null) return
    for (const lane of LANES) {
      const waiting = this.#waiting[lane]
      for (const puller of waiting) {
        if (this.#running >= MAX_PULLS) return
        waiting.delete(puller)
        puller.pump()
      }
    }
  }
}
