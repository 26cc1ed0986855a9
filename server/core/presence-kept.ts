/** What is kept of when devices were heard in areas (PROTOCOL M12), their own areas included while they are on another. */
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import { presenceChannel } from '../../relay/protocol/room-names.ts'
import type { Heard } from '../ports/last-heard.ts'
import { unkeptOf, type PresentDevice, type Room } from './presence-seats.ts'

/** Who is in which room. */
export interface Places {
  readonly rooms: ReadonlyMap<ChannelName, Room>
  readonly roomsOf: ReadonlyMap<DeviceId, ReadonlySet<Room>>
}

interface Look {
  readonly now: number
  readonly wall: number
  readonly iso: (wallMs: number) => string
  /** Of everybody, because the server stops. */
  readonly all: boolean
}

/** When who is in areas was heard, as far as it is to be kept anew: of a device and an area once. */
export function heardIn(places: Places, look: Look): readonly Heard[] {
  const areas = [...places.rooms.values()].filter(({ isArea }) => isArea)
  const at = look.iso(look.wall)
  return latestOf(areas.flatMap((room) => unkeptOf(room, look)).flatMap((row) => ofOwnAreas(row, { places, at })))
}

/** The rooms of the areas in which this device stands. A wall of all lines is missed on all lines only. */
export function homesOf({ areas }: PresentDevice, rooms: Places['rooms']): readonly Room[] {
  return areas.flatMap((area) => (area === '*' ? [] : (rooms.get(presenceChannel(area)) ?? [])))
}

/** A terminal that shows another line is heard on its own as well; it has not left that. */
function ofOwnAreas(
  row: Heard,
  { places: { rooms, roomsOf }, at }: { readonly places: Places; readonly at: string },
): readonly Heard[] {
  const seats = [...(roomsOf.get(row.device) ?? [])].flatMap((room) => room.seats.get(row.device) ?? [])
  const who = seats[0]?.who
  const own = who === undefined ? [] : homesOf(who, rooms).map(({ area }) => area)
  if (!row.isOver) return [row, ...own.filter((area) => area !== row.area).map((area) => ({ ...row, area }))]
  const isHere = seats.some(({ standing }) => standing.kind === 'present')
  return own.includes(row.area) && isHere ? [{ ...row, at, isOver: false }] : [row]
}

/** Of each device and area the latest time; that it is over counts only where nothing else is said. */
function latestOf(rows: readonly Heard[]): readonly Heard[] {
  const latest = new Map<string, Heard>()
  for (const row of rows) {
    const key = `${row.device} ${row.area}`
    const before = latest.get(key)
    const isLater = before === undefined || (!row.isOver && (before.isOver || row.at > before.at))
    if (isLater) latest.set(key, row)
  }
  return [...latest.values()]
}
