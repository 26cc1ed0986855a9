/** What text is, for whoever shows it; `text.ts` has the types of text that are checked. */

/**
 * What is in no text: control characters but tab and line break (C0, DEL, C1, which terminals obey), embeddings, overrides
 * and isolates of direction (Unicode TR 36, 3.2: they show something else than what was written), annotation marks, what is
 * no character, and halves of one. Joiners, combining marks and the marks LRM and RLM belong to writing and stay.
 */
const FORBIDDEN =
  // oxlint-disable-next-line no-control-regex -- control characters are exactly what this refuses
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\p{Noncharacter_Code_Point}]|\p{Cs}/u
const EVERY_FORBIDDEN = new RegExp(FORBIDDEN, 'gu')

/**
 * Something that leaves ink. Fillers (U+3164) and zero-width spaces are none, and neither are signs that are blank by design:
 * the empty braille cell, hieroglyphic blanks, the Khitan filler and the note without a head (U+1D159).
 */
const VISIBLE =
  /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Noncharacter_Code_Point}\u2800\u{13441}\u{13442}\u{16fe4}\u{1d159}]/u

/** Line breaks of every system, with C1's NEL, and those of Unicode. */
export const BREAK = /\r\n|[\r\u0085\u2028\u2029]/g
export const BREAK_OR_TAB = /[\t\n\r\u0085\u2028\u2029]/
/** Characters without width or ink: harmless within writing, and two names that look alike without them. */
const INVISIBLE =
  /\u034f|\u17b4|\u17b5|[\u180b-\u180f\u00ad\u115f\u1160\u200b\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0]/g

/** What a device is called that has no name to read. */
const NAMELESS = 'unnamed'

/** True for what a person can see. */
export function isVisible(words: string): boolean {
  return VISIBLE.test(words)
}

/** Without what is in no text; for what a person pastes, who did not mean it and cannot see it. */
export function withoutForbidden(words: string): string {
  return words.replaceAll(BREAK, '\n').replaceAll(EVERY_FORBIDDEN, '')
}

/** The part of a text that can be a name: one line without what cannot be seen, cut between characters; `unnamed` if none is left. */
export function nameFrom(words: string, maxLength: number): string {
  const clean = inOneLine(words).replaceAll(EVERY_FORBIDDEN, '').replaceAll(INVISIBLE, '')
  const name = clean
    .trim()
    .slice(0, maxLength)
    .replace(/[\ud800-\udbff]$/, '')
    .trim()
  return isVisible(name) ? name : NAMELESS
}

/** How a text begins, in one line: at most that many characters, cut between characters where it is longer. */
export function excerpt(words: string, maxLength: number): string {
  const all = inOneLine(words)
  if (all.length <= maxLength) return all
  const cut = all.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '')
  return `${cut.trimEnd()}…`
}

/** Split and joined, not replaced: a pattern with spaces at both ends would be tried at each of ten thousand spaces. */
export function inOneLine(words: string): string {
  const parts = words.split(BREAK_OR_TAB).map((part) => part.trim())
  return parts.filter((part) => part !== '').join(' ')
}

/** Without a character that is in no text. */
export function isClean(words: string): boolean {
  return !FORBIDDEN.test(words)
}
