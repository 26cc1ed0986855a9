import { randomFillSync } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import type { EventId } from '../../relay/protocol/ids.ts'

/** Of one id. */
const RANDOM_BYTES = 16
const DRAWN_AT_ONCE = 256 * RANDOM_BYTES

/**
 * Names of events: UUIDv7, growing within one process (RFC 9562 §6.2, method 1). The random bytes of many are drawn at once:
 * to ask the system for those of each costs more than everything else about it.
 */
export class EventIds {
  readonly #now: () => number
  readonly #random = Buffer.alloc(DRAWN_AT_ONCE)
  #drawn = 0
  #msecs = 0
  #seq = 0

  /** `now`: epoch milliseconds. */
  constructor(now: () => number) {
    this.#now = now
  }

  next(): EventId {
    const random = this.#draw()
    const now = this.#now()
    if (now > this.#msecs) {
      this.#msecs = now
      // Half of the room is left to count up in.
      this.#seq = random.readUInt32BE(6) >>> 1
    } else if (this.#seq < 0xffff_ffff) this.#seq += 1
    else {
      this.#msecs += 1
      this.#seq = 0
    }
    return uuidv7({ random, msecs: this.#msecs, seq: this.#seq }) as EventId
  }

  #draw(): Buffer {
    if (this.#drawn % DRAWN_AT_ONCE === 0) {
      randomFillSync(this.#random)
      this.#drawn = 0
    }
    this.#drawn += RANDOM_BYTES
    return this.#random.subarray(this.#drawn - RANDOM_BYTES, this.#drawn)
  }
}
