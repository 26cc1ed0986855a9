import { useMemo, useRef, useState } from 'preact/hooks'
import type { HeldRows } from './use-held-rows.ts'
import { useIdle } from './use-idle.ts'

/** Rows from which a list can be searched: more than a terminal shows at once. */
export const MANY_ROWS = 20
/** A filter nobody has been at for so long goes, milliseconds: the next person must not miss what it hides. */
export const FILTER_IDLE_MS = 60_000

export interface Filter {
  /** What was typed; empty shows everything. */
  readonly query: string
  readonly setQuery: (query: string) => void
}

/**
 * Finals of Hangul as the initials they are until the next vowel is typed, from U+11A8 in Unicode's order: whoever has typed
 * 작 may go on to 자기.
 */
const FINALS =
  'ᄀ ᄁ ᄀᄉ ᄂ ᄂᄌ ᄂᄒ ᄃ ᄅ ᄅᄀ ᄅᄆ ᄅᄇ ᄅᄉ ᄅᄐ ᄅᄑ ᄅᄒ ᄆ ᄇ ᄇᄉ ᄉ ᄊ ᄋ ᄌ ᄎ ᄏ ᄐ ᄑ ᄒ'.split(' ')

/** Whether each word that was typed is in these, whatever its case and however its letters are composed, or half typed. */
export function matches(query: string, words: readonly (string | null)[]): boolean {
  return isIn(plain(words.join('\n')), query)
}

/** Whether each word that was typed is in this text, which is plain. For lists of thousands, which make theirs plain once. */
export function isIn(plainText: string, query: string): boolean {
  return plain(query)
    .split(/\s+/)
    .every((word) => plainText.includes(word))
}

/** A text as it is looked for. */
export function plain(words: string): string {
  const letters = words.normalize('NFKD').toLocaleLowerCase()
  return letters.replaceAll(/[\u11a8-\u11c2]/g, (final) => FINALS[final.charCodeAt(0) - 0x11a8] ?? final)
}

/** What a person looks for in the list of a view; forgotten with the view or its person, and when nobody is at the window for a while. */
export function useFilter(): Filter {
  const [query, setQuery] = useState('')
  useIdle(query !== '', FILTER_IDLE_MS, () => setQuery(''))
  return { query, setQuery }
}

interface Sought<R> {
  readonly wordsOf: (row: R) => readonly (string | null)[]
  /** Of rows that stay whatever is looked for. */
  readonly isKept?: (row: R) => boolean
}

/** The rows that match, in the order in which the list holds them. */
export function useMatching<R>(
  held: HeldRows<R>,
  { query }: Pick<Filter, 'query'>,
  { wordsOf, isKept = () => false }: Sought<R>,
): HeldRows<R> {
  const kept = useRef<readonly string[]>([])
  return useMemo(() => {
    if (query === '') return held
    const isMatch = (row: R): boolean => isKept(row) || matches(query, wordsOf(row))
    const rows = held.rows.filter(({ row }) => isMatch(row))
    const order = rows.map(({ key }) => key)
    // The same array while it is the same order, as lists expect.
    if (order.join() !== kept.current.join()) kept.current = order
    const waiting = held.waiting.filter(isMatch)
    return { ...held, rows, waiting, order: kept.current }
    // `wordsOf` and `isKept` say the same of the same row.
  }, [held, query])
}
