/** What readers of a room hear of it: of each member what is new, how many there are, and who has left. */
import { channelName, type ChannelName } from '../../relay/protocol/channels.ts'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import { staleMs } from '../../relay/protocol/heartbeats.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { Headcount, RosterMark } from '../../relay/protocol/presence.ts'
import { ROSTER_KEY } from '../../relay/protocol/room-names.ts'
import type { SeatNews } from '../ports/live-nodes.ts'
import type { LivePut } from './live.ts'
import { newsOf } from './presence-nodes.ts'
import { headcountOf, memberOf, type Room, type Seat } from './presence-seats.ts'

/** How long a member is current for readers, and when it is told again, milliseconds: a reader that missed its end has no ghost for longer. */
const TTL_MS = 10 * 60_000
const AGAIN_MS = TTL_MS / 2
/** How long it is said that somebody has left, milliseconds: a reader that was full meanwhile has them for no longer than that. */
const LEFT_TTL_MS = TTL_MS

/** A process that did not look for so long stood still, milliseconds; it does so four times a second. */
const DEAF_MS = 2_000

export interface TellerOptions {
  /** Where members are told; the core's `LiveHub`. */
  readonly live: {
    put(channel: ChannelName, put: LivePut, now: number): boolean
    forget(channel: ChannelName, key: string): void
    isRead(channel: ChannelName): boolean
  }
  /** Server time, epoch milliseconds: only for what people read. */
  readonly wall: () => number
  /** As ISO 8601 UTC. */
  readonly iso: (wallMs: number) => string
  /** Where other nodes are told of members whose connections are here; absent where there are none. */
  readonly share?: (news: SeatNews) => void
}

export interface PresenceOptions extends TellerOptions {
  readonly areas: readonly string[]
  /** Monotonic milliseconds of the start, and how long a device has to come back after it. */
  readonly startedAt: number
  readonly leaseMs: number
}

/** Tells readers of rooms; who is in them is not its to decide. */
export class PresenceTeller {
  readonly #options: TellerOptions
  readonly #uncounted = new Set<Room>()
  #lookedAt = -Infinity
  /** Since when this process has been going on without a pause. */
  #awakeSince = -Infinity

  constructor(options: TellerOptions) {
    this.#options = options
  }

  /** Tells what is new of a member; nothing where nothing is. */
  member(room: Room, seat: Seat, now: number): void {
    const value = JSON.stringify(memberOf(seat, this.#options.iso))
    if (value === seat.told) return
    seat.told = value
    this.#changed(room)
    this.#put(room, seat, now)
    this.share(room, seat, now)
  }

  /** Tells the other nodes how it is with a member of this one. */
  share(room: Room, seat: Seat, now: number): void {
    if (seat.node === null) this.#options.share?.(newsOf(room, seat, now))
  }

  /** Tells them that it is one no more. */
  shareLeft({ channel }: Room, { who: { device, order }, node }: Seat): void {
    if (node === null) this.#options.share?.({ channel, device, order, seat: null })
  }

  /** A sign of life of a member of this node. */
  heard(room: Room, seat: Seat, { leaseMs, now }: { readonly leaseMs: number; readonly now: number }): void {
    if (seat.node !== null || seat.standing.kind !== 'present') return
    Object.assign(seat, { heardAt: now, leaseMs, staleWall: null } satisfies Partial<Seat>)
    this.member(room, seat, now)
  }

  /** Tells since when nothing was heard of it, once that is late, and all of it again once that was long ago. */
  memberAgain(room: Room, seat: Seat, now: number): void {
    if (isLate(seat, now - Math.max(seat.heardAt, this.#awakeSince))) {
      seat.staleWall = this.#options.wall() - (now - seat.heardAt)
      this.member(room, seat, now)
    } else if (seat.toldAt + AGAIN_MS <= now) this.#put(room, seat, now)
  }

  /** That this member has left is told as long as somebody may believe that it is there, of so many as there is room for. */
  left(room: Room, device: DeviceId, now: number): void {
    this.#options.live.put(room.channel, this.#live(device, null, LEFT_TTL_MS), now)
    room.left.delete(device)
    room.left.set(device, now + LEFT_TTL_MS)
    for (const first of room.left.keys()) {
      if (room.left.size + LIMITS.maxMembers < LIMITS.maxLiveKeys) break
      room.left.delete(first)
      this.#options.live.forget(room.channel, first)
    }
    this.#changed(room)
  }

  /** Whether everybody had the time to come back since the start, and how many found no place. */
  mark(room: Room, confirmed: boolean, now: number): void {
    const mark: RosterMark = { confirmed, ...moreOf(room) }
    this.#options.live.put(room.channel, this.#live(ROSTER_KEY, mark, TTL_MS), now)
    this.#changed(room)
    room.markedAt = now
    room.markedMore = room.unplaced.size
  }

  /** Tells it again once that was long ago, or is not so any more. */
  markAgain(room: Room, confirmed: boolean, now: number): void {
    if (room.markedAt + AGAIN_MS <= now || room.markedMore !== room.unplaced.size) this.mark(room, confirmed, now)
  }

  /** Called often; where it was not, nobody was heard meanwhile, which is nobody's lateness. */
  looks(now: number): void {
    if (now - this.#lookedAt > DEAF_MS) this.#awakeSince = now
    this.#lookedAt = now
  }

  /** Counts anew where something changed. */
  count(confirmed: boolean, now: number): void {
    for (const room of this.#uncounted) {
      const count: Headcount = { confirmed, ...headcountOf(room), ...moreOf(room) }
      this.#options.live.put(channelName('headcount', room.area), this.#live(ROSTER_KEY, count, TTL_MS), now)
    }
    this.#uncounted.clear()
  }

  /** Whether anybody reads the room. */
  isRead({ channel }: Room): boolean {
    return this.#options.live.isRead(channel)
  }

  /** Nothing is known of this room any more. */
  forget(room: Room): void {
    for (const key of [ROSTER_KEY, ...room.left.keys()]) this.#options.live.forget(room.channel, key)
  }

  #changed(room: Room): void {
    if (room.isArea) this.#uncounted.add(room)
  }

  #put(room: Room, seat: Seat, now: number): void {
    const put = this.#live(seat.who.device, memberOf(seat, this.#options.iso), TTL_MS)
    // What found no place is told as soon as there is one.
    seat.toldAt = this.#options.live.put(room.channel, put, now) ? now : -Infinity
  }

  #live(key: string, value: unknown, ttlMs: number): LivePut {
    return { key, value, at: this.#options.iso(this.#options.wall()), ttlMs }
  }
}

/** Whether it should have been heard in this time; told already, or gone, it is not late any more. */
function isLate({ node, standing, staleWall, leaseMs }: Seat, silentMs: number): boolean {
  return node === null && standing.kind !== 'absent' && staleWall === null && silentMs >= staleMs(leaseMs)
}

function moreOf({ unplaced }: Room): { readonly more?: number } {
  return unplaced.size === 0 ? {} : { more: unplaced.size }
}
