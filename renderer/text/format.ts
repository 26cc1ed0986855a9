import { text } from './text.ts'

/** The formatters of one locale; making one costs a millisecond, so they are kept. */
interface Formatters {
  readonly clock: Intl.DateTimeFormat
  readonly seconds: Intl.DateTimeFormat
  readonly day: Intl.DateTimeFormat
  readonly shortDay: Intl.DateTimeFormat
  readonly number: Intl.NumberFormat
}

/** Ranges shorter than this have seconds on their axis, milliseconds; those from the other one on have days. */
const SECONDS_BELOW_MS = 3_600_000
const DAYS_FROM_MS = 8 * 3_600_000

/** One entry per language of `text.ts`. */
const byLocale = new Map<string, Formatters>()

function formatters(): Formatters {
  const { locale } = text
  const known = byLocale.get(locale)
  if (known !== undefined) return known
  const made: Formatters = {
    clock: new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
    seconds: new Intl.DateTimeFormat(locale, {
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    }),
    day: new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' }),
    shortDay: new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' }),
    number: new Intl.NumberFormat(locale),
  }
  byLocale.set(locale, made)
  return made
}

/** `14:03` in this terminal's time zone. */
export function clock(at: Date): string {
  return formatters().clock.format(at)
}

/** `14:03:07`, for what is measured. */
export function clockWithSeconds(at: Date): string {
  return formatters().seconds.format(at)
}

/** `14:03`, with the day in front when that is not the day of `now`: "offline since 09:41" must not be yesterday's. */
export function clockOrDay(at: Date, now: Date): string {
  return dayKey(at) === dayKey(now) ? clock(at) : `${formatters().shortDay.format(at)} ${clock(at)}`
}

/**
 * The words below a time axis, for these times (epoch seconds, in order) of a range `spanMs` long: with seconds where it is
 * short; where it is long the first of each day says the day, in a second line.
 */
export function axisTimes(seconds: readonly number[], spanMs: number): readonly string[] {
  if (spanMs < SECONDS_BELOW_MS) return seconds.map((at) => clockWithSeconds(new Date(at * 1_000)))
  let before = ''
  return seconds.map((second) => {
    const at = new Date(second * 1_000)
    const isNewDay = dayKey(at) !== before
    before = dayKey(at)
    return isNewDay && spanMs >= DAYS_FROM_MS ? `${clock(at)}\n${formatters().shortDay.format(at)}` : clock(at)
  })
}

/** `Friday 20 November`. */
export function day(at: Date): string {
  return formatters().day.format(at)
}

/** Equal for two times of one day here. */
export function dayKey(at: Date): string {
  return `${at.getFullYear()}-${at.getMonth()}-${at.getDate()}`
}

export function count(value: number): string {
  return formatters().number.format(value)
}
