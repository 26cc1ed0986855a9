/**
 * The relay's hand on its store: groups writes, tries a failing disk again, reads pages.
 *
 * Invariants
 *   1. At most one `store.write` is in flight; what gathers meanwhile is the next one, in order (group commit).
 *   2. Nothing is told `written` that the store has not confirmed.
 *   3. A read sees every write that was told `written` before it was asked; what still waits it may not see.
 */
import type { Effect } from '../core/step/effects.ts'
import type { Input } from '../core/step/inputs.ts'
import {
  addSave,
  batchFailed,
  batchWritten,
  isDrained,
  newSaveQueue,
  resume,
  takeBatch,
} from '../core/disk/save-queue.ts'
import type { RelayOptions } from './options.ts'

/** Between two tries of a failing disk or of a sick read. */
const RETRY_MS = 1_000

export class Disk {
  readonly #options: Pick<RelayOptions, 'store' | 'log' | 'clock'>
  readonly #saves = newSaveQueue()
  /** Takes what the disk did; also while the relay stops, when nothing else is taken. */
  readonly #heard: (input: Input) => void
  #isStopped = false
  #flushWaiters: (() => void)[] = []

  constructor(options: Pick<RelayOptions, 'store' | 'log' | 'clock'>, heard: (input: Input) => void) {
    this.#options = options
    this.#heard = heard
  }

  /** Nothing waits and nothing is being written. */
  get isDrained(): boolean {
    return isDrained(this.#saves)
  }

  save(effect: Extract<Effect, { kind: 'save' }>): void {
    addSave(this.#saves, effect)
  }

  read(effect: Extract<Effect, { kind: 'read' }>): void {
    const { query, table, range } = effect
    const { store, log, clock } = this.#options
    store.read(table, range).then(
      (rows) => {
        if (!this.#isStopped) this.#heard({ kind: 'rowsRead', query, rows })
      },
      (cause: unknown) => {
        log('error', 'read-failed', { query: query.kind, cause })
        if (this.#isStopped) return
        if (effect.onFailure === 'refuse') return this.#heard({ kind: 'readFailed', query })
        clock.after(RETRY_MS, () => {
          if (!this.#isStopped) this.read(effect)
        })
      },
    )
  }

  /** Writes what has gathered, unless a write is under way or a failed one pauses. */
  flush(): void {
    const writes = takeBatch(this.#saves)
    if (writes === null) return
    const { store, log, clock } = this.#options
    const written = writes.length === 0 ? Promise.resolve() : store.write(writes)
    written.then(
      () => this.#ended({ kind: 'written', upTo: batchWritten(this.#saves) }),
      (cause: unknown) => {
        log('error', 'write-failed', { cause })
        batchFailed(this.#saves)
        clock.after(RETRY_MS, () => {
          if (this.#isStopped) return
          resume(this.#saves)
          this.flush()
        })
        this.#ended({ kind: 'writeFailed' })
      },
    )
  }

  /** Reads no more; resolves when what waits is written. A failing disk is not waited for: what it lacks was not promised. */
  stop(): Promise<void> {
    this.#isStopped = true
    this.flush()
    return this.#isFlushed() ? Promise.resolve() : new Promise((resolve) => this.#flushWaiters.push(resolve))
  }

  #ended(input: Input): void {
    this.#heard(input)
    if (!this.#isFlushed()) return
    const waiters = this.#flushWaiters
    this.#flushWaiters = []
    for (const resolve of waiters) resolve()
  }

  #isFlushed(): boolean {
    return this.#saves.phase.kind === 'pausing' || isDrained(this.#saves)
  }
}
