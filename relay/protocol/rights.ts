import { domainRow, isOfSite, URGENT_CHANNEL, type Channel } from './channels.ts'
import type { Role } from './records.ts'

/** Areas a device or person may see; `*` stands for every area of the site. */
export type Areas = readonly string[]

/** The person bound to a connection, with the rights of this moment. */
export interface Author {
  readonly operator: string
  readonly role: Role
  readonly areas: Areas
}

/** Who reads: the device always, the person while signed in. */
export interface Reader {
  readonly deviceAreas: Areas
  readonly author: Author | null
}

export function coversArea(areas: Areas, area: string): boolean {
  return areas.includes('*') || areas.includes(area)
}

/** Whether this role answers for the work of others in its areas. */
export function isSupervisor(role: string): boolean {
  return role === 'supervisor' || role === 'admin'
}

/**
 * Whether this reader may read every byte of the channel: the table of domains says whose it is. A device with nobody signed in
 * sees alerts and equipment of its areas, as a wall board does; work, notes and talk need a person; what was rejected is for
 * those who supervise; `prefs` and `inbox` belong to one person. What is urgent is for everybody, and who is on all lines is for
 * the people of each.
 */
export function canRead(reader: Reader, channel: Channel): boolean {
  if (channel.name === URGENT_CHANNEL) return true
  const { author, deviceAreas } = reader
  const isOfArea = author !== null && coversArea(author.areas, channel.area)
  const { readers } = domainRow(channel)
  switch (readers) {
    case 'device':
      return isOfArea || coversArea(deviceAreas, channel.area)
    case 'person':
      return isOfArea || (author !== null && isOfSite(channel))
    case 'supervisor':
      return isOfArea && isSupervisor(author.role)
    case 'owner':
      return author !== null && author.operator === channel.area
    case 'nobody':
      return false
    default:
      return unreachable(readers)
  }
}

/**
 * Whether this reader may be in the room of this channel: in an area its own devices are as well, with nobody signed in; on all
 * lines is only what has all areas; everywhere else whoever reads it.
 */
export function mayBeIn(reader: Reader, channel: Channel): boolean {
  const { author, deviceAreas } = reader
  if (channel.id === null && coversArea(deviceAreas, channel.area)) return true
  return isOfSite(channel) ? author !== null && coversArea(author.areas, channel.area) : canRead(reader, channel)
}

/** Ends an exhaustive switch: a case that was forgotten does not compile. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${String(value)}`)
}
