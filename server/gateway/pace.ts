import type { DeviceId } from '../../relay/protocol/ids.ts'
import { TokenBuckets, type BucketRate } from '../core/token-bucket.ts'

/** Devices and authors whose pace is counted at once. */
const MAX_COUNTED = 50_000

export interface PaceRates {
  readonly device: BucketRate
  readonly author: BucketRate
}

/** How fast commands may come: from one device, and from one author on all their devices together (V8). */
export class Pace {
  readonly #perDevice: TokenBuckets
  readonly #perAuthor: TokenBuckets

  constructor(rates: PaceRates) {
    this.#perDevice = new TokenBuckets(rates.device, MAX_COUNTED)
    this.#perAuthor = new TokenBuckets(rates.author, MAX_COUNTED)
  }

  /** 0 takes them; otherwise how long they have to wait, milliseconds. `author` null: the device's own. */
  take(device: DeviceId, author: string | null, now: number, count = 1): number {
    const ofDevice = this.#perDevice.take(device, now, count)
    return ofDevice > 0 || author === null ? ofDevice : this.#perAuthor.take(author, now, count)
  }
}
