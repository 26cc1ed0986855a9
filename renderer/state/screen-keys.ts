/** What the keys of the keyboard on the screen do to a text: Latin as it is, Hangul composed by `es-hangul`. Pure. */
import { assemble, removeLastCharacter } from 'es-hangul'

export type Layout = 'latin' | 'hangul' | 'signs'

/** One key: what it writes, and what it writes with Shift. */
export type Key = readonly [plain: string, shifted: string]

function row(plain: string, shifted: string): readonly Key[] {
  const upper = Array.from(shifted)
  return Array.from(plain, (char, at) => [char, upper[at] ?? char] as const)
}

/** The rows of each layout: QWERTY, the Korean standard of two sets (KS X 5002), and signs. */
export const ROWS: Readonly<Record<Layout, readonly (readonly Key[])[]>> = {
  latin: [
    row('1234567890', '!@#$%^&*()'),
    row('qwertyuiop', 'QWERTYUIOP'),
    row('asdfghjkl', 'ASDFGHJKL'),
    row('zxcvbnm', 'ZXCVBNM'),
  ],
  hangul: [
    row('1234567890', '!@#$%^&*()'),
    row('ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ', 'ㅃㅉㄸㄲㅆㅛㅕㅑㅒㅖ'),
    row('ㅁㄴㅇㄹㅎㅗㅓㅏㅣ', 'ㅁㄴㅇㄹㅎㅗㅓㅏㅣ'),
    row('ㅋㅌㅊㅍㅠㅜㅡ', 'ㅋㅌㅊㅍㅠㅜㅡ'),
  ],
  signs: [
    row('1234567890', '1234567890'),
    row('@#%&*()-+=', '@#%&*()-+='),
    row('/:;!?"\'_~', '/:;!?"\'_~'),
    row('°±×÷€₩|', '°±×÷€₩|'),
  ],
}

/** A text field: what stands in it, and what is selected. */
export interface Field {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** What becomes of a field: `from` to `to` is replaced. `composing`: the last syllable still takes further letters. */
export interface Edit {
  readonly from: number
  readonly to: number
  readonly insert: string
  readonly composing: boolean
}

const JAMO = /[\u3131-\u3163]/
const VOWEL = /[\u314f-\u3163]/

/** A character is written where the caret is; a letter of Hangul goes into the syllable before it while that is composed. */
export function write({ text, start, end }: Field, char: string, composing: boolean): Edit {
  if (!JAMO.test(char)) return { from: start, to: end, insert: char, composing: false }
  const before = text.slice(Math.max(0, start - 1), start)
  // A vowel alone, of two letters at most, begins no syllable; es-hangul throws where it is to.
  const isApart = VOWEL.test(before) && !VOWEL.test(char)
  if (!composing || start !== end || before === '' || isApart)
    return { from: start, to: end, insert: char, composing: true }
  return { from: start - 1, to: end, insert: assemble([before, char]), composing: true }
}

/** Takes back the last letter of a syllable that is composed, what is selected, or the character before the caret. */
export function erase({ text, start, end }: Field, composing: boolean): Edit {
  if (start !== end) return { from: start, to: end, insert: '', composing: false }
  if (start === 0) return { from: 0, to: 0, insert: '', composing: false }
  const before = text.slice(start - 1, start)
  if (composing) {
    const left = removeLastCharacter(before)
    return { from: start - 1, to: start, insert: left, composing: left !== '' }
  }
  // A sign of two halves is one.
  const isPair = /[\udc00-\udfff]/.test(before) && start > 1
  return { from: start - (isPair ? 2 : 1), to: start, insert: '', composing: false }
}
