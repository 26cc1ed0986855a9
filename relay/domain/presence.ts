/** Who is where, as a window shows it, from the live channels `presence/…`, `headcount/…` and `typing/…`. */
import { channelName, type ChannelName } from '../protocol/channels.ts'
import { presenceChannel, ROSTER_KEY } from '../protocol/room-names.ts'
import type { Headcount, Member, RosterMark, TypingValue } from '../protocol/presence.ts'
import { isLiveCurrent, type LiveEntry, type LiveModel } from './live.ts'

/** One device in a room; `device` is its id. */
export interface RosterMember extends Member {
  readonly device: string
  /** On all lines, and on none of them more than on another. */
  readonly isOfSite?: true
}

/** `confirmed` false: the server was started a moment ago, and who is missing may be there; null while it has not said. */
export interface Roster {
  readonly confirmed: boolean | null
  /** Devices that are there besides, and have no place in the room. */
  readonly more: number
  /** People first, by name; then devices without one, by name. */
  readonly members: readonly RosterMember[]
}

/** Who is in the room, null while nothing was heard of it. `now`: the window's monotonic clock. */
export function rosterOf(live: LiveModel, channel: ChannelName, now: number): Roster | null {
  const values = live.get(channel)
  if (values === undefined) return null
  const members: RosterMember[] = []
  for (const [device, entry] of values) {
    // Only the server writes these values.
    const member = entry.value as Member | null
    if (device === ROSTER_KEY || member === null || !isLiveCurrent(entry, now)) continue
    members.push({ ...member, device })
  }
  const mark = values.get(ROSTER_KEY)?.value as RosterMark | undefined
  const keyed = members.map((member) => ({ member, key: placeOf(member) }))
  keyed.sort((one, other) => (one.key < other.key ? -1 : 1))
  return { confirmed: mark?.confirmed ?? null, more: mark?.more ?? 0, members: keyed.map(({ member }) => member) }
}

/** The roster of a whole area, as `rosterOf` has it of any room. */
export function rosterOfArea(live: LiveModel, area: string, now: number): Roster | null {
  return rosterOf(live, presenceChannel(area), now)
}

/** A line with those who stand on all lines behind its own; who is there as well is its own. */
export function withSite(line: Roster | null, site: Roster | null): readonly RosterMember[] {
  const own = line?.members ?? []
  const known = new Set(own.map(({ device }) => device))
  const others = (site?.members ?? []).filter(({ device }) => !known.has(device))
  return others.length === 0 ? own : [...own, ...others.map((member) => ({ ...member, isOfSite: true as const }))]
}

/** How many people and devices are in the area; null while nothing was heard of it, or for too long. */
export function headcountOf(live: LiveModel, area: string, now: number): Headcount | null {
  const entry = live.get(channelName('headcount', area))?.get(ROSTER_KEY)
  return entry === undefined || !isLiveCurrent(entry, now) ? null : (entry.value as Headcount)
}

/** Who writes in the chat of the area at this moment, each once, by name; never `self`. */
export function typistsOf(
  live: LiveModel,
  area: string,
  { now, self }: { readonly now: number; readonly self: string | null },
): readonly string[] {
  const people = new Set<string>()
  for (const entry of live.get(channelName('typing', area))?.values() ?? []) {
    const typing = entry.value as TypingValue | null
    if (typing !== null && typing.operator !== self && isLiveCurrent(entry, now)) people.add(typing.operator)
  }
  return [...people].toSorted((one, other) => (one < other ? -1 : 1))
}

/** When the next of these stops being current; null when none will. Then what was read of them has to be read again. */
export function currentUntil(live: LiveModel, channel: ChannelName, now: number): number | null {
  const ends = [...(live.get(channel)?.values() ?? [])].filter((entry: LiveEntry) => isLiveCurrent(entry, now))
  return ends.length === 0 ? null : Math.min(...ends.map((entry) => entry.currentUntil))
}

/** Whether the value of a device says that it is in the room; one that is gone is not. */
export function isThere<T extends Pick<Member, 'state'>>(member: T | null | undefined): member is T {
  return member !== null && member !== undefined && member.state !== 'gone'
}

/** What a roster is sorted by: people before devices without one, then names. */
function placeOf({ operator, name, device }: RosterMember): string {
  return `${operator === null ? 1 : 0} ${operator} ${name} ${device}`
}
