import * as v from 'valibot'

/** RFC 3339, and what ISO 8601 allows beside it for the offset: `+09:00`, `+0900`, `+09`. Nine digits are a nanosecond. */
const FORM =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?:[Zz]| ?([+-])([01]\d|2[0-3]):?([0-5]\d)?)$/
const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
/** From 0000-03-01, where the count of `daysUntil` begins, to 1970-01-01. */
const DAYS_TO_EPOCH = 719_468

const FIRST_MS = daysUntil(0, 1, 1) * DAY_MS
const LAST_MS = daysUntil(10_000, 1, 1) * DAY_MS - 1

/**
 * Epoch milliseconds of a time that names its offset from UTC; null where it has another form, no offset, does not exist
 * (31 February), or is of no year in UTC that four digits can write. The pure counterpart of `Date.parse`, which differs between engines and takes 31 February for 3 March.
 */
export function momentOf(iso: string): number | null {
  const parts = FORM.exec(iso)
  if (parts === null) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number)
  const exists =
    month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month) && hour < 24 && minute < 60 && second < 60
  if (!exists) return null
  const milliseconds = Number((parts[7] ?? '').slice(0, 3).padEnd(3, '0'))
  const offset = (Number(parts[9] ?? 0) * 60 + Number(parts[10] ?? 0)) * (parts[8] === '-' ? -1 : 1)
  const local = daysUntil(year, month, day) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1_000 + milliseconds
  const moment = local - offset * MINUTE_MS
  return moment >= FIRST_MS && moment <= LAST_MS ? moment : null
}

/** The same moment as the wire writes it, ISO 8601 UTC with milliseconds. For the years 0 to 9999, which is what `momentOf` gives. */
export function isoOf(moment: number): string {
  const days = Math.floor(moment / DAY_MS)
  const inDay = moment - days * DAY_MS
  const [year, month, day] = dateOf(days)
  const two = (count: number): string => String(Math.floor(count)).padStart(2, '0')
  const time = `${two(inDay / 3_600_000)}:${two((inDay / MINUTE_MS) % 60)}:${two((inDay / 1_000) % 60)}`
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${time}.${String(inDay % 1_000).padStart(3, '0')}Z`
}

/** A time that others write, with whatever offset; from here on it is in UTC, so that it sorts as text and is read everywhere. */
export const Moment = v.pipe(
  v.string('must be a time like 2026-11-20T12:00:00+09:00'),
  v.check((iso) => momentOf(iso) !== null, 'must be a time like 2026-11-20T12:00:00+09:00'),
  v.transform((iso) => isoOf(momentOf(iso) ?? 0)),
)

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

/**
 * Days from 1970-01-01 to a day of the Gregorian calendar. Years are counted from March, so that the day that is missing in
 * most of them is the last; 153 days are five months from there (Howard Hinnant, "chrono-compatible date algorithms").
 */
function daysUntil(year: number, month: number, day: number): number {
  const years = month > 2 ? year : year - 1
  const inYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  return (
    years * 365 + Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400) + inYear - DAYS_TO_EPOCH
  )
}

function dateOf(days: number): readonly [number, number, number] {
  const sinceMarch = days + DAYS_TO_EPOCH
  const era = Math.floor(sinceMarch / 146_097)
  const inEra = sinceMarch - era * 146_097
  const years = Math.floor(
    (inEra - Math.floor(inEra / 1_460) + Math.floor(inEra / 36_524) - Math.floor(inEra / 146_096)) / 365,
  )
  const inYear = inEra - (365 * years + Math.floor(years / 4) - Math.floor(years / 100))
  const fromMarch = Math.floor((5 * inYear + 2) / 153)
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
  const day = inYear - Math.floor((153 * fromMarch + 2) / 5) + 1
  return [years + era * 400 + (month <= 2 ? 1 : 0), month, day]
}
