import { PACES, type LiveHz } from '../core/live.ts'

/** Readers that are served before the loop looks at everything else again: about a millisecond of socket writes. */
const PIECE = 64

/** What hands out live values, piece by piece; the core's `LiveHub`. */
export interface LiveRounds {
  flush(hz: LiveHz, now: number, max: number): boolean
  sweep(now: number): void
}

/** A round that begins at most so late, milliseconds, makes none behind it late: half a period of the fastest. */
const MAX_LATE_MS = 8

/** How often values that nobody replaced are looked over. */
const SWEEP_MS = 10_000

/** `dueAt`: when the round of this pace may begin. `began`: it runs; `again`: something waits for the next one. */
type Phase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'due'; readonly dueAt: number }
  | { readonly kind: 'running'; readonly began: number; readonly again: boolean }

/**
 * When the rounds of each pace leave: so many a second at most, and never more than half of the process's time. A round is
 * broken into pieces with the rest of the loop between them, so that an alert waits for one piece and not for a round (P3); of
 * several rounds the piece of the fastest goes first, so that a thousand readers at 10 Hz do not shake those at 60.
 */
export class LivePace {
  readonly #rounds: LiveRounds
  readonly #monotonic: () => number
  readonly #sweep: NodeJS.Timeout
  readonly #phases = new Map<LiveHz, Phase>(PACES.map((hz) => [hz, { kind: 'idle' }]))
  readonly #nextAt = new Map<LiveHz, number>()
  /** What calls next: a timer for what is due later, or the next turn of the loop for what is. */
  #timer: { readonly at: number; readonly handle: NodeJS.Timeout } | null = null
  #isTurning = false
  #isStopped = false

  constructor(rounds: LiveRounds, monotonic: () => number) {
    this.#rounds = rounds
    this.#monotonic = monotonic
    this.#sweep = setInterval(() => rounds.sweep(monotonic()), SWEEP_MS)
    this.#sweep.unref()
  }

  /** Something waits for readers of this pace: their next round comes when it is due. */
  schedule(hz: LiveHz): void {
    const phase = this.#phases.get(hz)
    if (phase?.kind === 'running') this.#phases.set(hz, { ...phase, again: true })
    if (phase?.kind !== 'idle') return
    const dueAt = Math.max(this.#monotonic(), this.#nextAt.get(hz) ?? 0)
    this.#phases.set(hz, { kind: 'due', dueAt })
    this.#wakeAt(dueAt)
  }

  stop(): void {
    clearInterval(this.#sweep)
    if (this.#timer !== null) clearTimeout(this.#timer.handle)
    this.#isStopped = true
  }

  #wakeAt(at: number): void {
    if (this.#isStopped || this.#isTurning || (this.#timer !== null && this.#timer.at <= at)) return
    if (this.#timer !== null) clearTimeout(this.#timer.handle)
    const handle = setTimeout(() => this.#turn(), Math.max(0, at - this.#monotonic()))
    this.#timer = { at, handle }
  }

  /** One piece of the fastest round that runs or is due; then again, after the rest of the loop. */
  #turn(): void {
    this.#isTurning = false
    this.#timer = null
    if (this.#isStopped) return
    const now = this.#monotonic()
    for (const hz of PACES) {
      const phase = this.#phases.get(hz)
      if (phase?.kind === 'due' && phase.dueAt <= now)
        this.#phases.set(hz, { kind: 'running', began: now, again: false })
      if (this.#phases.get(hz)?.kind !== 'running') continue
      if (!this.#rounds.flush(hz, now, PIECE)) this.#over(hz)
      break
    }
    this.#plan()
  }

  /**
   * The next round of this pace is a period after this one was due, so that a timer that was late shifts none of those behind
   * it; and as long after it as it took, so that the rest of the process has half of the time.
   */
  #over(hz: LiveHz): void {
    const phase = this.#phases.get(hz)
    if (phase?.kind !== 'running') return
    const { began, again } = phase
    const periodMs = 1_000 / hz
    const wasDueAt = this.#nextAt.get(hz) ?? 0
    const from = wasDueAt >= began - MAX_LATE_MS ? wasDueAt : began
    this.#nextAt.set(hz, Math.max(from + periodMs, began + 2 * (this.#monotonic() - began)))
    this.#phases.set(hz, { kind: 'idle' })
    if (again) this.schedule(hz)
  }

  #plan(): void {
    let nextAt = Infinity
    for (const phase of this.#phases.values()) {
      if (phase.kind === 'running') nextAt = 0
      else if (phase.kind === 'due') nextAt = Math.min(nextAt, phase.dueAt)
    }
    if (nextAt === Infinity) return
    if (nextAt > this.#monotonic()) return this.#wakeAt(nextAt)
    if (this.#timer !== null) clearTimeout(this.#timer.handle)
    this.#timer = null
    this.#isTurning = true
    setImmediate(() => this.#turn())
  }
}
