import type { Socket } from 'node:net'
import type { Clock } from '../../../relay/ports.ts'

export interface DirectionOptions {
  readonly clock: Pick<Clock, 'monotonic' | 'after'>
  /** Uniform in [0, 1), for jitter. */
  readonly random: () => number
}

/** Held in one direction before its source is not read any more, bytes: then the sender's own buffers fill, as on a real line. */
const MAX_HELD_BYTES = 256 * 1024

type Item =
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly dueAt: number }
  /** The source is done: `end` has said so, `reset` was broken off. */
  | { readonly kind: 'end' | 'reset'; readonly dueAt: number }

/** One way of one connection: what comes from `from` goes to `to`, in order, when the faults of the moment let it. */
export class Direction {
  readonly #from: Socket
  readonly #to: Socket
  readonly #options: DirectionOptions
  #queue: Item[] = []
  #heldBytes = 0
  #lastDueAt = 0
  #cancelTimer: (() => void) | null = null
  /** Faults may overlap: each counts by itself. */
  #holds = 0
  readonly #delays = new Set<{ readonly ms: number; readonly jitterMs: number }>()
  readonly #pieces = new Set<{ readonly bytes: number }>()
  #isSwallowing = false
  #hasEnded = false

  constructor(from: Socket, to: Socket, options: DirectionOptions) {
    this.#from = from
    this.#to = to
    this.#options = options
    from.on('data', (bytes: Buffer) => this.#take(bytes))
    from.on('end', () => {
      this.#hasEnded = true
      // Nobody will ever be told: let go of this end at least.
      if (this.#isSwallowing) from.destroy()
      this.#push({ kind: 'end', dueAt: this.#dueAt() })
    })
    from.on('close', () => {
      if (!this.#hasEnded) this.#push({ kind: 'reset', dueAt: this.#dueAt() })
    })
    to.on('drain', () => this.#pump())
    // Half-open sockets wait for both directions; one whose reader is gone would wait for ever.
    to.on('close', () => this.#from.resume())
  }

  /** Nothing leaves until healed. */
  hold(): () => void {
    this.#holds += 1
    return () => {
      this.#holds -= 1
      this.#pump()
    }
  }

  delay(ms: number, jitterMs: number): () => void {
    const delay = { ms, jitterMs }
    this.#delays.add(delay)
    return () => this.#delays.delete(delay)
  }

  chop(bytes: number): () => void {
    const piece = { bytes }
    this.#pieces.add(piece)
    return () => this.#pieces.delete(piece)
  }

  /** From now on everything that comes is lost, the news of an end included. */
  swallow(): void {
    this.#isSwallowing = true
    this.#queue = []
    this.#heldBytes = 0
    this.#from.resume()
  }

  #take(bytes: Buffer): void {
    if (this.#isSwallowing) return
    const size = Math.min(bytes.length, ...[...this.#pieces].map((piece) => piece.bytes))
    const isChopped = size < bytes.length
    for (let start = 0; start < bytes.length; start += size) {
      // Pieces are a millisecond apart, or the system would join them again.
      const dueAt = this.#dueAt() + (isChopped && start > 0 ? 1 : 0)
      this.#lastDueAt = dueAt
      this.#push({ kind: 'bytes', bytes: bytes.subarray(start, start + size), dueAt })
    }
    if (this.#heldBytes > MAX_HELD_BYTES) this.#from.pause()
  }

  /** Never before what came earlier. */
  #dueAt(): number {
    let ms = 0
    for (const delay of this.#delays) ms += delay.ms + this.#options.random() * delay.jitterMs
    this.#lastDueAt = Math.max(this.#lastDueAt, this.#options.clock.monotonic() + ms)
    return this.#lastDueAt
  }

  #push(item: Item): void {
    if (this.#isSwallowing) return
    this.#queue.push(item)
    if (item.kind === 'bytes') this.#heldBytes += item.bytes.length
    this.#pump()
  }

  #pump(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = null
    while (this.#holds === 0 && !this.#to.writableNeedDrain) {
      const [first] = this.#queue
      if (first === undefined) break
      const ms = first.dueAt - this.#options.clock.monotonic()
      if (ms > 0) {
        this.#cancelTimer = this.#options.clock.after(ms, () => this.#pump())
        return
      }
      this.#queue.shift()
      this.#pass(first)
    }
    if (this.#heldBytes <= MAX_HELD_BYTES && this.#from.isPaused()) this.#from.resume()
  }

  #pass(item: Item): void {
    if (item.kind === 'bytes') {
      this.#heldBytes -= item.bytes.length
      if (this.#to.writable) this.#to.write(item.bytes)
    } else if (item.kind === 'end') this.#to.end()
    else this.#to.resetAndDestroy()
  }
}
