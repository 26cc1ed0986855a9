import { useLayoutEffect, useState } from 'preact/hooks'
import type { RefObject } from 'preact'

/** Letters are drawn a little wider here and there than they are measured. */
const ROOM = 0.97

/** How wide the flow of words around this element is, in sizes of its letters; null before it is drawn. */
export function useFlowWidth(element: RefObject<HTMLElement | null>): number | null {
  const [width, setWidth] = useState<number | null>(null)
  useLayoutEffect(() => {
    const flow = element.current?.closest('.band-flows .band-what') ?? null
    if (flow === null) return undefined
    const look = (): void => {
      const { fontSize, paddingLeft, paddingRight } = getComputedStyle(flow)
      const inside = flow.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight)
      setWidth(inside > 0 ? (inside * ROOM) / Number.parseFloat(fontSize) : null)
    }
    look()
    const observer = new ResizeObserver(look)
    observer.observe(flow)
    return () => observer.disconnect()
  }, [element])
  return width
}
