import type { RefObject } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

export interface KeptFocus {
  /** The row that has the focus, which must stay in the document; null: none of this list has. */
  readonly key: string | null
  readonly came: (event: FocusEvent) => void
  readonly left: (event: FocusEvent) => void
}

/**
 * The focus inside a list of rows (`[data-row]`). A button that goes away with its press takes the focus with it, and a
 * keyboard would start at the top of the page again: then the row itself gets it.
 */
export function useKeptFocus(list: RefObject<HTMLElement | null>): KeptFocus {
  const [key, setKey] = useState<string | null>(null)
  const focused = useRef<Element | null>(null)
  useLayoutEffect(() => {
    const element = focused.current
    if (element === null || element.isConnected || list.current === null) return
    focused.current = null
    const { activeElement, body } = list.current.ownerDocument
    if (activeElement !== null && activeElement !== body) return
    const row = key === null ? null : list.current.querySelector(`[data-row="${CSS.escape(key)}"]`)
    if (row instanceof HTMLElement) row.focus({ preventScroll: true })
  })
  return {
    key,
    came({ target }) {
      if (!(target instanceof Element)) return
      focused.current = target
      setKey(target.closest('[data-row]')?.getAttribute('data-row') ?? null)
    },
    left({ target, relatedTarget, currentTarget }) {
      if (relatedTarget instanceof Node && currentTarget instanceof Node && currentTarget.contains(relatedTarget))
        return
      // Told of what is being taken away, too; that is still there only until this is over.
      queueMicrotask(() => {
        if (!(target instanceof Element) || !target.isConnected) return
        focused.current = null
        setKey(null)
      })
    },
  }
}
