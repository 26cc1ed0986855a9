import { Crowd, roomFor } from './crowd.ts'

/** Who has been connected for less is spared by the excess of its own source, milliseconds: a handshake and a request take less. */
const SPARED_MS = 1_000

/** In, at the cost of `leaves` where there is one; or no room. */
export type Entry<M> = { readonly kind: 'in'; readonly leaves: M | null } | { readonly kind: 'full' }

/**
 * Every socket of the server, whatever speaks on it, bounded in sum (V21): a process without descriptors takes nobody in
 * and cannot even say so. When it is full, one of whoever has most goes; the sockets of known devices are not among them.
 */
export class Sockets<M> {
  readonly #max: number
  readonly #open = new Crowd<M>()
  readonly #devices = new Set<M>()

  constructor(max: number) {
    this.#max = max
  }

  enter(member: M, source: string, { now, chance }: { readonly now: number; readonly chance: number }): Entry<M> {
    const max = this.#max - this.#devices.size
    const room = roomFor(this.#open, source, { max, maxPerSource: max, sparedMs: SPARED_MS, now, chance })
    if (!room.ok) return { kind: 'full' }
    if (room.leaves !== null) this.left(room.leaves)
    this.#open.add(member, source, now)
    return { kind: 'in', leaves: room.leaves }
  }

  /** It is a known device's from now on. */
  belongsToDevice(member: M): void {
    if (this.#open.delete(member)) this.#devices.add(member)
  }

  left(member: M): void {
    this.#open.delete(member)
    this.#devices.delete(member)
  }

  /** Everybody who is here, as it is when it is asked: whoever is told may leave. */
  all(): readonly M[] {
    return [...this.#open.members(), ...this.#devices]
  }

  get size(): number {
    return this.#open.size + this.#devices.size
  }
}
