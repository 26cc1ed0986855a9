import type { Channel, ChannelName } from '../../relay/protocol/channels.ts'
import type { ErrorCode } from '../../relay/protocol/errors.ts'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { presenceChannel } from '../../relay/protocol/room-names.ts'
import type { TrackState } from '../../relay/protocol/presence.ts'
import type { Heard } from '../ports/last-heard.ts'
import {
  firstAbsent,
  holderOf,
  isAbsent,
  mayBeAlone,
  membersIn,
  newRoom,
  newSeat,
  overOf,
  placeFor,
  placeToKeep,
  sessionsIn,
  type Absence,
  type Leaving,
  type PresenceCounts,
  type PresentDevice,
  type Room,
  type Seat,
  type SilentDevice,
  type Standing,
} from './presence-seats.ts'
import { heardIn, homesOf } from './presence-kept.ts'
import { ELSEWHERE, PresenceNodes } from './presence-nodes.ts'
import { PresenceTeller, type PresenceOptions } from './presence-tell.ts'
import { Unplaced } from './presence-unplaced.ts'

/**
 * Who is in which room (PROTOCOL M9–M12).
 *
 * 1. A device is a member where it says so, and for as long as it is heard: an unclean end of its connection is told to nobody
 *    for a lease. Whoever comes back within it finds its place, and nobody hears of either.
 * 2. A place belongs to the last connection that spoke of it; what an older one does says nothing any more.
 * 3. Members of an area that are gone or asleep are still named, bounded in number and time; those of a room in it have left,
 *    and so has whoever is here in another room by then.
 * 4. After a start nobody is known, which proves nothing: for one lease the roster says that it is unconfirmed. Who was in an area
 *    before, and has not come back by then, is silent since it was last heard.
 *
 * Times are a monotonic clock's milliseconds, unless they are called `wall`.
 */
export class Presence {
  readonly #options: PresenceOptions
  readonly #rooms = new Map<ChannelName, Room>()
  readonly #roomsOf = new Map<DeviceId, Set<Room>>()
  readonly #tell: PresenceTeller
  readonly #unplaced = new Unplaced()
  /** What is said of members at other nodes. */
  readonly nodes: PresenceNodes
  /** From when on whoever was here had the time to come back. */
  #confirmAt: number
  #isConfirmed = false
  #isHearing = true
  #evicted = 0
  #refused = 0

  constructor(options: PresenceOptions) {
    this.#options = options
    this.#tell = new PresenceTeller(options)
    this.#confirmAt = options.startedAt + options.leaseMs
    this.nodes = new PresenceNodes({
      rooms: this.#rooms,
      leaseMs: options.leaseMs,
      wall: options.wall,
      roomsOf: (device) => this.#roomsOf.get(device) ?? [],
      open: (channel, now) => this.#open(channel, now),
      makeRoom: (room, who, now) => this.#makeRoom(room, who, now),
      sit: (room, seat) => this.#sit(room, seat),
      tell: (room, seat, now) => this.#tell.member(room, seat, now),
      leave: (room, seat, now) => {
        this.#leave(room, seat.who.device, now)
        if (seat.node === null) this.#unplaced.evicted(room, seat)
      },
    })
    for (const area of options.areas) this.#open({ name: presenceChannel(area), area, id: null }, options.startedAt)
  }

  /** The device says that it is in this room, or with null that it is not any more. Null, or why it cannot be. */
  track(who: PresentDevice, channel: Channel, state: TrackState | null, now: number): ErrorCode | null {
    const room = this.#rooms.get(channel.name)
    const seat = room?.seats.get(who.device)
    if (seat !== undefined && seat.who.order > who.order) return null
    if (room !== undefined) this.#unplaced.delete(room, who.device)
    if (state === null) {
      if (room !== undefined && seat !== undefined) this.#leave(room, who.device, now)
      return null
    }
    const sinceWall = this.#options.wall() - (state.agoMs ?? 0)
    if (room !== undefined && seat !== undefined) {
      if (!this.#keepsPlace(room, seat, { who, now })) return this.#refuse('room-full')
      const wasAbsent = isAbsent(seat)
      if (wasAbsent || seat.who.operator !== who.operator) seat.sinceWall = sinceWall
      else if (seat.since === 'noticed') seat.sinceWall = Math.min(seat.sinceWall, sinceWall)
      const standing: Standing = { kind: 'present' }
      const holder = holderOf(who, seat.holder)
      const keptAt = wasAbsent ? -Infinity : seat.keptAt
      const isNewLink = seat.node !== null || seat.who.order !== who.order
      const own = {
        who,
        holder,
        track: state,
        since: 'said',
        standing,
        keptAt,
        node: null,
        heardAt: now,
        staleWall: null,
      } as const
      Object.assign(seat, own satisfies Partial<Seat>)
      this.#tell.member(room, seat, now)
      if (isNewLink) this.#tell.share(room, seat, now)
      return null
    }
    if (!this.#hasRoomFor(who, now)) return this.#refuse('too-many-rooms')
    const joined = room ?? this.#open(channel, now)
    if (!this.#makeRoom(joined, who, now)) {
      this.#unplaced.add(joined, who)
      return this.#refuse('room-full')
    }
    const place = newSeat(who, { track: state, sinceWall, holder: holderOf(who), now })
    this.#sit(joined, place)
    this.#tell.member(joined, place, now)
    return null
  }

  /**
   * Somebody begins to read this room, which is open for as long as they do: that nobody is known in it says nothing until it is
   * confirmed. No more rooms than subscriptions are open for that.
   */
  read(channel: Channel, now: number): void {
    if (!this.#rooms.has(channel.name)) this.#open(channel, now)
  }

  /** Another person, or none, is signed in on the device: told at once; where it may not be any more, it has left. */
  personChanged(who: PresentDevice, mayBeIn: (channel: ChannelName) => boolean, now: number): void {
    for (const [room, seat] of this.#seatsOf(who)) {
      if (!mayBeIn(room.channel)) this.#leave(room, who.device, now)
      else if (this.#keepsPlace(room, seat, { who, now })) {
        this.#becomes(seat, who)
        this.#tell.member(room, seat, now)
      }
    }
  }

  /** These sessions are over: nobody is named by them any more, whether their device has a connection or not (P9). */
  sessionsEnded(sessions: readonly SessionId[], now: number): void {
    for (const room of this.#rooms.values())
      for (const seat of room.seats.values())
        if (seat.who.session !== null && sessions.includes(seat.who.session.id)) this.#signOut(room, seat, now)
  }

  /** Sessions by which this person is named somewhere. */
  sessionsOf(operator: string): ReadonlySet<SessionId> {
    return sessionsIn(this.#rooms.values(), operator)
  }

  /** A sign of life of a connection; `leaseMs`: for how long from now it may be silent. */
  heard(who: Pick<PresentDevice, 'device' | 'link'>, leaseMs: number, now: number): void {
    for (const [room, seat] of this.#seatsOf(who)) this.#tell.heard(room, seat, { leaseMs, now })
  }

  /** A connection is over. `heardAt`: its last sign of life; `leaseMs`: for how long from then it may come back. */
  left(
    who: Pick<PresentDevice, 'device' | 'link'>,
    how: Leaving,
    { heardAt, leaseMs, now }: { readonly heardAt: number; readonly leaseMs: number; readonly now: number },
  ): void {
    this.#unplaced.left(who)
    for (const [room, seat] of this.#seatsOf(who)) {
      const heardWall = this.#options.wall() - (now - heardAt)
      // What it said before it went counts, and where it is by now.
      if (seat.standing.kind === 'absent' || seat.node !== null) continue
      Object.assign(seat, { heardAt, leaseMs } satisfies Partial<Seat>)
      if (how === 'lost') seat.standing = { kind: 'leased', until: heardAt + leaseMs, heardWall }
      else this.#goes(room, seat, { state: how === 'stopping' ? 'gone' : 'asleep', heardWall, now })
    }
  }

  /** Ends what is over, tells again what is old, and counts anew where something changed; called now and then. */
  settle(now: number): void {
    this.#tell.looks(now)
    if (!this.#isConfirmed && this.#isHearing && now >= this.#confirmAt) this.#confirm(true, now)
    for (const room of this.#rooms.values()) {
      for (const [device, seat] of room.seats) {
        const { standing, who } = seat
        if (who.session !== null && who.session.until <= now) this.#signOut(room, seat, now)
        else if (standing.kind === 'leased' && standing.until <= now)
          this.#leaseOver(room, seat, standing.heardWall, now)
        else if (standing.kind === 'absent' && (standing.until <= now || this.#isElsewhere(room, device)))
          this.#leave(room, device, now)
        // What nobody confirms runs out.
        else if (this.#isHearing || seat.node === null) this.#tell.memberAgain(room, seat, now)
      }
      for (const [device, until] of room.left) if (until <= now) room.left.delete(device)
      this.#tell.markAgain(room, this.#isConfirmed, now)
      this.#dropIfEmpty(room)
    }
    this.#tell.count(this.#isConfirmed, now)
  }

  /** Whether the other nodes are heard: while they are not, and for a lease from then, nobody knows who is with them. */
  hearing(isHearing: boolean, now: number): void {
    if (isHearing === this.#isHearing) return
    this.#isHearing = isHearing
    this.#confirmAt = Math.max(this.#confirmAt, now + this.#options.leaseMs)
    this.#confirm(false, now)
  }

  /** Everybody had the time to come back since the start. */
  hasHadTime(now: number): boolean {
    return now >= this.#options.startedAt + this.#options.leaseMs
  }

  /** When who is in areas was heard, as far as it is to be kept anew; `all`: of everybody, because the server stops. */
  unkept(now: number, all: 'all' | 'due' = 'due'): readonly Heard[] {
    const { wall, iso } = this.#options
    const places = { rooms: this.#rooms, roomsOf: this.#roomsOf }
    return heardIn(places, { now, wall: wall(), iso, all: all === 'all' })
  }

  /** These were heard in the area before the start, oldest first; who has not come back by now is silent since then. */
  restore(area: string, heard: readonly SilentDevice[], now: number): void {
    const room = this.#rooms.get(presenceChannel(area))
    if (room === undefined) return
    for (const { device: row, isAlone, heardWall } of heard) {
      const { id: device, name, areas } = row
      if (room.seats.has(device) || room.seats.size >= LIMITS.maxMembers) continue
      const who = { device, order: 0, name, areas, isAlone, link: '', source: '', operator: null, session: null }
      const seat = newSeat(who, { track: { state: 'here' }, sinceWall: heardWall, holder: `device ${device}`, now })
      this.#sit(room, seat)
      const agoMs = Math.max(0, this.#options.wall() - heardWall)
      this.#absent(room, seat, { state: 'gone', heardWall, now, agoMs })
      seat.keptAt = now
      if (this.#isElsewhere(room, device)) this.#leave(room, device, now)
    }
  }

  counts(): PresenceCounts {
    const { members, absent } = membersIn(this.#rooms.values())
    return { rooms: this.#rooms.size, members, absent, evicted: this.#evicted, refused: this.#refused }
  }

  *#seatsOf({ device, link }: Pick<PresentDevice, 'device' | 'link'>): Generator<[Room, Seat]> {
    for (const room of this.#roomsOf.get(device) ?? []) {
      const seat = room.seats.get(device)
      if (seat?.who.link === link) yield [room, seat]
    }
  }

  #confirm(isConfirmed: boolean, now: number): void {
    this.#isConfirmed = isConfirmed
    for (const room of this.#rooms.values()) this.#tell.mark(room, isConfirmed, now)
  }

  #becomes(seat: Seat, who: PresentDevice): void {
    if (seat.who.operator !== who.operator && seat.standing.kind !== 'absent')
      Object.assign(seat, { sinceWall: this.#options.wall(), since: 'noticed' } satisfies Partial<Seat>)
    seat.who = who
    seat.holder = holderOf(who, seat.holder)
  }

  #signOut(room: Room, seat: Seat, now: number): void {
    this.#becomes(seat, { ...seat.who, operator: null, session: null })
    if (mayBeAlone(room, seat.who)) this.#tell.member(room, seat, now)
    else this.#leave(room, seat.who.device, now)
  }

  #refuse(code: ErrorCode): ErrorCode {
    this.#refused += 1
    return code
  }

  // ---------------------------------------------------------------------------------------------------------- rooms

  #open({ name, area, id }: Pick<Channel, 'name' | 'area' | 'id'>, now: number): Room {
    const room = newRoom(name, area, { isArea: id === null, now })
    this.#rooms.set(name, room)
    this.#tell.mark(room, this.#isConfirmed, now)
    return room
  }

  /** Who left it is said to have for as long as somebody reads it, and is held to its bound for as long. */
  #dropIfEmpty(room: Room): void {
    if (room.isArea || room.seats.size > 0 || room.unplaced.size > 0 || this.#tell.isRead(room)) return
    this.#rooms.delete(room.channel)
    this.#tell.forget(room)
  }

  /** Whether it may be in one room more; a place that is left of an older connection of it makes room. */
  #hasRoomFor({ device, link }: PresentDevice, now: number): boolean {
    const rooms = this.#roomsOf.get(device)
    if (rooms === undefined || rooms.size < LIMITS.maxRooms) return true
    const older = [...rooms].find((room) => room.seats.get(device)?.who.link !== link)
    if (older !== undefined) this.#leave(older, device, now)
    return older !== undefined
  }

  /** A place for one more; false where there is none for it. */
  #makeRoom(room: Room, who: PresentDevice, now: number): boolean {
    return this.#takes(room, placeFor(room, who), now)
  }

  /** Whether it keeps its place with whoever is on it now; a person has so many, however they come to them. */
  #keepsPlace(room: Room, seat: Seat, { who, now }: { readonly who: PresentDevice; readonly now: number }): boolean {
    if (this.#takes(room, placeToKeep(room, seat, who), now)) return true
    this.#leave(room, who.device, now)
    this.#unplaced.add(room, who)
    return false
  }

  #takes(room: Room, place: ReturnType<typeof placeFor>, now: number): boolean {
    if (place === 'none') return false
    if (place !== 'free') this.#evict(room, place, now)
    return true
  }

  #evict(room: Room, device: DeviceId, now: number): void {
    this.#evicted += 1
    const seat = room.seats.get(device)
    const isHere = seat?.node === null
    // Whoever has it hears from here that it has no place.
    if (seat !== undefined) seat.node = null
    this.#leave(room, device, now)
    if (seat !== undefined && isHere) this.#unplaced.evicted(room, seat)
  }

  // -------------------------------------------------------------------------------------------------------- members

  /** A place of its own, behind all others. */
  #sit(room: Room, seat: Seat): void {
    const { device } = seat.who
    room.left.delete(device)
    room.seats.set(device, seat)
    const rooms = this.#roomsOf.get(device)
    if (rooms === undefined) this.#roomsOf.set(device, new Set([room]))
    else rooms.add(room)
  }

  #leave(room: Room, device: DeviceId, now: number): void {
    const { wall, iso } = this.#options
    const seat = room.seats.get(device)
    if (seat !== undefined && seat.keptAt !== null) room.unkept.set(device, overOf(room, seat, iso(wall())))
    room.seats.delete(device)
    const rooms = this.#roomsOf.get(device)
    rooms?.delete(room)
    if (rooms?.size === 0) this.#roomsOf.delete(device)
    this.#tell.left(room, device, now)
    if (seat !== undefined) this.#tell.shareLeft(room, seat)
    this.#dropIfEmpty(room)
  }

  #absent(room: Room, seat: Seat, { state, heardWall, now, agoMs = 0 }: Absence): void {
    if (!room.isArea) return this.#leave(room, seat.who.device, now)
    if (state === 'gone') seat.who = { ...seat.who, operator: null, session: null }
    seat.standing = { kind: 'absent', state, until: now + LIMITS.absentMs - agoMs }
    seat.sinceWall = heardWall
    if (seat.keptAt !== null) seat.keptAt = -Infinity
    // Behind all others: the order of the seats is that in which they went.
    room.seats.delete(seat.who.device)
    room.seats.set(seat.who.device, seat)
    this.#tell.member(room, seat, now)
    const absent = [...room.seats.values()].filter(isAbsent)
    const first = absent.length > LIMITS.maxAbsent ? firstAbsent(room) : null
    if (first !== null) this.#leave(room, first, now)
  }

  /** It goes; a terminal that shows another line then is missed on its own as well, and nobody who was on it. */
  #goes(room: Room, seat: Seat, absence: Absence): void {
    const { who, track, holder, node } = seat
    this.#absent(room, seat, absence)
    if (node !== null) return
    for (const home of homesOf(who, this.#rooms)) {
      if (home === room || home.seats.has(who.device) || home.seats.size >= LIMITS.maxMembers) continue
      const alone = { ...who, operator: null, session: null }
      const missed = newSeat(alone, { track, holder, sinceWall: absence.heardWall, now: absence.now })
      this.#sit(home, missed)
      this.#absent(home, missed, absence)
    }
  }

  /** Who came back, and is somewhere else now, has left; it is not gone. */
  #leaseOver(room: Room, seat: Seat, heardWall: number, now: number): void {
    const { device } = seat.who
    if (seat.node === ELSEWHERE || this.#isElsewhere(room, device)) this.#leave(room, device, now)
    else this.#goes(room, seat, { state: 'gone', heardWall, now })
  }

  #isElsewhere(room: Room, device: DeviceId): boolean {
    for (const other of this.#roomsOf.get(device) ?? [])
      if (other !== room && other.seats.get(device)?.standing.kind === 'present') return true
    return false
  }
}
