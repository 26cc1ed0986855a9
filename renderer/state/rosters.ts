/**
 * Who is where, as a window shows it. While the server is away that is who was there when it was last heard, and it says since when
 * it is not current (P5). What was read stays as it is until something else would be read: a second that passes sorts nothing.
 */
import { computed, effect, signal, type ReadonlySignal } from '@preact/signals'
import type { LiveEntry, LiveModel } from '../../relay/domain/live.ts'
import { currentUntil, rosterOf, withSite, type Roster, type RosterMember } from '../../relay/domain/presence.ts'
import type { WindowModel } from '../../relay/domain/window-model.ts'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import { presenceChannel, SITE_ROOM } from '../../relay/protocol/room-names.ts'
import { paced } from './paced.ts'
import type { PressClock } from './presses.ts'
import { liveRooms, thingOf, Typing, writers, type RoomRelay, type RoomSources } from './rooms.ts'

/** Members of a room from which on its changes are taken over at a pace: nobody reads more of them. */
const MANY_MEMBERS = 100
/** That pace, milliseconds. */
const CROWD_MS = 1_000

/** Who is where, for the screens. */
export interface Rosters {
  /** For which moment rooms are read, by the monotonic clock. */
  readonly moment: ReadonlySignal<number>
  /** Of the shown area; null while nothing was heard of it. */
  readonly roster: ReadonlySignal<Roster | null>
  /** The members of that, and behind them those who are on all lines. */
  readonly onLine: ReadonlySignal<readonly RosterMember[]>
  /** Who else looks at the order, machine or note that is open, each person once. */
  readonly besides: ReadonlySignal<readonly string[]>
  /** The room of what is open; null while nothing is. */
  readonly thing: ReadonlySignal<ChannelName | null>
}

/** What of the rooms the screens read. */
export interface InRooms {
  /** What is said in rooms, and who is where, as far as this window shows it. */
  readonly rooms: ReadonlySignal<LiveModel>
  readonly rosters: Rosters
  /** Who else writes in the chat of the shown area. */
  readonly writers: ReadonlySignal<readonly string[]>
  readonly typing: Typing
}

/** Follows rooms until it is released. */
export function openRooms(
  sources: Omit<RoomSources, 'rooms' | 'relay'> & { readonly relay: RoomRelay; readonly clock: PressClock },
): [InRooms, () => void] {
  const { relay, look, self, clock } = sources
  const [rooms, stopRooms] = liveRooms(relay)
  const [moment, stopMoment] = roomsMoment(sources)
  const [followed, stopFollowing] = paced(rooms, { isDear: isCrowded, paceMs: CROWD_MS, clock })
  const thing = computed(() => {
    const id = thingOf(look.value)
    return id === null ? null : presenceChannel(look.value.area, id)
  })
  const inside = steadyRoster(followed, moment, () => thing.value)
  const besides = computed(() => {
    const people = (inside.value?.members ?? []).flatMap(({ operator }) => operator ?? [])
    return [...new Set(people)].filter((name) => name !== self.value)
  })
  const roster = steadyRoster(followed, moment, () => presenceChannel(look.value.area))
  const site = steadyRoster(followed, moment, () => SITE_ROOM)
  const onLine = computed(() => withSite(roster.value, site.value))
  const release = (): void => [stopMoment, stopFollowing, stopRooms].forEach((stop) => stop())
  const rosters = { moment, roster, onLine, besides, thing }
  return [{ rooms, rosters, writers: writers({ ...sources, rooms }), typing: new Typing(relay, self) }, release]
}

/**
 * The moment for which rooms are read, by the monotonic clock: now, and while the server is away the one in which it went. Returns
 * the release with it.
 */
export function roomsMoment({
  relay,
  now,
  isLive,
}: Pick<RoomSources, 'now' | 'isLive'> & { readonly relay: { now(): number } }): [ReadonlySignal<number>, () => void] {
  const lostAt = signal(relay.now())
  const release = effect(() => {
    if (!isLive.value) lostAt.value = relay.now()
  })
  const moment = computed(() => {
    void now.value
    return isLive.value ? relay.now() : lostAt.value
  })
  return [moment, release]
}

/** Whether a room has so many members that its changes are dear. */
function isCrowded(rooms: LiveModel): boolean {
  return [...rooms.values()].some(({ size }) => size > MANY_MEMBERS)
}

interface Read {
  readonly values: ReadonlyMap<string, LiveEntry>
  readonly from: number
  readonly until: number
  readonly roster: Roster | null
}

/** Who is in a room; the same object until somebody comes, goes, or says something else. Null without a room, or news of it. */
export function steadyRoster(
  rooms: ReadonlySignal<LiveModel>,
  moment: ReadonlySignal<number>,
  room: () => ChannelName | null,
): ReadonlySignal<Roster | null> {
  let read: Read | null = null
  return computed(() => {
    const channel = room()
    const values = channel === null ? undefined : rooms.value.get(channel)
    if (channel === null || values === undefined) return null
    const at = moment.value
    if (read?.values === values && at >= read.from && at < read.until) return read.roster
    const until = currentUntil(rooms.value, channel, at) ?? Infinity
    read = { values, from: at, until, roster: rosterOf(rooms.value, channel, at) }
    return read.roster
  })
}

/** How current a room is. `since`: when it was last confirmed, by this device's clock; null where nobody knows. */
export type RoomAge = { readonly isOld: false } | { readonly isOld: true; readonly since: number | null }

export const CURRENT: RoomAge = { isOld: false }

export function roomAge(model: WindowModel, name: ChannelName): RoomAge {
  const channel = model.channels.get(name)
  const { state, since } = model.status
  if (state === 'live' && channel?.current !== false) return CURRENT
  return { isOld: true, since: channel?.confirmedAt ?? since }
}
