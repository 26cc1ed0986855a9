import { text } from './text.ts'

const byLocale = new Map<string, Intl.NumberFormat>()

/** A measured value with three places that say something: `0.42`, `4.20`, `42.0`, `1,234`. Width changes only with size. */
export function quantity(value: number): string {
  const digits = digitsOf(value)
  const key = `${text.locale} ${digits}`
  let format = byLocale.get(key)
  if (format === undefined) {
    format = new Intl.NumberFormat(text.locale, { minimumFractionDigits: digits, maximumFractionDigits: digits })
    byLocale.set(key, format)
  }
  // Minus nought is nought to a person.
  return format.format(value === 0 ? 0 : value)
}

/** With its unit; a percent sign and degrees stand as close as the unit's own rules want: after a thin space. */
export function withUnit(value: number, unit: string): string {
  return unit === '' ? quantity(value) : `${quantity(value)} ${unit}`
}

/** A limit is written as it was set, not to three places. */
export function limitValue(value: number, unit: string): string {
  const key = `${text.locale} limit`
  let format = byLocale.get(key)
  if (format === undefined) {
    format = new Intl.NumberFormat(text.locale, { maximumFractionDigits: 3 })
    byLocale.set(key, format)
  }
  return unit === '' ? format.format(value) : `${format.format(value)} ${unit}`
}

function digitsOf(value: number): number {
  const size = Math.abs(value)
  return size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2
}
