import { setTimeout as pause } from 'node:timers/promises'

export interface EngineOptions {
  readonly kill: () => Promise<void>
  readonly start: () => Promise<void>
  readonly pause: () => void
  readonly goOn: () => void
}

/** Whoever met it in trouble may say so a little later, milliseconds: a question without an answer is waited for. */
const LATE_MS = 10_000

/** A database that the servers share: it ends and freezes only where the schedule says so. */
export class Engine {
  readonly #options: EngineOptions
  #turn: Promise<void> = Promise.resolve()
  #troubles = 0
  #calmAt = 0

  constructor(options: EngineOptions) {
    this.#options = options
  }

  get isUp(): boolean {
    return this.#troubles === 0
  }
  /** Up for long enough that nobody has a reason to be in trouble by it. */
  get isCalm(): boolean {
    return this.isUp && performance.now() > this.#calmAt
  }

  kill(downMs: number): Promise<void> {
    return this.#inTurn(async () => {
      await this.#options.kill()
      await pause(downMs)
      await this.#options.start()
    })
  }

  freeze(forMs: number): Promise<void> {
    return this.#inTurn(async () => {
      this.#options.pause()
      await pause(forMs)
      this.#options.goOn()
    })
  }

  /** Resolves when what was being done to it is over. */
  idle(): Promise<void> {
    return this.#turn
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      this.#troubles += 1
      await act()
      this.#troubles -= 1
      this.#calmAt = performance.now() + LATE_MS
    })
    return this.#turn
  }
}
