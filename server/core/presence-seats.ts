/** What a room holds of its members, and who of them makes room for whom (SPEC Y9). */
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import { HEARD_AGAIN_MS, type Heard, type LastHeard } from '../ports/last-heard.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { coversArea } from '../../relay/protocol/rights.ts'
import type { Headcount, Member, MemberState, TrackState } from '../../relay/protocol/presence.ts'

/** A device on one of its connections, and who is signed in there. `link` names the connection. */
export interface PresentDevice {
  readonly device: DeviceId
  readonly link: string
  /** Its number among the links of the device: what an older one says counts no more (N11). */
  readonly order: number
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

/** How a connection ended, as far as the device said so. */
export type Leaving = 'lost' | 'stopping' | 'suspending'

/** How a member of an area is not there any more. `agoMs`: for how long already. */
export interface Absence {
  readonly state: 'asleep' | 'gone'
  readonly heardWall: number
  readonly now: number
  readonly agoMs?: number
}

/** `until`: when an unclean end is none that was short any more, and how long who is gone or asleep is still named. */
export type Standing =
  | { readonly kind: 'present' }
  | { readonly kind: 'leased'; readonly until: number; readonly heardWall: number }
  | { readonly kind: 'absent'; readonly state: 'asleep' | 'gone'; readonly until: number }

/** Places of one room that are one person's at most, and one address's where nobody signed in: the others find one (P8). */
const MAX_OF_PERSON = LIMITS.maxMembers / 8
const MAX_OF_SOURCE = LIMITS.maxMembers / 2

/**
 * Who answers for a place: the person who is there, or was there last; where nobody was, the address; of who has not been heard
 * since the start, it alone.
 */
export type Holder = `person ${string}` | `address ${string}` | `device ${DeviceId}`

/** A device that was heard in an area before the start of the server: when, by its time. */
export interface SilentDevice extends Pick<LastHeard, 'device' | 'isAlone'> {
  readonly heardWall: number
}

/** The place of a device in a room. `told`: what readers know of it, as JSON. */
export interface Seat {
  who: PresentDevice
  holder: Holder
  track: TrackState
  /** Server time, epoch milliseconds: since when it is there with its person, or when it was last heard. */
  sinceWall: number
  /** `noticed`: the person changed, and the device has not said since when they are there; they may have been all the time. */
  since: 'said' | 'noticed'
  standing: Standing
  told: string
  toldAt: number
  /** The node that tells of it; null for this one. */
  node: string | null
  /** When that node spoke of it last; of this one, its last sign of life. */
  heardAt: number
  /** For how long from then it may be silent. */
  leaseMs: number
  /** When that was by server time, epoch milliseconds, once it is later than it should be; null otherwise. */
  staleWall: number | null
  /** When it was last given out to be kept when it was heard; null for never, -Infinity where that is not so any more. */
  keptAt: number | null
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
  /** Of an area: devices of which it is kept that they were heard, and that have left. */
  readonly unkept: Map<DeviceId, Heard>
  /** Devices that are there and found no place, each with its connection. */
  readonly unplaced: Map<DeviceId, string>
  markedAt: number
  /** How many of these readers were told of. */
  markedMore: number
}

export function newRoom(
  channel: ChannelName,
  area: string,
  { isArea, now }: { readonly isArea: boolean; readonly now: number },
): Room {
  const empty = { seats: new Map(), left: new Map(), unkept: new Map(), unplaced: new Map() }
  return { channel, area, isArea, ...empty, markedAt: now, markedMore: 0 }
}

/** The place of one that is there, and of whom nobody was told yet. */
export function newSeat(
  who: PresentDevice,
  { now, ...more }: Pick<Seat, 'track' | 'sinceWall' | 'holder'> & { readonly now: number },
): Seat {
  return {
    who,
    ...more,
    since: 'said',
    standing: { kind: 'present' },
    told: '',
    toldAt: now,
    node: null,
    heardAt: now,
    leaseMs: Infinity,
    staleWall: null,
    keptAt: null,
  }
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
    ...(seat.staleWall !== null && !isAway && { stale: iso(seat.staleWall) }),
    ...(track.looks !== undefined && !isAway && { looks: track.looks }),
    ...(track.own !== undefined && !isAway && { own: track.own }),
  }
}

/** How many people and devices are in the room, each person once. */
export function headcountOf(room: Room): Omit<Headcount, 'confirmed'> {
  const people = new Set<string>()
  const devices: Record<MemberState, number> = { here: 0, 'screen-off': 0, asleep: 0, gone: 0 }
  for (const seat of room.seats.values()) {
    const { operator } = seat.who
    devices[stateOf(seat)] += 1
    if (operator !== null && !isAbsent(seat)) people.add(operator)
  }
  return { people: people.size, devices }
}

/** Sessions by which this person is named in these rooms. */
export function sessionsIn(rooms: Iterable<Room>, operator: string): ReadonlySet<SessionId> {
  const sessions = new Set<SessionId>()
  for (const { seats } of rooms)
    for (const { who } of seats.values())
      if (who.operator === operator && who.session !== null) sessions.add(who.session.id)
  return sessions
}

/** What there is, for metrics. */
export interface PresenceCounts {
  readonly rooms: number
  readonly members: number
  /** Of those, the ones that are gone or asleep. */
  readonly absent: number
  /** Since the start: members that made room, and those that found none. */
  readonly evicted: number
  readonly refused: number
}

/** How many members all these rooms have, and of those how many are gone or asleep. */
export function membersIn(rooms: Iterable<Room>): { readonly members: number; readonly absent: number } {
  const seats = [...rooms].flatMap((room) => [...room.seats.values()])
  return { members: seats.length, absent: seats.filter(isAbsent).length }
}

/** When the members of an area were heard, as far as it has to be kept anew; `all`: of everybody who is there. */
export function unkeptOf(
  room: Room,
  {
    now,
    wall,
    iso,
    all,
  }: { readonly now: number; readonly wall: number; readonly iso: (wallMs: number) => string; readonly all: boolean },
): readonly Heard[] {
  const rows = [...room.unkept.values()]
  room.unkept.clear()
  for (const [device, seat] of room.seats) {
    const { standing, keptAt, who, node } = seat
    // Each node keeps what it heard itself.
    if (node !== null) continue
    const isDue = keptAt === null || (isAbsent(seat) ? keptAt === -Infinity : all || keptAt + HEARD_AGAIN_MS <= now)
    if (!isDue) continue
    seat.keptAt = now
    const heardWall =
      standing.kind === 'present' ? wall : standing.kind === 'leased' ? standing.heardWall : seat.sinceWall
    rows.push({ device, area: room.area, isAlone: isStranger(who), at: iso(heardWall), isOver: false })
  }
  return rows
}

/** That this member is there no more, since this time. */
export function overOf({ area }: Room, { who }: Seat, at: string): Heard {
  return { device: who.device, area, isAlone: isStranger(who), at, isOver: true }
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

/** Who answers for the place of a device; `before` has a person of it that has left. */
export function holderOf({ operator, source }: PresentDevice, before?: Holder): Holder {
  return operator !== null ? `person ${operator}` : (before ?? `address ${source}`)
}

/**
 * Whether there is a place for one more, or whose it takes. A stranger takes none but a stranger's of its address; whoever has all
 * that are theirs one of their own that is absent; in a full room one makes room who is absent, and else one of whoever has most,
 * a person's not before that of a device with nobody (P8).
 */
export function placeFor(room: Room, who: PresentDevice): DeviceId | 'free' | 'none' {
  const ofStrangers = isStranger(who) ? placeOfStrangers(room, who.source) : 'free'
  if (ofStrangers !== 'free') return ofStrangers
  const { own, place } = placeOfHolder(room, who)
  if (place !== 'free' || room.seats.size < LIMITS.maxMembers) return place
  return firstAbsent(room) ?? ofLoudest(room, who, own) ?? 'none'
}

/**
 * Whether who is on a device that has a place may have it: whose it takes where that person has all of theirs on other devices.
 * Nobody signed in costs nobody a place.
 */
export function placeToKeep(room: Room, { holder }: Seat, who: PresentDevice): DeviceId | 'free' | 'none' {
  if (who.operator === null || holder === holderOf(who)) return 'free'
  return placeOfHolder(room, who).place
}

/** How many places whoever would answer for this one has besides, and whether that leaves one. */
function placeOfHolder(
  room: Room,
  who: PresentDevice,
): { readonly own: number; readonly place: DeviceId | 'free' | 'none' } {
  const holder = holderOf(who)
  const own = [...room.seats.values()].filter((seat) => seat.holder === holder)
  const isFull = own.length >= (who.operator === null ? MAX_OF_SOURCE : MAX_OF_PERSON)
  return { own: own.length, place: isFull ? (own.find(isAbsent)?.who.device ?? 'none') : 'free' }
}

/** Who makes room first of those who are gone or asleep: strangers, then who went first of those that one person or address has most of. */
export function firstAbsent(room: Room): DeviceId | null {
  return firstOf(room, (seat) => isAbsent(seat) && isStranger(seat.who)) ?? loudest(room, isAbsent)?.first ?? null
}

/** Whether strangers have a place left for one from this address; where they have none, the one of them whose place it takes. */
function placeOfStrangers(room: Room, source: string): DeviceId | 'free' | 'none' {
  const all = [...room.seats.values()].filter(({ who }) => isStranger(who))
  const ofSource = all.filter(({ who }) => who.source === source)
  const isFull = ofSource.length >= LIMITS.maxMembersAlonePerSource
  if (!isFull && all.length < LIMITS.maxMembersAlone) return 'free'
  return (isFull ? ofSource : all).find(isAbsent)?.who.device ?? 'none'
}

/** Of those who are there. Between two who have as many nobody gives way, or they would push each other out for ever. */
function ofLoudest(room: Room, { operator }: PresentDevice, own: number): DeviceId | null {
  if (operator !== null) {
    const stranger = firstOf(room, (seat) => isStranger(seat.who))
    const device = stranger ?? loudest(room, (seat) => seat.who.operator === null)?.first ?? null
    if (device !== null) return device
  }
  const most = loudest(room, (seat) => operator !== null || seat.who.operator === null)
  return most !== null && most.count > own + 1 ? most.first : null
}

/** Of these places, how many belong to whoever has most of them, and the first of those. */
function loudest(
  room: Room,
  isOne: (seat: Seat) => boolean,
): { readonly first: DeviceId; readonly count: number } | null {
  const held = new Map<Holder, { readonly first: DeviceId; count: number }>()
  for (const [device, seat] of room.seats) {
    if (!isOne(seat)) continue
    const known = held.get(seat.holder)
    if (known === undefined) held.set(seat.holder, { first: device, count: 1 })
    else known.count += 1
  }
  let most: { readonly first: DeviceId; count: number } | null = null
  for (const each of held.values()) if (most === null || each.count > most.count) most = each
  return most
}

/** The first of these in the room. */
function firstOf(room: Room, is: (seat: Seat) => boolean): DeviceId | null {
  for (const [device, seat] of room.seats) if (is(seat)) return device
  return null
}
