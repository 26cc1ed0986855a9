import { refuse } from '../protocol/errors.ts'
import type { WindowPort } from '../ports.ts'
import { readPageWord, type PageWord } from './web-hints.ts'

/** What a window said while there was no relay to hear it; beyond it a request is refused and the rest is left out. */
const MAX_QUEUED = 64
/** Prefix of the lock a window holds as long as it lives. */
export const WINDOW_LOCK_PREFIX = 'andon-window:'

/** What the worker itself says to a window, beside the relay's `PortMessage`; a window may ignore it. */
export interface WorkerNotice {
  readonly t: 'unavailable'
  /**
   * `other-page`: waits for an older page; `newer-build`: reload; `in-use`: another page has it, `take` brings it here;
   * `no-locks`: needs https; else a code of the storage.
   */
  readonly code: string
  readonly message: string
}

/** Prefix of the lock a worker holds as long as it lives. */
export const WORKER_LOCK_PREFIX = 'andon-worker:'

/** The first word of a worker to a window: when this lock becomes free, the worker is gone (`worker-line.ts`). */
export interface WorkerAlive {
  readonly t: 'alive'
  readonly lock: string
}

/** A relay's end of one window; `Relay.attach`. */
export type Attach = (port: WindowPort) => { receive(message: unknown): void; detach(): void }

/** The part of a `MessagePort` that is needed here. */
export interface SeatPort {
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void
  start(): void
}

/** Where the seats are. `joined` comes at each first `open`, and may attach at once; `left` when the window is gone. */
export interface SeatRoom {
  readonly locks: Pick<LockManager, 'request'> | undefined
  joined(seat: WindowSeat): void
  left(seat: WindowSeat): void
  /** What the page tells of itself. */
  paged(seat: WindowSeat, word: PageWord): void
  /** A person wants the relay in this page rather than in another. */
  taken(): void
  /** A message without a `ref` that found no room. */
  dropped(word: unknown): void
}

/**
 * One window in the worker, across relays: what it says while none is there waits, and what it shows is said again to the
 * next one.
 *
 * Three words are for the worker and never reach the relay:
 *   - `{ t: 'lock', name: 'andon-window:…' }`, once the window holds that Web Lock. When the lock becomes free the window is
 *     gone, crashed or not, and leaves. Without it a window that dies silently keeps its subscriptions until the worker ends.
 *   - `{ t: 'page', word }`: what the page tells of itself (`web-hints.ts`).
 *   - `{ t: 'take' }`: a person wants the relay here (`relay-lock.ts`).
 */
export class WindowSeat {
  readonly #port: SeatPort
  readonly #room: SeatRoom
  #attached: ReturnType<Attach> | null = null
  /** The last `open`, with what the window shows by now; null before it and after the window left. */
  #open: { readonly t: 'open'; readonly shows: unknown } | null = null
  #queue: unknown[] = []
  #isWatched = false

  constructor(port: SeatPort, room: SeatRoom) {
    this.#port = port
    this.#room = room
    port.addEventListener('message', ({ data }) => this.#heard(data))
    port.start()
  }

  /** A relay is there: it hears what the window shows, then what waited. */
  attach(attach: Attach): void {
    this.#attached = attach({ post: (message) => this.#port.postMessage(message) })
    if (this.#open !== null) this.#attached.receive(this.#open)
    const queue = this.#queue
    this.#queue = []
    for (const message of queue) this.#attached.receive(message)
  }

  /** The relay is gone; what the window says waits for the next one. */
  detach(): void {
    this.#attached?.detach()
    this.#attached = null
  }

  tell(notice: WorkerNotice): void {
    this.#port.postMessage(notice)
  }

  #heard(message: unknown): void {
    const word = fieldOf(message, 't')
    if (word === 'lock') return this.#watch(fieldOf(message, 'name'))
    if (word === 'page') return this.#tell(readPageWord(fieldOf(message, 'word')))
    if (word === 'take') return this.#room.taken()
    if (word === 'close') return this.#leave()
    if (word === 'open' && this.#open === null) {
      this.#open = { t: 'open', shows: fieldOf(message, 'shows') }
      return this.#room.joined(this)
    }
    if (word === 'open' || word === 'show') {
      this.#open = { t: 'open', shows: fieldOf(message, word === 'open' ? 'shows' : 'channels') }
    }
    if (this.#attached !== null) this.#attached.receive(message)
    // The next relay's first word to this window is a view, whether it asked for one or not.
    else if (word !== 'open' && word !== 'show' && word !== 'view') this.#keep(message)
  }

  #tell(word: PageWord | null): void {
    if (word !== null) this.#room.paged(this, word)
  }

  #keep(message: unknown): void {
    if (this.#queue.length < MAX_QUEUED) {
      this.#queue.push(message)
      return
    }
    const ref = fieldOf(message, 'ref')
    if (typeof ref === 'string') this.#port.postMessage({ t: 'reply', ref, ...refuse('unavailable') })
    else this.#room.dropped(fieldOf(message, 't'))
  }

  /** It may come back by another `open`: a page from the browser's back/forward cache. */
  #leave(): void {
    this.#attached?.receive({ t: 'close' })
    this.detach()
    this.#open = null
    this.#queue = []
    this.#room.left(this)
  }

  #watch(name: unknown): void {
    const { locks } = this.#room
    if (this.#isWatched || locks === undefined) return
    if (typeof name !== 'string' || !name.startsWith(WINDOW_LOCK_PREFIX)) return
    this.#isWatched = true
    const gone = () => this.#leave()
    locks.request(name, gone).catch(gone) // fails only for a name the browser refuses: then there is no such window
  }
}

function fieldOf(message: unknown, field: string): unknown {
  return typeof message === 'object' && message !== null
    ? (message as Readonly<Record<string, unknown>>)[field]
    : undefined
}
