import type { Clock, Log } from '../ports.ts'

/** Where relays of different builds of one browser speak of who is to hold the lock. */
export const CONTROL_NAME = 'andon-relay-control'
/** How long a holder that does not answer may keep the lock before it is taken from it, milliseconds. */
const STEAL_MS = 15_000

/** On the control channel. Whoever waits asks once; the holder answers `staying` only if it is of the same build. */
export type ControlMessage =
  | { readonly t: 'step-down'; readonly build: string }
  | { readonly t: 'staying'; readonly build: string }

export interface RelayLockOptions {
  readonly locks: Pick<LockManager, 'request'>
  readonly lockName: string
  readonly control: Pick<BroadcastChannel, 'postMessage' | 'addEventListener'>
  readonly build: string
  readonly clock: Pick<Clock, 'after'>
  readonly log: Log
  /** Called while the lock is held; must end soon after `over` aborts. Must not reject. */
  readonly hold: (over: AbortSignal) => Promise<void>
  /** The lock is somebody else's: `other-page` at the start, `newer-build` after stepping down for it. */
  readonly waiting: (why: 'other-page' | 'newer-build') => void
}

/**
 * Holds the Web Lock whenever it can, for ever: one relay per browser, whatever pages and builds run.
 *
 * 1. The newest page wins: who finds the lock taken asks the holder to step down, once. A holder of another build closes
 *    and queues behind, without asking; so two builds never push each other out in turn.
 * 2. A holder that does not answer in 15 s hangs: its lock is stolen. Should it wake, its store's fence refuses its writes.
 * 3. A holder of the same build stays. Its own death frees the lock.
 */
export async function keepRelayLock(options: RelayLockOptions): Promise<never> {
  const { locks, lockName, control, build, log } = options
  let holder: AbortController | null = null
  let stopImpatience = () => {}
  control.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const message = readControl(data)
    if (message?.t === 'staying') stopImpatience()
    if (message?.t !== 'step-down' || holder === null) return
    if (message.build === build) control.postMessage({ t: 'staying', build } satisfies ControlMessage)
    else holder.abort()
  })

  /** Resolves with true once it was held and is free again, false if it was not granted. */
  async function hold(request: LockOptions): Promise<boolean> {
    const over = new AbortController()
    const granted: { holding: Promise<void> | null } = { holding: null }
    try {
      await locks.request(lockName, request, async (lock) => {
        if (lock === null) return
        stopImpatience()
        holder = over
        granted.holding = options.hold(over.signal)
        await granted.holding
      })
    } catch (error) {
      if (!isAbort(error)) throw error
      over.abort() // stolen from us, or we gave up waiting
      await granted.holding
    }
    if (holder === over) holder = null
    return granted.holding !== null
  }

  if (!(await hold({ ifAvailable: true }))) {
    options.waiting('other-page')
    const impatient = new AbortController()
    stopImpatience = options.clock.after(STEAL_MS, () => impatient.abort())
    const queued = hold({ signal: impatient.signal })
    control.postMessage({ t: 'step-down', build } satisfies ControlMessage)
    if (!(await queued)) {
      log('warn', 'relay-lock-stolen')
      await hold({ steal: true })
    }
  }
  for (;;) {
    options.waiting('newer-build')
    await hold({})
  }
}

function readControl(data: unknown): ControlMessage | null {
  if (typeof data !== 'object' || data === null || !('t' in data) || !('build' in data)) return null
  const { t, build } = data
  return (t === 'step-down' || t === 'staying') && typeof build === 'string' ? { t, build } : null
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}
