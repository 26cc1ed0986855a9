import { signal, type ReadonlySignal } from '@preact/signals'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { SearchHit } from '../../relay/protocol/search.ts'
import type { SearchReply, WindowClient } from '../../relay/window.ts'

/** How long nothing more is typed before it is asked, milliseconds. */
export const TYPED_MS = 250
/** Results that are kept on the screen: who has not found it by then asks for more words. */
export const MAX_RESULTS = 200

/** What is shown below the words. `isAsking`: a later answer is on its way, and this one stands until it is there. */
export type Results =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'asking' }
  | {
      readonly kind: 'found'
      readonly q: string
      readonly hits: readonly SearchHit[]
      readonly next: string | null
      readonly isWhole: boolean
      readonly isAsking: boolean
    }
  | { readonly kind: 'refused'; readonly code: string }

export interface SearchingOptions {
  readonly relay: Pick<WindowClient, 'search'>
  /** Calls once after `ms`; the returned function cancels. */
  readonly after: (ms: number, call: () => void) => () => void
}

/**
 * One person's search in one window. One question at a time is under way: what is typed meanwhile is asked once that is answered,
 * and its answer is not shown.
 */
export class Searching {
  readonly #options: SearchingOptions
  readonly #results = signal<Results>({ kind: 'nothing' })
  #q = ''
  #cancel: (() => void) | null = null
  #isUnderWay = false
  #isAway = false

  constructor(options: SearchingOptions) {
    this.#options = options
  }

  get results(): ReadonlySignal<Results> {
    return this.#results
  }

  /** What stands in the field from now on. */
  type(text: string): void {
    const q = text.trim().slice(0, LIMITS.maxSearchText)
    if (q === this.#q) return
    this.#q = q
    this.#cancel?.()
    this.#cancel = null
    const before = this.#results.peek()
    if (q === '') this.#results.value = { kind: 'nothing' }
    else {
      this.#results.value = before.kind === 'found' ? { ...before, isAsking: true } : { kind: 'asking' }
      this.#cancel = this.#options.after(TYPED_MS, () => void this.#ask())
    }
  }

  /** The same again: the server may be there by now. */
  again(): void {
    if (this.#q === '' || this.#isUnderWay) return
    this.#results.value = { kind: 'asking' }
    void this.#ask()
  }

  /** The next page. */
  async more(): Promise<void> {
    const before = this.#results.peek()
    if (before.kind !== 'found' || before.next === null || this.#isUnderWay) return
    this.#results.value = { ...before, isAsking: true }
    const reply = await this.#request({ q: before.q, after: before.next })
    if (reply === null) return
    if (!reply.ok) this.#results.value = { kind: 'refused', code: reply.code }
    else {
      const known = new Set(before.hits.map(keyOf))
      const { hits, next, isWhole } = reply.found
      // What was changed meanwhile is newer, and comes again.
      const all = [...before.hits, ...hits.filter((hit) => !known.has(keyOf(hit)))].slice(0, MAX_RESULTS)
      const isFull = all.length === MAX_RESULTS
      this.#results.value = { ...before, hits: all, next: isFull ? null : next, isWhole, isAsking: false }
    }
  }

  /** The window looks elsewhere: nothing more is asked, and no answer shown. */
  leave(): void {
    this.#isAway = true
    this.#cancel?.()
  }

  async #ask(): Promise<void> {
    this.#cancel = null
    // What is under way asks again when it ends.
    if (this.#isUnderWay) return
    const q = this.#q
    const reply = await this.#request({ q })
    if (reply === null) return
    this.#results.value = reply.ok
      ? { kind: 'found', q, ...reply.found, isAsking: false }
      : { kind: 'refused', code: reply.code }
  }

  /** Null where something else stands in the field by then. */
  async #request(query: { readonly q: string; readonly after?: string }): Promise<SearchReply | null> {
    this.#isUnderWay = true
    const reply = await this.#options.relay.search(query)
    this.#isUnderWay = false
    if (this.#isAway) return null
    if (this.#q === query.q) return reply
    if (this.#q !== '' && this.#cancel === null) void this.#ask()
    return null
  }
}

export function keyOf({ kind, id }: Pick<SearchHit, 'kind' | 'id'>): string {
  return `${kind} ${id}`
}
