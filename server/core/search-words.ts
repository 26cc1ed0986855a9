import { LIMITS } from '../../relay/protocol/limits.ts'
import type { Marked } from '../../relay/protocol/search.ts'
import type { SearchRules, SearchTerms } from '../ports/search.ts'

/**
 * How words are found (Q2). A text is cut into words, runs of letters, digits and the marks on them, and each word into *grams*:
 * every three characters in a row; of scripts whose words are often two syllables long, Korean first, every one and every two
 * as well; of others, only what the word begins with. So `금형` and `형` are found in `금형을`, `42` in no `A-1042`
 * but `104` is. A question is the grams of its words, all of which must be there; what has them is then compared itself, as
 * the same grams may stand in another order.
 *
 * Measured beside FTS5's own `trigram`, which knows nothing shorter than three: half of the bytes, and as long for the
 * one question that was timed.
 */
const GRAM = 3
const WORDS = /[\p{L}\p{N}\p{M}]+/gu
/** Letters of alphabets, and digits: words of these are found by three characters, or by how they begin. */
const ALPHABETIC = /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{N}\p{M}]$/u
/**
 * Grams one question looks up, each word having its share: some are enough, as what they find is compared itself, and each that
 * many texts have is a long list to walk through.
 */
const MAX_GRAMS = 8
/** What stands before the first place that a snippet shows. */
const LEAD = 30

/** Without width, case and accents of encoding: half-width and full-width, composed and decomposed are the same. */
export function fold(text: string): string {
  // A sigma is one letter, wherever in a word it stands.
  return text.toWellFormed().normalize('NFKC').toLowerCase().replaceAll('ς', 'σ')
}

export function gramsOf(text: string): ReadonlySet<string> {
  const grams = new Set<string>()
  for (const [word] of fold(text).matchAll(WORDS)) {
    const letters = Array.from(word)
    for (const [index, letter] of letters.entries()) {
      const isFirst = index === 0
      const next = letters[index + 1]
      if (isFirst || !ALPHABETIC.test(letter)) grams.add(letter)
      if (next === undefined) continue
      if (isFirst || !ALPHABETIC.test(letter) || !ALPHABETIC.test(next)) grams.add(letter + next)
      const third = letters[index + 2]
      if (third !== undefined) grams.add(letter + next + third)
    }
  }
  return grams
}

export function termsOf(q: string): SearchTerms | null {
  const whole = fold(q).trim()
  const words = [...new Set(whole.match(WORDS) ?? [])].slice(0, LIMITS.maxSearchWords)
  if (words.length === 0) return null
  const share = Math.max(1, Math.floor(MAX_GRAMS / words.length))
  const grams = new Set(words.flatMap((word) => spread(gramsAsked(word), share)))
  return { whole, words, grams: [...grams] }
}

/** So many of these at most, from all over the word. */
function spread(grams: readonly string[], count: number): readonly string[] {
  const every = Math.ceil(grams.length / count)
  return grams.filter((_gram, index) => index % every === 0)
}

function gramsAsked(word: string): readonly string[] {
  const letters = Array.from(word)
  if (letters.length <= GRAM) return [word]
  return letters.slice(GRAM - 1).map((_letter, index) => letters.slice(index, index + GRAM).join(''))
}

/** A text beside its folded form, in which each code unit knows where in the text it comes from. */
interface Folded {
  readonly text: string
  readonly from: readonly number[]
}

function foldedOf(text: string): Folded {
  let folded = ''
  const from: number[] = []
  let at = 0
  for (const character of text) {
    const piece = fold(character)
    folded += piece
    for (let unit = 0; unit < piece.length; unit += 1) from.push(at)
    at += character.length
  }
  from.push(at)
  return { text: folded, from }
}

/** Where these words are in a text; null for a word that is not there. */
function placesOf({ text, from }: Folded, word: string): readonly (readonly [number, number])[] {
  const isOfBeginning = Array.from(word).length < GRAM && Array.from(word).every((letter) => ALPHABETIC.test(letter))
  const places: [number, number][] = []
  for (
    let at = text.indexOf(word);
    at !== -1 && places.length < LIMITS.maxMarks;
    at = text.indexOf(word, at + word.length)
  ) {
    if (isOfBeginning && /[\p{L}\p{N}\p{M}]$/u.test(text.slice(Math.max(0, at - 2), at))) continue
    places.push([from[at] ?? 0, endOf(from, at + word.length)])
  }
  return places
}

/** The end of the character in which a place ends, where one became several. */
function endOf(from: readonly number[], end: number): number {
  const last = from[end - 1] ?? 0
  let at = end
  while (from[at] === last) at += 1
  return from[at] ?? last
}

export const hitOf: SearchRules['hitOf'] = ({ title, text, ...item }, { words }) => {
  const inTitle = marksOf(title, words)
  const inText = marksOf(text, words)
  if (!words.every((word) => inTitle.found.has(word) || inText.found.has(word))) return null
  return {
    ...item,
    title: title === '' ? null : marked(title, inTitle.marks),
    text: marked(text, inText.marks),
  }
}

function marksOf(text: string, words: readonly string[]) {
  const folded = foldedOf(text)
  const found = new Set<string>()
  const places: (readonly [number, number])[] = []
  for (const word of words) {
    const own = placesOf(folded, word)
    if (own.length > 0) found.add(word)
    places.push(...own)
  }
  return { found, marks: joined(places) }
}

/** In order and apart. */
function joined(places: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  const apart: [number, number][] = []
  for (const [from, to] of places.toSorted(([one], [other]) => one - other)) {
    const last = apart.at(-1)
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to)
    else apart.push([from, to])
  }
  return apart
}

/** A piece of the text around the first place; what is left out before or behind is an ellipsis. */
function marked(text: string, marks: readonly (readonly [number, number])[]): Marked {
  const first = marks[0]?.[0] ?? 0
  const from = text.length <= LIMITS.maxSnippet || first <= LEAD ? 0 : wholeAt(text, first - LEAD)
  const to = wholeAt(text, Math.min(text.length, from + LIMITS.maxSnippet))
  const before = from > 0 ? '…' : ''
  const shift = before.length - from
  return {
    text: `${before}${text.slice(from, to)}${to < text.length ? '…' : ''}`,
    marks: marks
      .filter(([start]) => start >= from && start < to)
      .slice(0, LIMITS.maxMarks)
      .map(([start, end]) => [start + shift, Math.min(end, to) + shift]),
  }
}

/** This place, or the one before it where it is within a character. */
function wholeAt(text: string, at: number): number {
  const unit = text.charCodeAt(at)
  return unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at
}

export const searchRules: SearchRules = {
  version: 2,
  maxItemsPerScope: 250_000,
  maxItems: 1_000_000,
  maxBytes: 1024 * 1024 * 1024,
  maxTextLength: 64 * 1024,
  maxLookedAt: 400,
  pageSize: LIMITS.maxSearchHits,
  gramsOf,
  termsOf,
  fold,
  hitOf,
}
