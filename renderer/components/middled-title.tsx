import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { middled, rowsOf } from '../state/wall-names.ts'

/** Letters are drawn a little wider here and there than they are measured. */
const ROOM = 0.97

interface MiddledTitleProps {
  readonly title: string
  readonly rows: number
}

/** A heading of so many rows at most: what has no room is left out of its middle, for titles differ at their end. */
export function MiddledTitle({ title, rows }: MiddledTitleProps) {
  const element = useRef<HTMLHeadingElement>(null)
  const [words, setWords] = useState(title)
  useLayoutEffect(() => {
    const heading = element.current
    const context = document.createElement('canvas').getContext('2d')
    if (heading === null || context === null) return undefined
    const fit = (): void => {
      const { fontWeight, fontSize, fontFamily } = getComputedStyle(heading)
      context.font = `${fontWeight} ${fontSize} ${fontFamily}`
      const width = heading.clientWidth * ROOM
      const measure = (part: string): number => context.measureText(part).width
      setWords(width > 0 ? middled(title, (part) => rowsOf(part, width, measure) <= rows) : title)
    }
    fit()
    let fitted = heading.clientWidth
    const observer = new ResizeObserver(() => {
      if (heading.clientWidth === fitted) return
      fitted = heading.clientWidth
      fit()
    })
    observer.observe(heading)
    document.fonts.addEventListener('loadingdone', fit)
    return () => {
      observer.disconnect()
      document.fonts.removeEventListener('loadingdone', fit)
    }
  }, [title, rows])
  return (
    <h2 ref={element} aria-label={words === title ? undefined : title}>
      {words}
    </h2>
  )
}
