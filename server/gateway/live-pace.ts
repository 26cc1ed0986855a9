import { PACES, type LiveHz } from '../core/live.ts'

/** Readers that are served before the loop looks at everything else again: about a millisecond of socket writes. */
const PIECE = 64

/** What hands out live values, piece by piece; the core's `LiveHub`. */
export interface LiveRounds {
  flush(hz: LiveHz, now: number, max: number): boolean
  sweep(now: number): void
}

/**
 * How much earlier than its turn a round may begin, milliseconds, if the ones before it were later: values that come sixty times a
 * second, now a little sooner and now a little later, leave as they come. A period of the fastest; in the long run no pace is
 * exceeded (GCRA, ITU-T I.371).
 */
const MAX_EARLY_MS = 17

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
  /** Of each pace when the turn of its next round is, and when it may begin for what the last one took. */
  readonly #turnAt = new Map<LiveHz, number>()
  readonly #restUntil = new Map<LiveHz, number>()
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
    const turnAt = (this.#turnAt.get(hz) ?? 0) - MAX_EARLY_MS
    const dueAt = Math.max(this.#monotonic(), turnAt, this.#restUntil.get(hz) ?? 0)
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

  /** The turn of the next one is a period later; and as long after this one as it took, so that the rest has half of the time. */
  #over(hz: LiveHz): void {
    const phase = this.#phases.get(hz)
    if (phase?.kind !== 'running') return
    const { began, again } = phase
    this.#turnAt.set(hz, Math.max(began, this.#turnAt.get(hz) ?? 0) + 1_000 / hz)
    this.#restUntil.set(hz, began + 2 * (this.#monotonic() - began))
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
