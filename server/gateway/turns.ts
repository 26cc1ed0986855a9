import type { ClientFrame } from '../../relay/protocol/frames.ts'

/** Frames not yet worked off, before nothing more is read. */
const MAX_WAITING_FRAMES = 256

export interface TurnsHost {
  /** A promise only where the next frame has to wait for it. */
  handle(frame: ClientFrame): Promise<void> | void
  /** A frame will never be answered. */
  frameFailed(frame: ClientFrame, cause: unknown): void
  /** More frames wait than may: stop reading, or go on. */
  crowded(isCrowded: boolean): void
}

/**
 * Works off the frames of one connection in the order they came (V3): a `subscribe` waits for the `auth` before it. Hardly
 * any frame has to wait, so one that finds nothing before it is handled where it is, without a promise. What is of the urgent
 * lane waits for nothing but the greeting (W7).
 */
export class Turns {
  readonly #host: TurnsHost
  /** Absent while nothing waits, which is nearly always. */
  #waiting: ClientFrame[] | null = null
  /** What the frames behind it wait for. */
  #underWay: { readonly frame: ClientFrame; readonly end: Promise<void> } | null = null

  constructor(host: TurnsHost) {
    this.#host = host
  }

  take(frame: ClientFrame): void {
    if (this.#underWay === null || overtakes(frame, this.#underWay.frame)) return this.#handle(frame)
    const waiting = (this.#waiting ??= [])
    waiting.push(frame)
    if (waiting.length === MAX_WAITING_FRAMES) this.#host.crowded(true)
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#underWay !== null) await this.#underWay.end
  }

  #handle(frame: ClientFrame): void {
    try {
      const pending = this.#host.handle(frame)
      if (pending === undefined) return
      const end = pending
        .catch((cause: unknown) => this.#host.frameFailed(frame, cause))
        .then(() => {
          this.#underWay = null
          this.#next()
        })
      this.#underWay = { frame, end }
    } catch (cause) {
      this.#host.frameFailed(frame, cause)
    }
  }

  #next(): void {
    const waiting = this.#waiting
    if (waiting === null) return
    const isCrowded = waiting.length >= MAX_WAITING_FRAMES
    while (this.#underWay === null) {
      const frame = waiting.shift()
      if (frame === undefined) break
      this.#handle(frame)
    }
    this.#letOvertake(waiting)
    if (isCrowded && waiting.length < MAX_WAITING_FRAMES) this.#host.crowded(false)
    if (waiting.length === 0) this.#waiting = null
  }

  /** What stood behind the greeting overtakes what is under way now, before anything that comes later does. */
  #letOvertake(waiting: ClientFrame[]): void {
    if (this.#underWay === null) return
    const { frame: before } = this.#underWay
    const passing = waiting.filter((frame) => overtakes(frame, before))
    if (passing.length === 0) return
    waiting.splice(0, Infinity, ...waiting.filter((frame) => !overtakes(frame, before)))
    for (const frame of passing) this.#handle(frame)
  }
}

/**
 * Whether a frame needs nothing of the one that is under way. A command brings its own session and is authorised by it (W8), so
 * that an alert waits neither for who is signed in nor for what others have to wait for. A heartbeat says nothing of a channel
 * that is not subscribed yet (H1), so no connection looks dead for having to wait with its subscriptions.
 */
function overtakes(frame: ClientFrame, underWay: ClientFrame): boolean {
  if (underWay.t !== 'auth' && underWay.t !== 'subscribe') return false
  if (frame.t === 'command' || frame.t === 'confirm') return frame.lane === 'urgent'
  return frame.t === 'ping' && underWay.t === 'subscribe'
}
