import { randomUUID } from 'node:crypto'
import type { ClientFrame, ServerFrame } from '../../relay/protocol/frames.ts'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'

/** What all pongs of a trial may carry together, characters and bytes: four times what a relay asks for before it takes it. */
const MAX_PAD_SUM = 8 * LIMITS.maxPadBytes

/** What becomes of a frame that came by a trial. `wait`: for the move; nothing more is read until then. */
export type OfTrial = { readonly kind: 'answer'; readonly frame: ServerFrame } | { readonly kind: 'nothing' | 'wait' }

/**
 * A second link of a device, beside the living one, that learns whether its way carries (N13). It answers pings and nothing
 * else: what is meant for the device waits until the device is moved here (N14).
 */
export class Trial {
  readonly device: DeviceId
  /** By which `take` means it. */
  readonly name = randomUUID()
  readonly #held: ClientFrame[] = []
  /** It said that it takes binary messages (B2). */
  readonly takesBytes: boolean
  #padded = 0

  constructor(device: DeviceId, takesBytes: boolean) {
    this.device = device
    this.takesBytes = takesBytes
  }

  /** What waits for the move, in the order it came. */
  get held(): readonly ClientFrame[] {
    return this.#held
  }

  take(frame: ClientFrame, serverTime: string): OfTrial {
    // Behind what waits nothing is answered: it would come out of its turn.
    if (this.#held.length === 0) {
      if (frame.t === 'bye') return { kind: 'nothing' }
      if (frame.t === 'ping') return { kind: 'answer', frame: this.#pong(frame, serverTime) }
    }
    this.#held.push(frame)
    return { kind: 'wait' }
  }

  #pong({ nonce, pad = 0 }: Extract<ClientFrame, { t: 'ping' }>, serverTime: string): ServerFrame {
    const wanted = typeof pad === 'number' ? pad : pad.length
    const length = Math.min(wanted, MAX_PAD_SUM - this.#padded)
    this.#padded += length
    const carried = typeof pad === 'number' ? '.'.repeat(length) : pad.subarray(0, length)
    return { t: 'pong', nonce, serverTime, channels: {}, ...(length > 0 && { pad: carried }) }
  }
}
