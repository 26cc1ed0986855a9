import { WAY_LIMITS } from '../../../relay/protocol/ways.ts'

/** Batches up that came and whose frames were not all taken: the one in hand, and the one that came meanwhile. */
const MAX_UNTAKEN = 2

interface Numbered {
  readonly batch: number
}

/** What a batch up is, by its number (N4). `next`: take these, in this order. */
export type Arrival<B extends Numbered> =
  | { readonly kind: 'next'; readonly batches: readonly B[] }
  | { readonly kind: 'again' | 'older' | 'ahead' | 'wrong' }

/**
 * The numbers of the batches up of one link: each is taken once and in order, whatever was sent twice or overtook another.
 *
 * 1. Taken is last + 1. The last one again, and the one before it, take nothing.
 * 2. last + 2 is kept until last + 1 has come; there is one such.
 * 3. Everything else is wrong, as is a batch more while two were not handed over whole.
 */
export class UpBatches<B extends Numbered> {
  #last = 0
  #handedOver = 0
  #ahead: B | null = null

  /** The last batch whose frames were all taken. */
  get ack(): number {
    return this.#handedOver
  }

  came(batch: B): Arrival<B> {
    switch (batch.batch - this.#last) {
      case 1:
        return this.#next(batch)
      case 2:
        if (this.#ahead !== null) return { kind: 'wrong' }
        this.#ahead = batch
        return { kind: 'ahead' }
      case 0:
        return { kind: 'again' }
      case -1:
        return { kind: batch.batch > 0 ? 'older' : 'wrong' }
      default:
        return { kind: 'wrong' }
    }
  }

  /** All frames of the next one were taken. */
  handedOver(): void {
    this.#handedOver += 1
  }

  #next(batch: B): Arrival<B> {
    if (this.#last - this.#handedOver >= MAX_UNTAKEN) return { kind: 'wrong' }
    const ahead = this.#ahead
    this.#ahead = null
    const batches = ahead === null ? [batch] : [batch, ahead]
    this.#last += batches.length
    return { kind: 'next', batches }
  }
}

/** A batch down as it was made; only its `ack` is of the moment in which it leaves. */
export interface DownBatch<P, C> extends Numbered {
  readonly parts: readonly P[]
  readonly bytes: number
  /** Set in the last one. */
  readonly close: C | null
}

/** The batches down of one link that no `ack` covers, which are few and go again in their order (N7). */
export class DownBatches<P extends { readonly length: number }, C> {
  readonly #kept: DownBatch<P, C>[] = []
  #made = 0
  #bytes = 0

  /** Of all that are kept. */
  get bytes(): number {
    return this.#bytes
  }
  /** No further one is made before an `ack`. */
  get isFull(): boolean {
    return this.#kept.length >= WAY_LIMITS.maxUnacked
  }
  /** What a repeated question is answered with; null where everything is covered. */
  get oldest(): DownBatch<P, C> | null {
    return this.#kept[0] ?? null
  }

  make(parts: readonly P[], close: C | null): DownBatch<P, C> {
    this.#made += 1
    const bytes = parts.reduce((sum, { length }) => sum + length, 0)
    const batch = { batch: this.#made, parts, bytes, close }
    this.#kept.push(batch)
    this.#bytes += bytes
    return batch
  }

  /** Forgets what it covers. False where nothing of that number was ever made. */
  acked(ack: number): boolean {
    if (ack > this.#made) return false
    while (this.#kept[0] !== undefined && this.#kept[0].batch <= ack) this.#bytes -= this.#kept.shift()?.bytes ?? 0
    return true
  }
}
