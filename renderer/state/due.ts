/** Times when something is due, as a person sets them at a terminal: by its clock and calendar, in quarters of an hour. */

const QUARTER = 15
/** A time of day nobody chose yet. */
const NOON = 12

export type DueDay = 'none' | 'today' | 'tomorrow'

/** Which of the days that have a name it is due on; null for another day. */
export function dueDayOf(due: string | null, now: Date): DueDay | null {
  if (due === null) return 'none'
  const at = new Date(due)
  if (isSameDay(at, now)) return 'today'
  return isSameDay(at, dayAfter(now)) ? 'tomorrow' : null
}

/** Puts it on this day, at its time of day: the next full hour today, else noon, where it has none yet. */
export function withDueDay(due: string | null, day: DueDay, now: Date): string | null {
  if (day === 'none') return null
  const at = day === 'today' ? new Date(now) : dayAfter(now)
  if (due !== null) {
    const before = new Date(due)
    at.setHours(before.getHours(), before.getMinutes(), 0, 0)
  } else if (day === 'tomorrow') {
    at.setHours(NOON, 0, 0, 0)
  } else {
    // Within the last hour the day ends first.
    const hour = now.getHours() + 1
    at.setHours(Math.min(hour, 23), hour > 23 ? 60 - QUARTER : 0, 0, 0)
  }
  return at.toISOString()
}

/** Moves it on by days, or to the next quarter and on by so many minutes. */
export function movedDue(due: string, by: { readonly days: number } | { readonly minutes: number }): string {
  const at = new Date(due)
  if ('days' in by) at.setDate(at.getDate() + by.days)
  else {
    const quarter = by.minutes > 0 ? Math.floor(at.getMinutes() / QUARTER) : Math.ceil(at.getMinutes() / QUARTER)
    at.setMinutes(quarter * QUARTER + by.minutes, 0, 0)
  }
  return at.toISOString()
}

function dayAfter(now: Date): Date {
  const next = new Date(now)
  next.setDate(next.getDate() + 1)
  return next
}

function isSameDay(a: Date, b: Date): boolean {
  return a.toDateString() === b.toDateString()
}
