/** What a room holds of its members, and who of them makes room for whom (SPEC Y9). */
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { coversArea } from '../../relay/protocol/rights.ts'
import type { Member, MemberState, TrackState } from '../../relay/protocol/presence.ts'

/** A device on one of its connections, and who is signed in there. `link` names the connection. */
export interface PresentDevice {
  readonly device: DeviceId
  readonly link: string
  readonly name: string
  /** Where it comes from, as limits count it. */
  readonly source: string
  /** Areas it stands in: it may be there with nobody signed in. */
  readonly areas: readonly string[]
  /** Nobody ever signed in on it. */
  readonly isAlone: boolean
  readonly operator: string | null
  /** As what they are signed in, and until when at the longest. */
  readonly session: { readonly id: SessionId; readonly until: number } | null
}

/** `until`: when an unclean end is none that was short any more, and how long who is gone or asleep is still named. */
export type Standing =
  | { readonly kind: 'present' }
  | { readonly kind: 'leased'; readonly until: number; readonly heardWall: number }
  | { readonly kind: 'absent'; readonly state: 'asleep' | 'gone'; readonly until: number }

/** The place of a device in a room. `told`: what readers know of it, as JSON. */
export interface Seat {
  who: PresentDevice
  track: TrackState
  /** Server time, epoch milliseconds: since when it is there with its person, or when it was last heard. */
  sinceWall: number
  /** `noticed`: the person changed, and the device has not said since when they are there; they may have been all the time. */
  since: 'said' | 'noticed'
  standing: Standing
  told: string
  toldAt: number
}

/** A room and who is in it; the order of its seats is that in which members came, or went. */
export interface Room {
  readonly channel: ChannelName
  readonly area: string
  /** The whole area, whose terminals are named when they are gone as well. */
  readonly isArea: boolean
  readonly seats: Map<DeviceId, Seat>
  /** Devices that have left and are still said to have, oldest first. */
  readonly left: Map<DeviceId, number>
  markedAt: number
}

/** What it is for readers. */
export function stateOf({ standing, track }: Seat): MemberState {
  return standing.kind === 'absent' ? standing.state : track.state
}

/** The seat as readers are told it. */
export function memberOf(seat: Seat, iso: (wallMs: number) => string): Member {
  const { who, track, sinceWall } = seat
  const isAway = isAbsent(seat)
  return {
    name: who.name,
    operator: who.operator,
    state: stateOf(seat),
    since: iso(sinceWall),
    ...(track.looks !== undefined && !isAway && { looks: track.looks }),
    ...(track.own !== undefined && !isAway && { own: track.own }),
  }
}

/** Nobody ever signed in on it, and nobody is now. */
export function isStranger({ isAlone, operator }: PresentDevice): boolean {
  return isAlone && operator === null
}

/** Whether it may be in this room with nobody signed in. */
export function mayBeAlone({ isArea, area }: Room, { areas }: PresentDevice): boolean {
  return isArea && coversArea(areas, area)
}

/** Gone or asleep, and still named. */
export function isAbsent({ standing }: Seat): boolean {
  return standing.kind === 'absent'
}

/** Whether strangers have a place left for one from this address; where they have none, the one of them whose place it takes. */
export function placeOfStrangers(room: Room, source: string): DeviceId | 'free' | 'none' {
  const all = [...room.seats.values()].filter(({ who }) => isStranger(who))
  const ofSource = all.filter(({ who }) => who.source === source)
  const isFull = ofSource.length >= LIMITS.maxMembersAlonePerSource
  if (!isFull && all.length < LIMITS.maxMembersAlone) return 'free'
  return (isFull ? ofSource : all).find(isAbsent)?.who.device ?? 'none'
}

/** Who makes room first of those who are gone or asleep: strangers, then who went first. */
export function firstAbsent(room: Room): DeviceId | null {
  return firstOf(room, (seat) => isAbsent(seat) && isStranger(seat.who)) ?? firstOf(room, isAbsent)
}

/** The first of these in the room. */
export function firstOf(room: Room, is: (seat: Seat) => boolean): DeviceId | null {
  for (const [device, seat] of room.seats) if (is(seat)) return device
  return null
}
