/** Whole numbers below it have no groups in any language here, and need no formatter. */
const FIRST_GROUP = 1_000

const formats = new Map<string, Intl.NumberFormat>()

/** A whole number in groups of digits, `1,234`. */
export function grouped(value: number, locale: string): string {
  if (Number.isInteger(value) && value >= 0 && value < FIRST_GROUP) return String(value)
  let format = formats.get(locale)
  if (format === undefined) {
    format = new Intl.NumberFormat(locale)
    formats.set(locale, format)
  }
  return format.format(value)
}
