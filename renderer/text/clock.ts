/**
 * Times of day as they are written in every language here, `14:03` in this terminal's time zone. By hand: making one
 * `Intl.DateTimeFormat` costs a starting terminal tens of milliseconds, and a time of day is on its first screen.
 */
export function clock(at: Date): string {
  return `${twoDigits(at.getHours())}:${twoDigits(at.getMinutes())}`
}

/** `14:03:07`, for what is measured. */
export function clockWithSeconds(at: Date): string {
  return `${clock(at)}:${twoDigits(at.getSeconds())}`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
