import type { Clock } from '../../relay/ports.ts'

interface Timer {
  readonly at: number
  readonly order: number
  call: (() => void) | null
}

/** Events that one `advance` may bring: more means that something re-arms itself without time passing. */
const MAX_CALLS = 200_000

const realImmediate = setImmediate

/**
 * The one time of a simulated world, milliseconds from 0. What is due at the same moment runs in the order it was asked
 * for. After each call every promise that waits for no timer has settled, so a schedule with the same seed is the same run.
 */
export class SimulatedTime {
  now = 0
  #order = 0
  readonly #heap: Timer[] = []

  after(ms: number, call: () => void): () => void {
    this.#order += 1
    const timer: Timer = { at: this.now + Math.max(ms, 0), order: this.#order, call }
    this.#push(timer)
    return () => (timer.call = null)
  }

  async advance(ms: number): Promise<void> {
    const end = this.now + ms
    await settled()
    for (let calls = 0; ; calls += 1) {
      if (calls > MAX_CALLS) throw new Error('timers re-arm themselves without end')
      const next = this.#heap[0]
      if (next === undefined || next.at > end) break
      this.#pop()
      if (next.call === null) continue
      this.now = next.at
      next.call()
      // What happens in the same millisecond happens in the same turn of the event loop.
      if (this.#heap[0]?.at === this.now) await promisesSettled()
      else await settled()
    }
    this.now = end
  }

  #push(timer: Timer): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(timer)
    while (at > 0) {
      const up = (at - 1) >> 1
      const parent = heap[up]
      if (parent === undefined || isBefore(parent, timer)) break
      heap[at] = parent
      at = up
    }
    heap[at] = timer
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      const left = heap[2 * at + 1]
      const right = heap[2 * at + 2]
      if (left === undefined) break
      const isRight = right !== undefined && isBefore(right, left)
      const child = isRight ? right : left
      if (isBefore(last, child)) break
      heap[at] = child
      at = 2 * at + (isRight ? 2 : 1)
    }
    heap[at] = last
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** Promises that wait for promises only: none of ours is chained deeper than this. */
async function promisesSettled(): Promise<void> {
  for (let depth = 0; depth < 24; depth += 1) await Promise.resolve()
}

/**
 * Two turns of the event loop: in the first the promises settle and the gateway asks for its flush, in the second it
 * flushes. No time passes in the simulated world.
 */
async function settled(): Promise<void> {
  await new Promise<void>((resolve) => void realImmediate(resolve))
  await new Promise<void>((resolve) => void realImmediate(resolve))
}

/**
 * The clocks of one device: a monotonic one that may stand still while the machine sleeps, and a wall clock that people and
 * machines set. Timers of a sleeping device wait until it wakes; those of one that was switched off are gone.
 */
export class DeviceClock implements Clock {
  readonly #time: SimulatedTime
  readonly #timers = new Set<{ readonly at: number; readonly call: () => void }>()
  #cancel: (() => void) | null = null
  #state: 'awake' | 'asleep' | 'off' = 'awake'
  /** World time minus monotonic time. */
  #lag: number
  #wallAhead: number
  #frozenAt = 0

  constructor(time: SimulatedTime, { wallAhead }: { readonly wallAhead: number }) {
    this.#time = time
    this.#lag = time.now
    this.#wallAhead = wallAhead
  }

  get wallAhead(): number {
    return this.#wallAhead
  }

  wall(): number {
    return this.#time.now + this.#wallAhead
  }

  monotonic(): number {
    return this.#time.now - this.#lag
  }

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.monotonic() + Math.max(ms, 0), call }
    this.#timers.add(timer)
    this.#arm()
    return () => {
      if (this.#timers.delete(timer)) this.#arm()
    }
  }

  jump(ms: number): void {
    this.#wallAhead += ms
  }

  sleep(): void {
    this.#state = 'asleep'
    this.#frozenAt = this.#time.now
    this.#arm()
  }

  /** `monotonic`: whether it went on while the machine slept. */
  wake(monotonic: 'stood-still' | 'went-on'): void {
    if (this.#state !== 'asleep') return
    this.#state = 'awake'
    if (monotonic === 'stood-still') this.#lag += this.#time.now - this.#frozenAt
    this.#arm()
  }

  off(): void {
    this.#state = 'off'
    this.#timers.clear()
    this.#arm()
  }

  #arm(): void {
    this.#cancel?.()
    this.#cancel = null
    if (this.#state !== 'awake' || this.#timers.size === 0) return
    let at = Infinity
    for (const timer of this.#timers) at = Math.min(at, timer.at)
    this.#cancel = this.#time.after(at - this.monotonic(), () => this.#fire())
  }

  /** One at a time: what it starts settles before the next. */
  #fire(): void {
    this.#cancel = null
    const now = this.monotonic()
    for (const timer of this.#timers) {
      if (timer.at > now) continue
      this.#timers.delete(timer)
      this.#arm()
      timer.call()
      return
    }
    this.#arm()
  }
}
