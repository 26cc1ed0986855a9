import type { Clock, Log } from '../ports.ts'

/** Where relays of one browser speak of who is to hold the lock. */
export const CONTROL_NAME = 'andon-relay-control'
/** How long a holder that does not answer may keep the lock before it is taken from it, milliseconds. */
const STEAL_MS = 15_000
/** The same when a person asked for it here and looks on. A holder that lives has closed by then. */
const TAKE_MS = 3_000

/**
 * On the control channel. Whoever waits asks once; the holder answers `staying` only if it is of the same build. `here`: a
 * person wants it, so that a holder of the same build goes, too.
 */
export type ControlMessage =
  | { readonly t: 'step-down'; readonly build: string; readonly here: boolean }
  | { readonly t: 'staying'; readonly build: string }

/** `other-page`: it will be free soon. `newer-build`: stepped down for it. `in-use`: a page of this build has it and stays. */
export type Waiting = 'other-page' | 'newer-build' | 'in-use'

export interface RelayLockOptions {
  readonly locks: Pick<LockManager, 'request'>
  readonly lockName: string
  readonly control: Pick<BroadcastChannel, 'postMessage' | 'addEventListener'>
  readonly build: string
  readonly clock: Pick<Clock, 'after'>
  readonly log: Log
  /** Called while the lock is held; must end soon after `over` aborts. Must not reject. */
  readonly hold: (over: AbortSignal) => Promise<void>
  /** The lock is somebody else's. */
  readonly waiting: (why: Waiting) => void
}

/**
 * Holds the Web Lock whenever it can, for ever: one relay per browser, whatever pages and builds run.
 *
 * 1. The newest page wins: who finds the lock taken asks the holder to step down, once. A holder of another build closes
 *    and queues behind, without asking; so two builds never push each other out in turn.
 * 2. A holder that does not answer in 15 s hangs: its lock is stolen. Should it wake, its store's fence refuses its writes.
 * 3. A holder of the same build stays. Its own death frees the lock, and a person may ask for it (`takeOver`): then it
 *    closes and queues behind, or loses the lock after 3 s.
 * 4. Who waits lets whoever asked later go first, as a holder does; so it is the one who asked that gets the lock.
 */
export class RelayLock {
  readonly #options: RelayLockOptions
  #holder: AbortController | null = null
  /** Why this one would wait if it lost the lock now. */
  #why: Waiting = 'in-use'
  /** Ends the present wait: to queue behind others, or by force. */
  #wait: { readonly over: AbortController; isForced: boolean } | null = null
  #cancelSteal: () => void = () => undefined

  constructor(options: RelayLockOptions) {
    this.#options = options
  }

  /** Never resolves; rejects when the browser refuses locks altogether. */
  async run(): Promise<never> {
    const { control, clock, log } = this.#options
    control.addEventListener('message', ({ data }: MessageEvent<unknown>) => this.#hear(readControl(data)))
    if (!(await this.#hold({ ifAvailable: true }))) {
      this.#options.waiting('other-page')
      const waited = this.#queue()
      this.#cancelSteal = clock.after(STEAL_MS, () => this.#force())
      this.#ask({ here: false })
      await waited
    }
    for (;;) {
      log('info', 'relay-lock-lost', { why: this.#why })
      this.#options.waiting(this.#why)
      await this.#queue()
    }
  }

  /** A person wants the relay in this page. Nothing happens where it is already. */
  takeOver(): void {
    if (this.#holder !== null) return
    this.#cancelSteal()
    this.#cancelSteal = this.#options.clock.after(TAKE_MS, () => this.#force())
    this.#ask({ here: true })
  }

  /** Until the lock was held, and lost again. */
  async #queue(): Promise<void> {
    for (;;) {
      const wait = { over: new AbortController(), isForced: false }
      this.#wait = wait
      if (await this.#hold({ signal: wait.over.signal })) return
      if (!wait.isForced) continue
      this.#options.log('warn', 'relay-lock-stolen')
      await this.#hold({ steal: true })
      return
    }
  }

  #force(): void {
    if (this.#wait === null) return
    this.#wait.isForced = true
    this.#wait.over.abort()
  }

  /** Resolves with true once it was held and is free again, false if it was not granted. */
  async #hold(request: LockOptions): Promise<boolean> {
    const over = new AbortController()
    const granted: { holding: Promise<void> | null } = { holding: null }
    try {
      await this.#options.locks.request(this.#options.lockName, request, async (lock) => {
        if (lock === null) return
        this.#cancelSteal()
        this.#holder = over
        this.#why = 'in-use'
        granted.holding = this.#options.hold(over.signal)
        await granted.holding
      })
    } catch (error) {
      if (!isAbort(error)) throw error
      over.abort() // stolen from us, or we gave up waiting
      await granted.holding
    }
    if (this.#holder === over) this.#holder = null
    return granted.holding !== null
  }

  #hear(message: ControlMessage | null): void {
    if (message === null) return
    const { build, control, waiting } = this.#options
    const isSameBuild = message.build === build
    if (message.t === 'staying') {
      if (!isSameBuild || this.#holder !== null) return
      this.#cancelSteal()
      waiting('in-use')
      return
    }
    if (isSameBuild && !message.here) {
      if (this.#holder !== null) control.postMessage({ t: 'staying', build } satisfies ControlMessage)
      return
    }
    this.#why = isSameBuild ? 'in-use' : 'newer-build'
    if (this.#holder !== null) return this.#holder.abort()
    this.#cancelSteal()
    waiting(this.#why)
    this.#wait?.over.abort()
  }

  #ask({ here }: { readonly here: boolean }): void {
    const { control, build } = this.#options
    control.postMessage({ t: 'step-down', build, here } satisfies ControlMessage)
  }
}

function readControl(data: unknown): ControlMessage | null {
  if (typeof data !== 'object' || data === null || !('t' in data) || !('build' in data)) return null
  const { t, build } = data
  if (typeof build !== 'string') return null
  if (t === 'staying') return { t, build }
  return t === 'step-down' ? { t, build, here: 'here' in data && data.here === true } : null
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}
