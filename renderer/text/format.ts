import { text } from './text.ts'

const CLOCK = new Intl.DateTimeFormat(text.locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const DAY = new Intl.DateTimeFormat(text.locale, { weekday: 'long', day: 'numeric', month: 'long' })
const SHORT_DAY = new Intl.DateTimeFormat(text.locale, { day: 'numeric', month: 'short' })
const NUMBER = new Intl.NumberFormat(text.locale)

/** `14:03` in this terminal's time zone. */
export function clock(at: Date): string {
  return CLOCK.format(at)
}

/** `14:03`, with the day in front when that is not the day of `now`: "offline since 09:41" must not be yesterday's. */
export function clockOrDay(at: Date, now: Date): string {
  return dayKey(at) === dayKey(now) ? clock(at) : `${SHORT_DAY.format(at)} ${clock(at)}`
}

/** `Friday 20 November`. */
export function day(at: Date): string {
  return DAY.format(at)
}

/** Equal for two times of one day here. */
export function dayKey(at: Date): string {
  return `${at.getFullYear()}-${at.getMonth()}-${at.getDate()}`
}

export function count(value: number): string {
  return NUMBER.format(value)
}
