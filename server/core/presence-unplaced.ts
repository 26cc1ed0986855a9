/** Devices that are there and find no place in a room: readers are told how many they are (PROTOCOL M9). */
import type { DeviceId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { PresentDevice, Room, Seat } from './presence-seats.ts'

/**
 * One counts from when it finds no place until it has one, leaves, or its connection is over; nobody has to ask again for that. Of
 * a room as many are counted as it has members.
 */
export class Unplaced {
  readonly #roomsOf = new Map<DeviceId, Set<Room>>()

  add(room: Room, { device, link }: Pick<PresentDevice, 'device' | 'link'>): void {
    if (room.unplaced.size >= LIMITS.maxMembers && !room.unplaced.has(device)) return
    room.unplaced.set(device, link)
    const rooms = this.#roomsOf.get(device)
    if (rooms === undefined) this.#roomsOf.set(device, new Set([room]))
    else rooms.add(room)
  }

  /** It had a place, and unless it was gone it is there still. */
  evicted(room: Room, { standing, who }: Pick<Seat, 'standing' | 'who'>): void {
    if (standing.kind === 'present') this.add(room, who)
  }

  delete(room: Room, device: DeviceId): void {
    if (!room.unplaced.delete(device)) return
    const rooms = this.#roomsOf.get(device)
    rooms?.delete(room)
    if (rooms?.size === 0) this.#roomsOf.delete(device)
  }

  /** This connection of it is over. */
  left({ device, link }: Pick<PresentDevice, 'device' | 'link'>): void {
    for (const room of this.#roomsOf.get(device) ?? [])
      if (room.unplaced.get(device) === link) this.delete(room, device)
  }
}
