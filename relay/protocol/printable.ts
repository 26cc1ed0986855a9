/**
 * Words of others on their way to eyes that nothing stands before: a terminal, a log, a page of records that were stored
 * before `text.ts` looked at them. Nothing is left out: what would act is shown as what it is (`\u001b`).
 */
import { isVisible } from './plain-text.ts'

/**
 * As in `text.ts`, and the tab and line breaks, which are ours alone: a line of ours is one line. Also marks that are not seen
 * and move what stands beside them (ALM, LRM, RLM, the zero-width space): in a field of a page they belong to writing, in a
 * line of a terminal they put one field's end into another. Joiners stay: words of Persian and Hindi, and emoji, need them.
 */
const ACTING =
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what this is about
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\ufeff\p{Noncharacter_Code_Point}]|\p{Cs}/gu
/** The same without what a page lays out by itself: tab and line breaks. */
const ACTING_ON_A_PAGE =
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what this is about
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\ufeff\p{Noncharacter_Code_Point}]|\p{Cs}/u
const EVERY_ACTING_ON_A_PAGE = new RegExp(ACTING_ON_A_PAGE, 'gu')

const REPLACEMENT = '\ufffd'
const SOMETHING = /[^\p{White_Space}]/u

/** One line for a terminal. */
export function printable(words: string): string {
  return words.replaceAll(ACTING, escaped)
}

/** JSON of the same meaning that does nothing to a terminal: JSON itself escapes only what it must. */
export function printableJson(value: unknown): string {
  return printable(JSON.stringify(value) ?? 'null')
}

/**
 * The same value, with every text in it fit for a page: what would act is a replacement character, and so is a text of which
 * nothing can be seen, so that no row is empty. The very same object where there is nothing to change, which is nearly always.
 */
export function legible<T>(value: T): T {
  return isLegible(value) ? value : (copied(value) as T)
}

/** Something was written, and nothing of it can be seen; spaces alone are nothing. */
function isBlank(words: string): boolean {
  return !isVisible(words) && SOMETHING.test(words)
}

/** Without a copy: values of machines pass here thousands of times a second. */
function isLegible(value: unknown): boolean {
  if (typeof value === 'string') return !ACTING_ON_A_PAGE.test(value) && !isBlank(value)
  // Bytes of a file are no words.
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return true
  if (Array.isArray(value)) return value.every(isLegible)
  for (const key in value) {
    if (ACTING_ON_A_PAGE.test(key) || !isLegible((value as Readonly<Record<string, unknown>>)[key])) return false
  }
  return true
}

function copied(value: unknown): unknown {
  if (typeof value === 'string')
    return isBlank(value) ? REPLACEMENT : value.replaceAll(EVERY_ACTING_ON_A_PAGE, REPLACEMENT)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if (Array.isArray(value)) return value.map(copied)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [copied(key), copied(item)]))
}

function escaped(character: string): string {
  // By halves, as JSON writes what is beyond U+FFFF.
  return character
    .split('')
    .map((half) => `\\u${half.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}
