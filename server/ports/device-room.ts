/** How many devices a store may know: those that are used, and strangers, on which nobody has signed in (P8). */
export interface DeviceRoom {
  readonly used: number
  /** Of those, the ones on which nobody ever signed in, and how many of these may come from one source. */
  readonly alone: number
  readonly alonePerSource: number
  readonly strangers: number
}

/** Devices that a store knows, and of the strangers how many came from each source (an address, of IPv6 its /64). */
export interface DevicesHeld {
  readonly used: number
  readonly strangers: number
  readonly bySource: ReadonlyMap<string, number>
}

/**
 * Who makes room for one more stranger from `source`. Nobody while there is some; otherwise a stranger of the source that has
 * most of them, if that is not the newcomer's own: whoever is loudest pays, and a used device never does. Null: nobody, and
 * the newcomer is refused.
 */
export function makesRoom(
  source: string,
  held: DevicesHeld,
  room: Pick<DeviceRoom, 'used' | 'strangers'>,
): { readonly evicted: string | null } | null {
  if (held.used >= room.used) return null
  if (held.strangers < room.strangers) return { evicted: null }
  let loudest: string | null = null
  let most = (held.bySource.get(source) ?? 0) + 1
  for (const [each, count] of held.bySource) {
    // One more than the newcomer's would have: two of the same size must not push each other out for ever.
    if (count <= most) continue
    loudest = each
    most = count
  }
  return loudest === null ? null : { evicted: loudest }
}
