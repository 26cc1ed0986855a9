import type { PortMessage } from '../protocol/local.ts'
import type { RelayPort } from '../window.ts'
import type { WorkerAlive, WorkerNotice } from './window-seat.ts'
import type { Clock } from '../ports.ts'

/** A worker that lived no longer than that is not followed by another at once: it may be the memory that is short, milliseconds. */
const SHORT_LIFE_MS = 10_000
const PAUSE_MS = 5_000
/** A worker that follows another and says nothing for so long is one that was just ending, milliseconds. */
const PATIENCE_MS = 10_000

export interface WorkerLineOptions {
  /** A port of the worker that there is, or of a new one; not started. */
  readonly connect: () => MessagePort
  readonly locks: Pick<LockManager, 'request'>
  readonly clock: Pick<Clock, 'monotonic' | 'after'>
  /** There is a worker but no relay in it. */
  readonly unavailable: (code: string, message: string) => void
  /** The worker is gone, and so is what was said to it. */
  readonly lost: () => void
  /** There is another one, which knows nothing of this page. */
  readonly replaced: () => void
}

/**
 * This page's way to the worker. A browser may end a worker under pages that live on, and tells them nothing: a port does not
 * know what became of its other end. But the worker holds a Web Lock of its own as long as it lives, and its pages queue for it.
 */
export class WorkerLine implements RelayPort {
  readonly #options: WorkerLineOptions
  readonly #listeners = new Set<(message: PortMessage) => void>()
  #port: MessagePort
  #openedAt: number
  #isClosed = false
  #cancel: () => void = () => undefined

  constructor(options: WorkerLineOptions) {
    this.#options = options
    this.#openedAt = options.clock.monotonic()
    this.#port = this.#connect()
  }

  post(message: unknown): void {
    this.#port.postMessage(message)
  }

  listen(heard: (message: PortMessage) => void): () => void {
    this.#listeners.add(heard)
    return () => this.#listeners.delete(heard)
  }

  close(): void {
    this.#isClosed = true
    this.#cancel()
    this.#port.close()
  }

  #connect(): MessagePort {
    const port = this.#options.connect()
    // The relay of this origin is the only one at the other end.
    port.addEventListener('message', ({ data }: MessageEvent<PortMessage | WorkerNotice | WorkerAlive>) => {
      if (port === this.#port) this.#heard(data)
    })
    port.start()
    return port
  }

  #heard(message: PortMessage | WorkerNotice | WorkerAlive): void {
    if (message.t === 'alive') this.#watch(message.lock)
    else if (message.t === 'unavailable') this.#options.unavailable(message.code, message.message)
    else for (const heard of this.#listeners) heard(message)
  }

  #watch(lock: string): void {
    this.#cancel()
    const port = this.#port
    const gone = (): void => {
      if (port === this.#port) this.#lost()
    }
    // Refused only as the page goes: then nobody waits for it.
    this.#options.locks.request(lock, { mode: 'shared' }, gone).catch(() => undefined)
  }

  #lost(): void {
    if (this.#isClosed) return
    this.#port.close()
    this.#options.lost()
    const { clock } = this.#options
    const isShort = clock.monotonic() - this.#openedAt < SHORT_LIFE_MS
    this.#cancel = clock.after(isShort ? PAUSE_MS : 0, () => this.#replace())
  }

  #replace(): void {
    const { clock, replaced } = this.#options
    this.#openedAt = clock.monotonic()
    this.#port = this.#connect()
    this.#cancel = clock.after(PATIENCE_MS, () => this.#lost())
    replaced()
  }
}
