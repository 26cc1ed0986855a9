/** Members whose connections are at other nodes of the floor: every node has the same roster, and each tells of its own. */
import { parseChannel, type Channel, type ChannelName } from '../../relay/protocol/channels.ts'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { SeatNews, SharedSeat } from '../ports/live-nodes.ts'
import { isAbsent, newSeat, type Holder, type PresentDevice, type Room, type Seat } from './presence-seats.ts'

/** In place of a node that tells of a seat: that one is gone, and whoever tells of all its members tells of this one, too. */
const NOBODY = ''
/** Whoever it is, it has not told yet: the device greeted there, or its node tells of it no more. */
export const ELSEWHERE = '?'

/** What this part needs of presence. */
export interface NodesHost {
  readonly rooms: ReadonlyMap<ChannelName, Room>
  readonly leaseMs: number
  readonly wall: () => number
  readonly roomsOf: (device: DeviceId) => Iterable<Room>
  readonly open: (channel: Channel, now: number) => Room
  /** Whether there is a place in this room, which somebody else may have made. */
  readonly makeRoom: (room: Room, who: PresentDevice, now: number) => boolean
  readonly sit: (room: Room, seat: Seat) => void
  readonly tell: (room: Room, seat: Seat, now: number) => void
  /** Its node says so, or, of a member of this one, that there is no place for it. */
  readonly leave: (room: Room, seat: Seat, now: number) => void
}

/**
 * 1. Of a device the node of its latest link tells (N11), in whatever order news of two nodes comes.
 * 2. A node that is gone leaves its devices a lease to come back by another one; one that tells of all its members again has left
 *    the others to other nodes.
 * 3. When somebody was heard is kept by the node that heard it.
 */
export class PresenceNodes {
  readonly #host: NodesHost

  constructor(host: NodesHost) {
    this.#host = host
  }

  /** Members of another node. What is older than what is known of a device is passed over, and where a room is full there is no place. */
  heard(node: string, news: readonly SeatNews[], now: number): void {
    const { rooms, open, leave } = this.#host
    for (const one of news) {
      const { device, order, seat: shared } = one
      const room = rooms.get(one.channel)
      const seat = room?.seats.get(device)
      const channel = parseChannel(one.channel)
      if (channel?.domain !== 'presence') continue
      if (shared !== null && (seat === undefined || isLater(order, node, seat)))
        this.#take(room ?? open(channel, now), seatOf(one, shared, { node, now }), now)
      else if (shared === null && room !== undefined && seat !== undefined && order >= seat.who.order)
        leave(room, seat, now)
    }
  }

  /** Whether another node, which is heard, tells that this device is there. */
  isThere(device: DeviceId): boolean {
    for (const room of this.#host.roomsOf(device)) {
      const seat = room.seats.get(device)
      if (seat === undefined || seat.node === null || seat.node === NOBODY || seat.node === ELSEWHERE) continue
      if (seat.standing.kind === 'present') return true
    }
    return false
  }

  /** All that this node has to tell of: from here on that is what nobody told of any more as well. */
  *members(now: number): Generator<SeatNews> {
    for (const seat of this.#seatsAt(NOBODY)) seat.node = null
    for (const room of this.#host.rooms.values())
      for (const seat of room.seats.values()) if (seat.node === null) yield newsOf(room, seat, now)
  }

  /** This node told of all its members since then. */
  listed(node: string, began: number, now: number): void {
    for (const seat of this.#seatsAt(node)) if (seat.heardAt < began) this.#elsewhere(seat, now)
  }

  /** Nothing was heard of this node since then, by the monotonic clock. */
  lost(node: string, heardAt: number, now: number): void {
    const { wall, leaseMs } = this.#host
    for (const seat of this.#seatsAt(node)) {
      seat.node = NOBODY
      if (seat.standing.kind === 'present')
        seat.standing = { kind: 'leased', until: heardAt + leaseMs, heardWall: wall() - (now - heardAt) }
    }
  }

  /** The device greeted, here or elsewhere: what an older link of it said here is over, unless the new one says the same. */
  greeted(device: DeviceId, order: number, now: number): void {
    for (const room of this.#host.roomsOf(device)) {
      const seat = room.seats.get(device)
      if (seat?.node === null && seat.who.order < order) this.#elsewhere(seat, now)
    }
  }

  /** Its node tells of it within a lease, or it has left. */
  #elsewhere(seat: Seat, now: number): void {
    const until = now + this.#host.leaseMs
    seat.node = ELSEWHERE
    seat.keptAt = null
    if (seat.standing.kind === 'absent')
      seat.standing = { ...seat.standing, until: Math.min(seat.standing.until, until) }
    else seat.standing = { kind: 'leased', until, heardWall: this.#host.wall() }
  }

  #take(room: Room, other: ReturnType<typeof seatOf>, now: number): void {
    const { makeRoom, sit, tell } = this.#host
    const { device } = other.who
    const known = room.seats.get(device)
    if (known === undefined && room.seats.size >= LIMITS.maxMembers && !makeRoom(room, other.who, now)) return
    const seat = Object.assign(known ?? newSeat(other.who, { ...other, now }), other)
    // The order of the seats is that in which they came, or went.
    if (known !== undefined && isAbsent(seat)) room.seats.delete(device)
    sit(room, seat)
    room.unkept.delete(device)
    tell(room, seat, now)
  }

  *#seatsAt(node: string): Generator<Seat> {
    for (const room of this.#host.rooms.values())
      for (const seat of room.seats.values()) if (seat.node === node) yield seat
  }
}

/** The seat as another node is told it. */
export function newsOf({ channel }: Pick<Room, 'channel'>, seat: Seat, now: number): SeatNews {
  const { who, holder, track, sinceWall, since, standing } = seat
  const { device, order, name, areas, source, isAlone, operator } = who
  const lastsMs = (until: number): number => Math.max(0, until - now)
  const session = who.session === null ? null : { id: who.session.id, lastsMs: lastsMs(who.session.until) }
  const absent = standing.kind === 'absent' ? { state: standing.state, lastsMs: lastsMs(standing.until) } : null
  const shared: SharedSeat = {
    name,
    areas,
    source,
    isAlone,
    operator,
    session,
    holder,
    track,
    sinceWall,
    since,
    staleWall: seat.staleWall,
    absent,
  }
  return { channel, device, order, seat: shared }
}

function seatOf(
  { device, order }: SeatNews,
  { session, absent, holder, track, sinceWall, since, staleWall, ...who }: SharedSeat,
  { node, now }: { readonly node: string; readonly now: number },
) {
  return {
    who: {
      ...who,
      device,
      order,
      link: `${node} ${order}`,
      session: session === null ? null : { id: session.id, until: now + session.lastsMs },
    },
    // Only nodes write them, from seats of theirs.
    holder: holder as Holder,
    track,
    sinceWall,
    since,
    standing:
      absent === null
        ? { kind: 'present' as const }
        : { kind: 'absent' as const, state: absent.state, until: now + absent.lastsMs },
    node,
    heardAt: now,
    staleWall,
    keptAt: null,
  } satisfies Partial<Seat>
}

/** Whether what this node says is later than what is known. */
function isLater(order: number, node: string, seat: Seat): boolean {
  if (order !== seat.who.order) return order > seat.who.order
  return seat.node === node || seat.node === NOBODY || seat.node === ELSEWHERE
}
