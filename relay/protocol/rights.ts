import { URGENT_CHANNEL, type Channel } from './channels.ts'
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
 * Whether this reader may read every byte of the channel. A device with nobody signed in sees alerts and equipment of its
 * areas, as a wall board does; work, notes and talk need a person; what was rejected is for those who supervise; `prefs`
 * and `inbox` belong to one person.
 */
export function canRead(reader: Reader, channel: Channel): boolean {
  const { author, deviceAreas } = reader
  switch (channel.domain) {
    case 'alerts':
      return (
        channel.name === URGENT_CHANNEL ||
        coversArea(deviceAreas, channel.area) ||
        (author !== null && coversArea(author.areas, channel.area))
      )
    case 'equipment':
    case 'telemetry':
      return coversArea(deviceAreas, channel.area) || (author !== null && coversArea(author.areas, channel.area))
    case 'orders':
    case 'chat':
    case 'note':
    case 'presence':
    case 'typing':
      return author !== null && coversArea(author.areas, channel.area)
    case 'rejections':
      return author !== null && isSupervisor(author.role) && coversArea(author.areas, channel.area)
    case 'prefs':
    case 'inbox':
      return author !== null && author.operator === channel.area
    default:
      return unreachable(channel.domain)
  }
}

/** Ends an exhaustive switch: a case that was forgotten does not compile. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${String(value)}`)
}
