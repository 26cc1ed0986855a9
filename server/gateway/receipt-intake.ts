import type { ClientFrameOf } from '../../relay/protocol/frames.ts'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import { StoreUnavailable } from '../ports/store-errors.ts'
import type { StoreWriter } from '../ports/store-writer.ts'

type Receipts = ClientFrameOf<'receipts'>

export interface ReceiptIntakeOptions {
  readonly store: Pick<StoreWriter, 'recordReceipts'>
  readonly device: DeviceId
  /** The number of the link that receipts come by now (N11). */
  readonly link: () => number
  /** A later link of the device took the place of this one. */
  readonly stale: () => void
  /** How long so many receipts have to wait, milliseconds; 0 takes them. */
  readonly pace: (count: number) => number
  /** So many receipts were of no alert that is known (E3). */
  readonly dropped: (count: number) => void
  /** This batch is durable (E1). */
  readonly recorded: (batch: Receipts) => void
  /** More waits than a relay ever sends: stop reading, or go on. */
  readonly crowded: (isCrowded: boolean) => void
  readonly failed: (cause: unknown) => void
  /** Server time, epoch milliseconds. */
  readonly nowMs: () => number
}

/** Batches of one connection that wait; a relay has one under way. */
const MAX_WAITING = 4
/** When what the disk did not take is tried again, milliseconds. */
const RETRY_MS = 2_000

/**
 * Receipts of one connection on their way to the disk, batch after batch. Nothing else of the connection waits for them: not
 * when their rate is used up (E3), and not when the disk is full (C6), which no screen goes dark for.
 */
export class ReceiptIntake {
  readonly #options: ReceiptIntakeOptions
  readonly #waiting: { readonly batch: Receipts; readonly cameAt: number }[] = []
  #timer: NodeJS.Timeout | null = null
  #isEnded = false

  constructor(options: ReceiptIntakeOptions) {
    this.#options = options
  }

  take(batch: Receipts): void {
    this.#waiting.push({ batch, cameAt: this.#options.nowMs() })
    if (this.#waiting.length === MAX_WAITING) this.#options.crowded(true)
    if (this.#waiting.length === 1) this.#next()
  }

  /** The connection is gone: its device sends again what was not answered. */
  end(): void {
    this.#isEnded = true
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #next(): void {
    const [first] = this.#waiting
    if (first === undefined || this.#isEnded) return
    const waitMs = this.#options.pace(first.batch.items.length)
    if (waitMs > 0) this.#later(waitMs, () => this.#next())
    else this.#record(first)
  }

  #record(waiting: { readonly batch: Receipts; readonly cameAt: number }): void {
    if (this.#isEnded) return
    const { store, device, recorded, dropped, failed } = this.#options
    const { batch, cameAt } = waiting
    const receipts = batch.items.map(({ alert, kind, agoMs }) => ({
      alert,
      kind,
      device,
      at: new Date(cameAt - Math.min(agoMs, cameAt)).toISOString(),
    }))
    const link = this.#options.link()
    store.recordReceipts(receipts, { device, link }).then(
      (count) => {
        if (count === 'stale-link') {
          // Where the device moved meanwhile, it is only this question that is stale (N14).
          return link === this.#options.link() ? this.#options.stale() : this.#record(waiting)
        }
        if (count > 0) dropped(count)
        recorded(batch)
        if (this.#waiting.length === MAX_WAITING) this.#options.crowded(false)
        this.#waiting.shift()
        return this.#next()
      },
      (cause: unknown) => {
        if (cause instanceof StoreUnavailable) this.#later(RETRY_MS, () => this.#record(waiting))
        else failed(cause)
      },
    )
  }

  #later(ms: number, then: () => void): void {
    if (!this.#isEnded) this.#timer = setTimeout(then, ms)
  }
}
