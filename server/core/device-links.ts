import type { DeviceId } from '../../relay/protocol/ids.ts'

/** Whether a greeting is its device's last; where several nodes greet, the store is asked. */
export interface LastGreetings {
  isLast(device: DeviceId, link: string): boolean | Promise<boolean>
}

/** Devices that are away of which the last greeting is remembered; beyond it whoever left first has to greet before it asks. */
const MAX_AWAY = 10_000

/**
 * Which greeting of a device is its last: a device token is of one greeting and ends with the next (A8). Names, not times, so
 * no clock has a say (P7). A restart forgets them all, and every device greets anew.
 *
 * Devices that are connected are always known, so strangers who come and go cost no screen its token.
 */
export class DeviceLinks implements LastGreetings {
  readonly #connected = new Map<DeviceId, string>()
  readonly #away = new Map<DeviceId, string>()

  /** From now on nothing of an older greeting is this device's word. */
  welcomed(device: DeviceId, link: string): void {
    this.#away.delete(device)
    this.#connected.set(device, link)
  }

  /** The connection of this greeting is over; an older one than the last says nothing. */
  left(device: DeviceId, link: string): void {
    if (this.#connected.get(device) !== link) return
    this.#connected.delete(device)
    this.#away.set(device, link)
    if (this.#away.size <= MAX_AWAY) return
    const [first] = this.#away.keys()
    if (first !== undefined) this.#away.delete(first)
  }

  isLast(device: DeviceId, link: string): boolean {
    return (this.#connected.get(device) ?? this.#away.get(device)) === link
  }

  /** Devices that are away and remembered. */
  get away(): number {
    return this.#away.size
  }
}
