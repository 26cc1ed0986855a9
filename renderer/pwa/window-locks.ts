/**
 * What the windows of one browser know of each other, by shared Web Locks: a lock says something for as long as it is held,
 * and a window that crashes lets go of it by itself.
 */

/** Held by a window that must not be started anew: a P0 is on it, or something that is not saved. */
export const BUSY_LOCK = 'andon-busy'
/** Held by a window a person used lately. */
export const USED_LOCK = 'andon-used'

type Locks = Pick<LockManager, 'request' | 'query'>

/** One shared lock of this window: taken and given back as `hold` says. */
export class WindowSign {
  readonly #locks: Locks
  readonly #name: string
  #free: (() => void) | null = null

  constructor(locks: Locks, name: string) {
    this.#locks = locks
    this.#name = name
  }

  hold(isHeld: boolean): void {
    if (isHeld === (this.#free !== null)) return
    this.#free?.()
    this.#free = null
    if (!isHeld) return
    const until = Promise.withResolvers<void>()
    this.#free = () => until.resolve()
    // Shared, so it is granted at once; a browser that fails here is one whose windows look free.
    this.#locks.request(this.#name, { mode: 'shared' }, () => until.promise).catch(() => undefined)
  }

  /** Whether another window holds it. */
  async isHeldElsewhere(): Promise<boolean> {
    const { held = [] } = await this.#locks.query()
    const others = held.filter(({ name }) => name === this.#name).length - (this.#free === null ? 0 : 1)
    return others > 0
  }
}
