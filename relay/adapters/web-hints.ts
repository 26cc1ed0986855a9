import type { Clock, Hint, NetworkHints } from '../ports.ts'

/**
 * What a page tells of itself, because a SharedWorker sees neither screens nor the freezer. `resumed`: the browser had
 * stopped the page altogether.
 */
export type PageWord = 'visible' | 'hidden' | 'resumed' | 'online' | 'offline'
/** The part of `navigator.connection` that is needed. Where the browser does not say of which kind it is, `type` is missing. */
export interface NetworkKind extends EventTarget {
  readonly type?: string
}

/** A device nobody looked at for so long may have slept; shorter is somebody changing between tabs. Milliseconds. */
export const AWAY_MS = 5_000
/** The network's return is told by the worker and by every page; within this time it is one return. */
const SAME_MS = 1_000

export function readPageWord(value: unknown): PageWord | null {
  switch (value) {
    case 'visible':
    case 'hidden':
    case 'resumed':
    case 'online':
    case 'offline':
      return value
    default:
      return null
  }
}

/**
 * The hints of a browser: `online` and `offline` of the worker itself, and what its pages tell.
 *
 * 1. A page that was resumed, or the first one looked at after nobody looked at any for 5 s, is a device that woke.
 * 2. A device that merely changes between its pages did not sleep: its socket stays.
 * 3. What means the same within a second is told once: each hint replaces the socket, or probes it.
 * 4. A phone that goes from one kind of network to another was never offline; that the kind is another one is told as `online`.
 * 5. Whoever listens is told whether one of its pages is looked at, and then each time that this changes; `woke` comes before.
 *
 * Suspends no page tells of show as a jump of the relay's clock.
 */
export class WebHints implements NetworkHints {
  readonly #scope: EventTarget
  readonly #clock: Pick<Clock, 'wall'>
  readonly #kind: NetworkKind | null
  readonly #listeners = new Set<(hint: Hint) => void>()
  readonly #visible = new Set<object>()
  /** When the last visible page was hidden (wall clock, which goes on in a suspend); null while one is, or none ever was. */
  #awaySince: number | null = null
  #last: { readonly isOffline: boolean; readonly network: string; readonly at: number } | null = null

  constructor(scope: EventTarget, clock: Pick<Clock, 'wall'>, kind: NetworkKind | null = null) {
    this.#scope = scope
    this.#clock = clock
    this.#kind = kind
  }

  /** Its kind: all Wi-Fi has one name here, which is no harm, because its return tells of a change as well. */
  network(): string {
    return this.#kind?.type ?? ''
  }

  listen(hinted: (hint: Hint) => void): () => void {
    const release = new AbortController()
    for (const hint of ['online', 'offline'] as const) {
      this.#scope.addEventListener(hint, () => this.#tell(hint), { signal: release.signal })
    }
    let known = this.network()
    const changed = (): void => {
      const network = this.network()
      // It also tells of mere speed.
      if (network === known) return
      known = network
      this.#tell(network === 'none' ? 'offline' : 'online')
    }
    this.#kind?.addEventListener('change', changed, { signal: release.signal })
    this.#listeners.add(hinted)
    if (this.#visible.size === 0) hinted('unwatched')
    return () => {
      release.abort()
      this.#listeners.delete(hinted)
    }
  }

  /** `page` stands for one page, by identity. */
  said(page: object, word: PageWord): void {
    switch (word) {
      case 'visible':
        return this.#seen(page)
      case 'hidden':
        return this.gone(page)
      case 'resumed':
        return this.#tell('woke')
      case 'online':
      case 'offline':
        return this.#tell(word)
    }
  }

  /** A page that is closed is not looked at, either. */
  gone(page: object): void {
    if (!this.#visible.delete(page) || this.#visible.size > 0) return
    this.#awaySince = this.#clock.wall()
    this.#say('unwatched')
  }

  #seen(page: object): void {
    if (this.#visible.has(page)) return
    const isFirst = this.#visible.size === 0
    this.#visible.add(page)
    const since = this.#awaySince
    this.#awaySince = null
    // A wall clock that was set back says nothing about how long it was: better one socket too many.
    if (since !== null && Math.abs(this.#clock.wall() - since) >= AWAY_MS) this.#tell('woke')
    if (isFirst) this.#say('watched')
  }

  #tell(hint: 'online' | 'offline' | 'woke'): void {
    const isOffline = hint === 'offline'
    const network = this.network()
    const at = this.#clock.wall()
    const last = this.#last
    const isSame = last !== null && last.isOffline === isOffline && last.network === network
    if (isSame && Math.abs(at - last.at) < SAME_MS) return
    this.#last = { isOffline, network, at }
    this.#say(hint)
  }

  #say(hint: Hint): void {
    for (const listener of this.#listeners) listener(hint)
  }
}
