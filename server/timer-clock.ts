import type { Logger } from 'pino'
import type { CommandId } from '../relay/protocol/ids.ts'
import { commandOf, fateOf, type Fate } from './core/timers.ts'
import type { StoreReader } from './ports/store-reader.ts'
import type { Submission, SubmitResult } from './ports/submission.ts'
import type { Timer } from './ports/timers.ts'

/** How late a timer may be given, milliseconds. Nothing that people wait for is set to the second. */
const TICK_MS = 1_000
/** Commands that are with the store at once: after an outage a day's worth may be due, and others want their turn. */
const AT_ONCE = 64

export interface TimerClockOptions {
  readonly store: Pick<StoreReader, 'timers'>
  readonly submit: (submission: Submission) => Promise<SubmitResult>
  /** Server time, ISO 8601 UTC with milliseconds. */
  readonly now: () => string
  /** The same id for the same name, in every process. */
  readonly idOf: (name: string) => CommandId
  readonly log: Pick<Logger, 'warn' | 'error'>
}

/**
 * Gives what is due (T20). It asks the store again and again and remembers nothing, so that it makes no difference who set a
 * timer, when this process was started, and whether the clock was put forward; whether one was given, the store decides.
 */
export class TimerClock {
  readonly #options: TimerClockOptions
  #timer: NodeJS.Timeout | null = null
  #isTicking = false

  constructor(options: TimerClockOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.tick().catch((cause: unknown) => this.#options.log.error({ event: 'timers-failed', cause }))
    }, TICK_MS)
    this.#timer.unref()
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
  }

  /** Gives everything that is due now, the one due first first; what the disk does not take waits for the next tick. */
  async tick(): Promise<void> {
    if (this.#isTicking) return
    this.#isTicking = true
    try {
      const { store, now } = this.#options
      for (;;) {
        const due = await store.timers(now(), AT_ONCE)
        const fates = await Promise.all(due.map((timer) => this.#give(timer)))
        if (due.length < AT_ONCE || fates.includes('waiting')) return
      }
    } finally {
      this.#isTicking = false
    }
  }

  async #give(timer: Timer): Promise<Fate> {
    const { submit, idOf, log } = this.#options
    const { verdict } = await submit(commandOf(timer, idOf))
    const fate = fateOf(verdict)
    if (fate === 'rejected' && verdict.kind === 'done')
      log.warn({ event: 'timer-rejected', timer: timer.id, type: timer.type, code: verdict.outcome.code })
    return fate
  }
}
