import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { useApp } from './use-app.ts'

/** Tells the relay once that this alert has really been on this screen (P4): in view, painted, in a visible window. */
export function useDisplayed(element: RefObject<Element | null>, alert: CommandId | null): void {
  const { relay } = useApp()
  useEffect(() => {
    if (alert === null || element.current === null) return undefined
    return whenPainted(element.current, () => relay.displayed(alert))
  }, [alert, element, relay])
}

/** The second frame after an element came into view has its pixels on the screen. Returns the release. */
function whenPainted(element: Element, painted: () => void): () => void {
  const stop = new AbortController()
  let isInView = false
  const look = (): void => {
    if (!isInView || document.visibilityState !== 'visible') return
    requestAnimationFrame(() => {
      requestAnimationFrame(() => {
        if (stop.signal.aborted || !isInView || document.visibilityState !== 'visible') return
        stop.abort()
        painted()
      })
    })
  }
  const observer = new IntersectionObserver((entries) => {
    isInView = entries.at(-1)?.isIntersecting ?? false
    look()
  })
  observer.observe(element)
  document.addEventListener('visibilitychange', look, { signal: stop.signal })
  stop.signal.addEventListener('abort', () => observer.disconnect())
  return () => stop.abort()
}
