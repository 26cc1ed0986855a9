import { breachOf } from '../../relay/domain/telemetry.ts'
import type { SignalLimits } from '../../relay/protocol/telemetry.ts'
import { text } from './text.ts'

/** Says that digits were left out: a wrong number on a wall is worse than none. */
const ABOUT = '≈'

/** A number as it is said, and the number that a person then reads. */
export interface Said {
  readonly words: string
  readonly reads: number
}

/** Below this a number is said with a power of ten: seven noughts are not read. */
const TINY = 1e-6
/** The same of a number that is to be short. */
const SMALL = 1e-4
/** As many as every browser writes. */
const MAX_PLACES = 20
/** As many digits tell any double from any other. */
const MAX_DIGITS = 17
/** Of more, a browser's short way of writing a number cuts some off without a word. */
export const MAX_SHORT_DIGITS = 15

const formats = new Map<string, Intl.NumberFormat>()

/** One formatter per language and way of writing; making one costs a millisecond, so they are kept. */
function format(name: string, options: Intl.NumberFormatOptions, locale = text.locale): Intl.NumberFormat {
  const key = `${locale} ${name}`
  let known = formats.get(key)
  if (known === undefined) {
    known = new Intl.NumberFormat(locale, options)
    formats.set(key, known)
  }
  return known
}

/**
 * A measured value with three places that say something: `0.42`, `4.20`, `42.0`, `1,234`; every digit before the point. Below
 * a tenth two of them: `0.00090`, never nought. Beside its limits it has as many as tell it from them: what is called above a
 * limit also reads so. Width changes only with size.
 */
export function quantity(value: number, limits: SignalLimits | null = null): string {
  return saidInFull(value, limits).words
}

/** The same, with the number it is read as. */
export function saidInFull(value: number, limits: SignalLimits | null): Said {
  const places = placesOf(value, limits)
  if (places === null) {
    const digits = digitsFor(value, limits, 2)
    return { words: withPower(value, digits), reads: rounded(value, digits) }
  }
  // Minus nought is nought to a person.
  const reads = Number(value.toFixed(places)) || 0
  const options = { minimumFractionDigits: places, maximumFractionDigits: places }
  return { words: format(`fixed ${places}`, options).format(reads), reads }
}

/** With its unit; a percent sign and degrees stand as close as the unit's own rules want: after a thin space. */
export function withUnit(value: number, unit: string, limits: SignalLimits | null = null): string {
  return beside(quantity(value, limits), unit)
}

/** Every digit there is, as a limit was set or a value measured. */
export function exact(value: number, unit: string): string {
  const words =
    value !== 0 && Math.abs(value) < TINY
      ? withPower(value, 17)
      : format('exact', { maximumSignificantDigits: 17 }).format(value === 0 ? 0 : value)
  return beside(words, unit)
}

/** At most so many digits, 2 to `MAX_SHORT_DIGITS`, and a sign if there are more: `≈1.235M`, in Korean `≈123.5만`; a million is `1M`. */
export function shortened(value: number, digits: number): string {
  return saidShort(value, digits).words
}

/** The same, with the number it is read as. */
export function saidShort(value: number, digits: number): Said {
  const size = Math.abs(value)
  const isSmall = size !== 0 && size < SMALL
  const kept = isSmall ? digits - 1 : digits
  const reads = rounded(value, kept)
  const words = isSmall ? withPower(value, kept) : compact(reads, digits)
  return { words: reads === value ? words : ABOUT + words, reads }
}

/**
 * A value that no few digits tell from its limit, by that limit: `>1T` a hair above a trillion. Null where the limit itself has
 * no short name.
 */
export function besideLimit(value: number, limits: SignalLimits, digits: number): Said | null {
  const { high, low } = limits
  const near = [high, low]
    .filter((limit) => limit !== null)
    .toSorted((a, b) => Math.abs(a - value) - Math.abs(b - value))
  const limit = near[0]
  if (limit === undefined || limit === value) return null
  const said = saidShort(limit, digits)
  return said.reads === limit ? { words: (value > limit ? '>' : '<') + said.words, reads: value } : null
}

/** Of so many digits at least as many as tell the value from its limits: what is called above a limit also reads so. */
export function digitsFor(value: number, limits: SignalLimits | null, least: number): number {
  const side = breachOf(value, limits)
  let digits = least
  while (digits < MAX_DIGITS && breachOf(rounded(value, digits), limits) !== side) digits += 1
  return digits
}

function rounded(value: number, digits: number): number {
  return Number(value.toPrecision(digits)) || 0
}

function compact(value: number, digits: number): string {
  const options = { notation: 'compact', maximumSignificantDigits: digits } as const
  // British English writes a million as `m`, which beside a unit is a metre, or a thousandth.
  return format(`short ${digits}`, options, text.language === 'en' ? 'en-US' : text.locale).format(value)
}

function beside(words: string, unit: string): string {
  return unit === '' ? words : `${words} ${unit}`
}

/** `9.0 × 10⁻⁷`. */
function withPower(value: number, digits: number): string {
  const [mantissa = '', power = ''] = (digits > 15 ? value.toExponential() : value.toExponential(digits - 1)).split('e')
  const raised = Array.from(power.replace('+', ''), (sign) => SUPERSCRIPTS[sign] ?? sign).join('')
  return `${mantissa} × 10${raised}`
}

const SUPERSCRIPTS: Readonly<Record<string, string>> = {
  '-': '⁻',
  ...Object.fromEntries(Array.from('⁰¹²³⁴⁵⁶⁷⁸⁹', (raised, digit) => [String(digit), raised])),
}

/** Places after the point; null where it takes a power of ten to say it. */
function placesOf(value: number, limits: SignalLimits | null): number | null {
  const size = Math.abs(value)
  if (size !== 0 && size < TINY) return null
  let places = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2
  if (size !== 0 && size < 0.1) places = Math.max(places, 1 - Math.floor(Math.log10(size)))
  const side = breachOf(value, limits)
  while (places <= MAX_PLACES && breachOf(Number(value.toFixed(places)), limits) !== side) places += 1
  return places > MAX_PLACES ? null : places
}
