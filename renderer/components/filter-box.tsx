import { useEffect, useId, useRef } from 'preact/hooks'
import type { Filter } from '../state/use-filter.ts'
import { useTextKeys } from '../state/use-text-keys.ts'
import { text } from '../text/text.ts'
import { Button } from './button.tsx'

/** Characters: a name, a number, a few words. */
const MAX_QUERY = 100

export interface SoughtList {
  readonly filter: Filter
  /** What is searched, for a screen reader. */
  readonly list: string
  readonly shown: number
  readonly total: number
}

/**
 * Looks for words in a list that is longer than the screen. `/` and Ctrl+F come here, because the browser's own search finds
 * only rows that are in the document [F8]; pressed here, Ctrl+F is the browser's. Escape shows everything again,
 * but for one that an input method takes (`text-keys.ts`).
 */
export function FilterBox({ filter, list, shown, total }: SoughtList) {
  const input = useRef<HTMLInputElement>(null)
  const id = useId()
  useTextKeys(input, { escape: () => filter.setQuery('') })
  useEffect(() => {
    const come = (event: KeyboardEvent): void => {
      if (!isSearchKey(event) || input.current === null || document.activeElement === input.current) return
      if (document.querySelector('dialog[open]') !== null) return
      event.preventDefault()
      input.current.focus()
      input.current.select()
    }
    document.addEventListener('keydown', come)
    return () => document.removeEventListener('keydown', come)
  }, [])
  return (
    <div class="filter" role="search">
      <label for={id}>{text.filter.label}</label>
      <input
        ref={input}
        id={id}
        class="input"
        type="search"
        autocomplete="off"
        maxLength={MAX_QUERY}
        aria-label={text.filter.labelOf(list)}
        aria-keyshortcuts="/ Control+F"
        value={filter.query}
        onInput={({ currentTarget }) => filter.setQuery(currentTarget.value)}
      />
      {filter.query === '' ? null : (
        <>
          <span role="status">{text.filter.shown(shown, total)}</span>
          <Button kind="secondary" onPress={() => filter.setQuery('')}>
            {text.filter.all}
          </Button>
        </>
      )}
    </div>
  )
}

function isSearchKey({ key, ctrlKey, metaKey, altKey, target }: KeyboardEvent): boolean {
  if (altKey) return false
  if (ctrlKey || metaKey) return key.toLowerCase() === 'f'
  return key === '/' && !(target instanceof Element && target.closest('input, textarea, [contenteditable]') !== null)
}
