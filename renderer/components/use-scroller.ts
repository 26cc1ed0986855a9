import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

/** What scrolls this element. On a phone on which nobody is signed in it is another than elsewhere, so a new size asks anew. */
export function useScroller(list: RefObject<HTMLElement | null>): RefObject<HTMLElement | null> {
  const scroller = useRef<HTMLElement | null>(null)
  useLayoutEffect(() => {
    const look = (): void => {
      scroller.current = list.current === null ? null : scrollerOf(list.current)
    }
    look()
    window.addEventListener('resize', look)
    return () => window.removeEventListener('resize', look)
  }, [list])
  return scroller
}

function scrollerOf(element: HTMLElement): HTMLElement {
  for (let at = element.parentElement; at !== null; at = at.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(at).overflowY)) return at
  }
  return element.ownerDocument.documentElement
}
