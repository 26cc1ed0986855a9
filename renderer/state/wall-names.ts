/** How large a band has to be for the name of its line, which has letters of one size whatever it says. */

/** Width of words in the bold letters of a board, as a multiple of their size. */
export type MeasureName = (words: string) => number

/** Widths that a name may have, in sizes of its letters; the shape before it and the edges are taken off. */
export interface NameRoom {
  /** Beside the state. */
  readonly beside: number
  /** Beside the state, both together, and the state by itself. */
  readonly both: number
  readonly standing: number
  /** Above the state. */
  readonly above: number
  /** In rows of its own, and how many. */
  readonly row: number
  readonly rows: 1 | 2
}

/** Of a board that lies, and of one that stands upright. */
export const NAME_ROOM: Readonly<Record<'lying' | 'upright', NameRoom>> = {
  lying: { beside: 5.7, both: 12, standing: 7.1, above: 10.2, row: 19, rows: 1 },
  upright: { beside: 9, both: 9.5, standing: 5.5, above: 10.1, row: 10.1, rows: 2 },
}

export interface NameFit {
  /** As much of it as has room. */
  readonly words: string
  readonly stands: 'beside' | 'above' | 'row'
  /** Places of the page that its band takes. */
  readonly places: number
}

const LEFT_OUT = '…'

/** How the name of a line stands with its state. `standing`: how wide that is. */
export function fitName(name: string, standing: number, room: NameRoom, measure: MeasureName): NameFit {
  const width = measure(name)
  if (width <= room.beside && standing <= room.standing && width + standing <= room.both)
    return { words: name, stands: 'beside', places: 1 }
  if (width <= room.above) return { words: name, stands: 'above', places: room.rows === 1 ? 2 : 1.5 }
  const fits = (words: string): boolean => rowsOf(words, room.row, measure) <= room.rows
  return { words: middled(name, fits), stands: 'row', places: 2 }
}

/** Of what is kept so much may be given up, or taken from the other side, for a word that is whole. */
const FOR_A_WORD = 0.25

/**
 * What does not fit is left out of the middle: names, and what an alert says of which machine, differ at their end. Between
 * words, where one is near.
 */
export function middled(name: string, fits: (words: string) => boolean): string {
  if (fits(name)) return name
  const letters = [...new Intl.Segmenter().segment(name)].map(({ segment }) => segment)
  let kept = letters.length - 1
  while (kept > 2 && !fits(aroundMiddle(letters, kept))) kept -= 1
  return aroundMiddle(letters, kept)
}

/** So many of these letters at most, from the beginning and from the end. */
function aroundMiddle(letters: readonly string[], kept: number): string {
  const near = Math.floor(kept * FOR_A_WORD)
  const half = letters.length - Math.floor(kept / 2)
  const starts = letters.flatMap((letter, n) => (letters[n - 1] === ' ' && !/[ ·]/.test(letter) ? [n] : []))
  const from = starts.toSorted((a, b) => Math.abs(a - half) - Math.abs(b - half))[0] ?? half
  const end = Math.abs(from - half) <= near ? from : half
  const head = Math.max(1, kept - (letters.length - end))
  const whole = letters[head] === ' ' ? head : letters.lastIndexOf(' ', head - 1)
  const beginning = letters.slice(0, whole > 0 && head - whole <= near ? whole : head).join('')
  return `${beginning.trimEnd()}${LEFT_OUT}${letters.slice(end).join('').trimStart()}`
}

/** How many rows it takes, broken between words, and within one that is longer than a row. */
export function rowsOf(words: string, width: number, measure: MeasureName): number {
  const space = measure(' ')
  let [rows, used] = [1, 0]
  for (const word of words.split(' ')) {
    const own = measure(word)
    const next = used === 0 ? own : used + space + own
    if (next <= width) used = next
    else {
      rows += (used === 0 ? 0 : 1) + Math.max(0, Math.ceil(own / width) - 1)
      used = own % width
    }
  }
  return rows
}
