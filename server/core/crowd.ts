interface Place {
  readonly source: string
  readonly index: number
  readonly since: number
}

/**
 * Who is here from where, so that room can be made at the cost of whoever takes most of it (P8). Pure: time and chance come
 * in. Adding, leaving and choosing cost the same however many are here; `largest` looks at every source.
 */
export class Crowd<M> {
  readonly #bySource = new Map<string, M[]>()
  readonly #places = new Map<M, Place>()

  /** `since`: when it began to count as it does now. A member that is here already begins anew. */
  add(member: M, source: string, since: number): void {
    this.delete(member)
    const members = this.#bySource.get(source) ?? []
    if (members.length === 0) this.#bySource.set(source, members)
    this.#places.set(member, { source, index: members.length, since })
    members.push(member)
  }

  /** False when it was not here. */
  delete(member: M): boolean {
    const place = this.#places.get(member)
    if (place === undefined) return false
    this.#places.delete(member)
    const members = this.#bySource.get(place.source) ?? []
    const last = members.pop()
    if (last !== undefined && last !== member) {
      members[place.index] = last
      const moved = this.#places.get(last)
      if (moved !== undefined) this.#places.set(last, { ...moved, index: place.index })
    }
    if (members.length === 0) this.#bySource.delete(place.source)
    return true
  }

  get size(): number {
    return this.#places.size
  }

  members(): Iterable<M> {
    return this.#places.keys()
  }

  sizeOf(source: string): number {
    return this.#bySource.get(source)?.length ?? 0
  }

  sourceOf(member: M): string | null {
    return this.#places.get(member)?.source ?? null
  }

  /** The source with most members, the first of equals; null when nobody is here. */
  largest(): string | null {
    let found: string | null = null
    let most = 0
    for (const [source, { length }] of this.#bySource) {
      if (length <= most) continue
      most = length
      found = source
    }
    return found
  }

  /** Somebody of this source who has been here since `before` or longer, by chance (0 ≤ chance < 1); null when nobody has. */
  pick(source: string, { before, chance }: { readonly before: number; readonly chance: number }): M | null {
    const members = this.#bySource.get(source) ?? []
    const first = Math.floor(chance * members.length)
    for (let step = 0; step < members.length; step += 1) {
      const member = members[(first + step) % members.length]
      if (member !== undefined && (this.#places.get(member)?.since ?? Infinity) <= before) return member
    }
    return null
  }
}

/** Bounds of a crowd. */
export interface Bounds {
  readonly max: number
  /** No source has more than this. */
  readonly maxPerSource: number
  /** Who has been here for less is spared by the excess of its own source, milliseconds. */
  readonly sparedMs: number
}

export type Room<M> = { readonly ok: true; readonly leaves: M | null } | { readonly ok: false }

/**
 * Room for one more of this source.
 *
 * 1. Where the source is at its own bound, one of its own makes room, by chance among those that have been here for `sparedMs`.
 * 2. Where the crowd is full because another source has more than this one would, one of whoever has most goes, however long
 *    it has been here.
 * 3. Otherwise nobody is to blame, and one that has been here for `sparedMs` goes: its own, or of whoever has most.
 *
 * Without such a one there is no room.
 */
export function roomFor<M>(
  crowd: Crowd<M>,
  source: string,
  { max, maxPerSource, sparedMs, now, chance }: Bounds & { readonly now: number; readonly chance: number },
): Room<M> {
  const own = crowd.sizeOf(source)
  if (own < maxPerSource && crowd.size < max) return { ok: true, leaves: null }
  const old = { before: now - sparedMs, chance }
  const ofOwn = (): M | null => crowd.pick(source, old)
  const largest = crowd.largest() ?? source
  let leaves: M | null
  if (own >= maxPerSource) leaves = ofOwn()
  else if (crowd.sizeOf(largest) > own + 1) leaves = crowd.pick(largest, { before: Infinity, chance })
  else leaves = ofOwn() ?? crowd.pick(largest, old)
  return leaves === null ? { ok: false } : { ok: true, leaves }
}
