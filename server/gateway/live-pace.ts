import { LIMITS } from '../../relay/protocol/limits.ts'

/** Readers that are served before the loop looks at everything else again: about a millisecond of socket writes. */
const PIECE = 64

/** What hands out live values, piece by piece; the core's `LiveHub`. */
export interface LiveRounds {
  flush(now: number, max: number): boolean
  sweep(now: number): void
}

/** How often values that nobody replaced are looked over. */
const SWEEP_MS = 10_000

type Phase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'due'; readonly timer: NodeJS.Timeout }
  | { readonly kind: 'running'; readonly again: boolean }
  | { readonly kind: 'stopped' }

/**
 * Rounds of live values: one every `LIMITS.livePaceMs` at most, and never more than half of the process's time. A round is
 * broken into pieces with the rest of the loop between them, so that an alert waits for one piece and not for a round (P3).
 */
export class LivePace {
  readonly #rounds: LiveRounds
  readonly #monotonic: () => number
  readonly #sweep: NodeJS.Timeout
  #phase: Phase = { kind: 'idle' }
  #nextAt = 0

  constructor(rounds: LiveRounds, monotonic: () => number) {
    this.#rounds = rounds
    this.#monotonic = monotonic
    this.#sweep = setInterval(() => rounds.sweep(monotonic()), SWEEP_MS)
    this.#sweep.unref()
  }

  /** Something waits: the next round comes when it is due. */
  schedule(): void {
    if (this.#phase.kind === 'running') this.#phase = { kind: 'running', again: true }
    if (this.#phase.kind !== 'idle') return
    const timer = setTimeout(
      () => {
        this.#phase = { kind: 'running', again: false }
        this.#run(this.#monotonic())
      },
      Math.max(0, this.#nextAt - this.#monotonic()),
    )
    this.#phase = { kind: 'due', timer }
  }

  stop(): void {
    clearInterval(this.#sweep)
    if (this.#phase.kind === 'due') clearTimeout(this.#phase.timer)
    this.#phase = { kind: 'stopped' }
  }

  #run(began: number): void {
    if (this.#phase.kind !== 'running') return
    if (this.#rounds.flush(this.#monotonic(), PIECE)) {
      setImmediate(() => this.#run(began))
      return
    }
    const { again } = this.#phase
    this.#nextAt = began + Math.max(LIMITS.livePaceMs, 2 * (this.#monotonic() - began))
    this.#phase = { kind: 'idle' }
    if (again) this.schedule()
  }
}
