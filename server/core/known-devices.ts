import type { DeviceId } from '../../relay/protocol/ids.ts'

/** Devices of a site, several times over; each is its id. */
export const MAX_KNOWN_DEVICES = 20_000

/**
 * Devices on which somebody signed in, or of which a command took effect: what a stranger cannot become by connecting.
 * Bounded; the one that was used longest ago is forgotten, and is a stranger until it is used again.
 */
export class KnownDevices {
  readonly #ids: Set<DeviceId>
  readonly #max: number

  /** `ids`: the ones last seen first. */
  constructor(ids: readonly DeviceId[], max: number = MAX_KNOWN_DEVICES) {
    this.#ids = new Set(ids.slice(0, max).toReversed())
    this.#max = max
  }

  has(id: DeviceId): boolean {
    return this.#ids.has(id)
  }

  used(id: DeviceId): void {
    this.#ids.delete(id)
    this.#ids.add(id)
    if (this.#ids.size <= this.#max) return
    for (const oldest of this.#ids) {
      this.#ids.delete(oldest)
      return
    }
  }
}
