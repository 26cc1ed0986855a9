import { useLayoutEffect, useRef, useState } from 'preact/hooks'

/** Characters; 40 are read at a glance. A longer one is set smaller, so that all of it has a place. */
const LONG_TITLE = 60
/** Pixels by which letters may stand out of their lines without a line being cut. */
const SLACK = 4

interface AlarmTitleProps {
  readonly title: string
  /** What tells it from the others (`text/told-apart.ts`). */
  readonly short: string
}

/**
 * The title of one of several P0: all of it where it fits, and else what tells it from the others. The whole is measured where
 * it would stand, and is what a screen reader reads.
 */
export function AlarmTitle({ title, short }: AlarmTitleProps) {
  const whole = useRef<HTMLElement>(null)
  const [isCut, setCut] = useState(false)
  useLayoutEffect(() => {
    const element = whole.current
    if (element === null) return undefined
    const look = (): void => setCut(element.scrollHeight > element.clientHeight + SLACK)
    const observer = new ResizeObserver(look)
    observer.observe(element)
    look()
    return () => observer.disconnect()
  }, [title])
  const isShortened = isCut && short !== title
  const look = `alarm-title ${title.length > LONG_TITLE ? 'is-long' : ''}`
  return (
    <span class="alarm-title-place">
      <strong ref={whole} class={`${look} ${isShortened ? 'is-measured' : ''}`}>
        {title}
      </strong>
      {isShortened ? (
        <strong class={look} aria-hidden="true">
          {short}
        </strong>
      ) : null}
    </span>
  )
}
