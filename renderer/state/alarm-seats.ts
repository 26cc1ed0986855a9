import type { AlertRow } from '../../relay/domain/alerts.ts'

/**
 * Where each of several P0 stands on the screen, so that all are seen together and no button moves under a finger:
 *
 * 1. The oldest is first. What has a place keeps it; what comes takes the place of one that is settled, or else a new one at
 *    the end.
 * 2. What is settled keeps its place, without a button, until nothing has come or gone for `SETTLE_MS`.
 * 3. Room is made in steps (`CAPACITIES`): between two steps nothing moves. Each move is another `laid`; buttons take no
 *    press for a while after it.
 * 4. Not more than `MOST_SEATS` have a place, so that a flood costs the page no more than a screenful [F5]. The others wait;
 *    a place that is settled goes to the oldest of them at once, and a person may turn to those who wait.
 */
export interface Seating {
  readonly seats: readonly Seat[]
  /** How many have no place. */
  readonly waiting: number
  /** The newest of these. */
  readonly newest: AlertRow | null
  /** Places on the screen, taken or not. */
  readonly capacity: number
  /** Another number whenever the places are laid out anew. */
  readonly laid: number
}

export interface Seat {
  /** The alert as it was last known to be open. */
  readonly row: AlertRow
  readonly isOpen: boolean
}

/** A tenth of a screen is the least that has room for a title and a button for gloves. */
export const MOST_SEATS = 10

/** Halves, thirds, fifths, tenths of a screen. */
const CAPACITIES = [1, 2, 3, 5, MOST_SEATS] as const

/** As long as somebody needs to read that what was there is settled, and to press the next one, milliseconds. */
export const SETTLE_MS = 5_000

export const NOBODY_SEATED: Seating = { seats: [], waiting: 0, newest: null, capacity: 0, laid: 0 }

/** @param open P0 that nobody has, the newest first */
export function seatAlarms(before: Seating, open: readonly AlertRow[]): Seating {
  const rows = new Map(open.toReversed().map((row) => [row.id, row]))
  const seats = before.seats.map((seat): Seat => {
    const row = rows.get(seat.row.id)
    rows.delete(seat.row.id)
    return row === undefined ? { row: seat.row, isOpen: false } : { row, isOpen: true }
  })
  for (const row of rows.values()) {
    const free = seats.findIndex(({ isOpen }) => !isOpen)
    if (free === -1 && seats.length >= MOST_SEATS) break
    seats.splice(free === -1 ? seats.length : free, 1, { row, isOpen: true })
  }
  return { ...layOut(before, seats), ...waitingOf(seats, open) }
}

/**
 * Gives the places to others, because a person asked for them: at first the newest, then those before these, and after the
 * oldest the newest again.
 *
 * @param open as for `seatAlarms`
 */
export function turnAlarms(before: Seating, open: readonly AlertRow[]): Seating {
  const rows = open.toReversed()
  const ids = new Set(before.seats.map(({ row }) => row.id))
  const first = rows.findIndex(({ id }) => ids.has(id))
  const start = Math.max(0, (first > 0 ? first : rows.length) - MOST_SEATS)
  const seats = rows.slice(start, start + MOST_SEATS).map((row): Seat => ({ row, isOpen: true }))
  return { ...layOut(before, seats), ...waitingOf(seats, open), laid: before.laid + 1 }
}

/** Gives up the places of what is settled. */
export function settleAlarms(before: Seating): Seating {
  const seats = before.seats.filter(({ isOpen }) => isOpen)
  return seats.length === before.seats.length ? before : { ...layOut(before, seats), laid: before.laid + 1 }
}

function layOut(before: Seating, seats: readonly Seat[]): Seating {
  const capacity = CAPACITIES.find((places) => places >= seats.length) ?? MOST_SEATS
  return { ...before, seats, capacity, laid: capacity === before.capacity ? before.laid : before.laid + 1 }
}

function waitingOf(seats: readonly Seat[], open: readonly AlertRow[]): Pick<Seating, 'waiting' | 'newest'> {
  const ids = new Set(seats.map(({ row, isOpen }) => (isOpen ? row.id : null)))
  const newest = open.find(({ id }) => !ids.has(id)) ?? null
  return { waiting: open.length - seats.filter(({ isOpen }) => isOpen).length, newest }
}
