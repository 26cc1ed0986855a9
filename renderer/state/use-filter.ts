import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { App } from './app.ts'
import { MAX_BEGUN } from './leaving.ts'
import { useApp } from './use-app.ts'
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

/** By person what they looked for, and where, when they had to leave a window. */
const LEFT = new WeakMap<App, Map<string, { readonly list: string; readonly query: string }>>()

/**
 * What a person looks for in the list of a view; forgotten with the view, and when nobody is at the window for a while. Where its
 * person leaves it waits for them, and for nobody else.
 */
export function useFilter(): Filter {
  const app = useApp()
  const [query, setQuery] = useState(() => cameBackFor(app))
  const last = useRef(query)
  last.current = query
  useLayoutEffect(() => {
    const person = app.session.peek()?.operator
    const list = shownList(app)
    return () => {
      if (person !== undefined && person !== app.session.peek()?.operator)
        leave(app, person, { list, query: last.current })
    }
  }, [app])
  useIdle(query !== '', FILTER_IDLE_MS, () => setQuery(''))
  return { query, setQuery }
}

function leave(app: App, person: string, sought: { readonly list: string; readonly query: string }): void {
  const left = LEFT.get(app) ?? new Map<string, typeof sought>()
  LEFT.set(app, left)
  left.delete(person)
  if (sought.query !== '') left.set(person, sought)
  if (left.size > MAX_BEGUN) left.delete([...left.keys()][0] ?? '')
}

/** Once: whoever goes on to another list has left it behind. */
function cameBackFor(app: App): string {
  const person = app.session.peek()?.operator ?? ''
  const left = LEFT.get(app)?.get(person)
  LEFT.get(app)?.delete(person)
  return left?.list === shownList(app) ? left.query : ''
}

function shownList({ view, area }: App): string {
  return `${view.peek()} ${area.peek()}`
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
