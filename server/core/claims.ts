import type { DeviceId } from '../../relay/protocol/ids.ts'

/**
 * Which greeting has the place of each known device while its signature is looked at (V7). A claim is no proof: whoever saw a
 * public key can name it. One at a time of each device has a place among the known, so that a name taken in vain costs nobody
 * but its own device, and that one only the rank of a stranger.
 */
export class Claims<M> {
  readonly #byDevice = new Map<DeviceId, M>()
  readonly #byMember = new Map<M, DeviceId>()

  /** Whether it has the place; false while another one claims to be this device. */
  take(member: M, device: DeviceId): boolean {
    if (this.#byDevice.has(device)) return this.#byDevice.get(device) === member
    this.left(member)
    this.#byDevice.set(device, member)
    this.#byMember.set(member, device)
    return true
  }

  /** Its greeting is over, whatever came of it. */
  left(member: M): void {
    const device = this.#byMember.get(member)
    if (device === undefined) return
    this.#byMember.delete(member)
    this.#byDevice.delete(device)
  }
}
