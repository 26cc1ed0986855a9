import type { DeviceId } from '../../relay/protocol/ids.ts'

/** How many reviews there may be, of all and of one device. */
export interface ReviewRoom {
  readonly all: number
  readonly ofDevice: number
}

/**
 * Which reviews make room for the newest, by key: a device's own oldest where it has too many; of all too many, the oldest of
 * the one that has most, strangers before devices that are used (T13). `held`: oldest first, the newest among them.
 */
export function reviewsOver<K>(
  held: ReadonlyMap<K, DeviceId>,
  room: ReviewRoom,
  isStranger: (device: DeviceId) => boolean,
): readonly K[] {
  const newest = [...held].at(-1)?.[1]
  const own = [...held].flatMap(([key, device]) => (device === newest ? [key] : []))
  const over = own.slice(0, Math.max(own.length - room.ofDevice, 0))
  if (held.size - over.length <= room.all) return over
  const counts = new Map<DeviceId, number>()
  for (const device of held.values()) counts.set(device, (counts.get(device) ?? 0) + 1)
  const hasStranger = [...counts.keys()].some(isStranger)
  let payer = newest
  let most = 0
  for (const [device, count] of counts) {
    if (count <= most || (hasStranger && !isStranger(device))) continue
    payer = device
    most = count
  }
  const oldest = [...held].find(([, device]) => device === payer)
  return oldest === undefined ? over : [...over, oldest[0]]
}
