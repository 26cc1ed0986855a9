/** Digits of the longest run that counts as a number; longer ones compare as text. */
const MAX_DIGITS = 32

/** A text by which names stand as a person counts: `Press 2` before `Press 10`, whatever the case and width of letters. */
export function naturalKey(words: string): string {
  return words
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replaceAll(/\d+/g, (digits) => digits.padStart(MAX_DIGITS, '0'))
}

/** For `toSorted`: by what the texts are made of, the same on every device. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
