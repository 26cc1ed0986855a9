import { clock, clockWithSeconds } from './clock.ts'
import { grouped } from './grouped.ts'
import { text } from './text.ts'

export { clock, clockWithSeconds }

/** Ranges from this on have days on their axis, milliseconds. */
const DAYS_FROM_MS = 8 * 3_600_000

/** What a day is called, long and short. */
const DAYS = {
  day: { weekday: 'long', day: 'numeric', month: 'long' },
  shortDay: { day: 'numeric', month: 'short' },
} as const

/** By locale and name. Each is made when it is needed first: that takes milliseconds, on a weak terminal tens of them. */
const made = new Map<string, Intl.DateTimeFormat>()

function dayFormat(name: keyof typeof DAYS): Intl.DateTimeFormat {
  const key = `${text.locale} ${name}`
  const known = made.get(key) ?? new Intl.DateTimeFormat(text.locale, DAYS[name])
  made.set(key, known)
  return known
}

/** Makes what the first screens do not need, for a moment in which nobody waits. */
export function warmFormats(): void {
  dayFormat('day')
  dayFormat('shortDay')
}

/** `14:03`, with the day in front when that is not the day of `now`: "offline since 09:41" must not be yesterday's. */
export function clockOrDay(at: Date, now: Date): string {
  return dayKey(at) === dayKey(now) ? clock(at) : `${dayFormat('shortDay').format(at)} ${clock(at)}`
}

/**
 * The words below a time axis, for these whole minutes (epoch seconds, in order) of a range `spanMs` long. Where it is long the
 * first of each day says the day, in a second line.
 */
export function axisTimes(seconds: readonly number[], spanMs: number): readonly string[] {
  let before = ''
  return seconds.map((second) => {
    const at = new Date(second * 1_000)
    const isNewDay = dayKey(at) !== before
    before = dayKey(at)
    return isNewDay && spanMs >= DAYS_FROM_MS ? `${clock(at)}\n${dayFormat('shortDay').format(at)}` : clock(at)
  })
}

/** `Friday 20 November`. */
export function day(at: Date): string {
  return dayFormat('day').format(at)
}

/** Equal for two times of one day here. */
export function dayKey(at: Date): string {
  return `${at.getFullYear()}-${at.getMonth()}-${at.getDate()}`
}

export function count(value: number): string {
  return grouped(value, text.locale)
}
