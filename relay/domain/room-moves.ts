/** Which people came to a room and left it, as a window tells it: by people, on however many devices they are (PROTOCOL M9). */
import { ROSTER_KEY } from '../protocol/room-names.ts'
import type { Member, RosterMark } from '../protocol/presence.ts'
import { isLiveCurrent, type LiveEntry } from './live.ts'
import { isThere } from './presence.ts'

/** `at`: server time; null where nobody knows when. */
export interface RoomMove {
  readonly kind: 'joined' | 'left'
  readonly operator: string
  readonly at: string | null
}

/** Where a person is in the room, on the device that came first: its id, and since when. */
interface Place {
  readonly device: string
  readonly since: string
}

/**
 * `isKnown` false: since the people were known a server was started, and who appears has not just come (M12). `moves`: the last
 * ones, newest first.
 */
export interface RoomMoves {
  readonly people: ReadonlyMap<string, Place> | null
  readonly isKnown: boolean
  readonly moves: readonly RoomMove[]
}

export const NO_MOVES: RoomMoves = { people: null, isKnown: false, moves: [] }

/** As many as one reads at a glance. */
const MAX_MOVES = 4

/** Takes the values of a room as they are by now. The same object where nothing is new. `now`: the window's monotonic clock. */
export function takeMoves(before: RoomMoves, values: ReadonlyMap<string, LiveEntry>, now: number): RoomMoves {
  const mark = values.get(ROSTER_KEY)?.value as RosterMark | undefined
  if (mark?.confirmed !== true) return before.isKnown ? { ...before, isKnown: false } : before
  const people = peopleIn(values, now)
  const came = [...people].filter(([operator]) => before.isKnown && before.people?.has(operator) === false)
  const went = [...(before.people ?? [])].filter(([operator]) => !people.has(operator))
  const moves = [
    ...came.map(([operator, { since }]): RoomMove => ({ kind: 'joined', operator, at: since })),
    ...went.map(([operator, { device }]): RoomMove => ({ kind: 'left', operator, at: leftAt(values.get(device)) })),
  ]
  const all = moves.length === 0 ? before.moves : [...moves.toSorted(byTime), ...before.moves].slice(0, MAX_MOVES)
  return { people, isKnown: true, moves: all }
}

function peopleIn(values: ReadonlyMap<string, LiveEntry>, now: number): ReadonlyMap<string, Place> {
  const people = new Map<string, Place>()
  for (const [device, entry] of values) {
    // Only the server writes these values.
    const member = entry.value as Member | null
    if (device === ROSTER_KEY || !isThere(member) || member.operator === null || !isLiveCurrent(entry, now)) continue
    const first = people.get(member.operator)
    if (first === undefined || member.since < first.since) people.set(member.operator, { device, since: member.since })
  }
  return people
}

/** When the device said something else of itself, or was last heard; null where nothing is said of it any more. */
function leftAt(entry: LiveEntry | undefined): string | null {
  if (entry === undefined) return null
  const member = entry.value as Member | null
  return member?.state === 'gone' ? member.since : entry.at
}

/** Newest first; what nobody knows the time of last. */
function byTime({ at: one }: RoomMove, { at: other }: RoomMove): number {
  return (one ?? '') > (other ?? '') ? -1 : 1
}
