import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useCover } from '../state/use-moved.ts'
import { useApp } from '../state/use-app.ts'
import { text } from '../text/text.ts'
import { Button } from './button.tsx'
import { Sign } from './sign.tsx'

/** `whole`: nothing to scroll. `more`: there is something below. `end`: it is scrolled to its end. */
type Reach = 'whole' | 'more' | 'end'

/** Pixels that may be missing at the end without hiding a line; zoomed pages are never exact. */
const SLACK = 8

interface ScrollerProps {
  /** What a keyboard or a screen reader is told it may scroll. */
  readonly label: string
  /** What it shows: with another subject it starts at the top again. */
  readonly subject: string
  readonly children: ComponentChildren
}

/**
 * Takes the room that is left and scrolls inside it, so that what stands under it stays on screen. What is out of sight is
 * said by a button, which pages on: a swipe alone must not be the only way, and gloves do not swipe well.
 */
export function Scroller({ label, subject, children }: ScrollerProps) {
  const outside = useRef<HTMLDivElement>(null)
  const inside = useRef<HTMLDivElement>(null)
  const cover = useRef<HTMLDivElement>(null)
  const { presses } = useApp()
  const [reach, setReach] = useState<Reach>('whole')
  const look = (): void => {
    if (outside.current !== null) setReach(reachOf(outside.current))
  }
  useLayoutEffect(() => {
    outside.current?.scrollTo({ top: 0, behavior: 'instant' })
    look()
  }, [subject])
  useLayoutEffect(() => {
    const observer = new ResizeObserver(look)
    for (const element of [outside.current, inside.current]) if (element !== null) observer.observe(element)
    return () => observer.disconnect()
  }, [])
  useCover(cover, reach === 'more')
  const page = (): void => {
    const element = outside.current
    // What comes under the finger that pages on was elsewhere: it must not take the press for the next page [F3].
    if (inside.current !== null) presses.moved(inside.current)
    // The button goes away at the end; focus must not go with it.
    element?.focus({ preventScroll: true })
    element?.scrollBy({ top: element.clientHeight * 0.8 })
  }
  return (
    <div class="scroller">
      <div
        ref={outside}
        class="scroller-view"
        onScroll={look}
        {...(reach === 'whole' ? {} : { role: 'region', 'aria-label': label, tabIndex: 0 })}
      >
        <div ref={inside} class="scroller-inside">
          {children}
        </div>
      </div>
      {reach === 'more' ? (
        <div class="scroller-more">
          <div ref={cover}>
            <Button kind="secondary" onPress={page}>
              {text.moreBelow} <Sign name="down" />
            </Button>
          </div>
        </div>
      ) : null}
    </div>
  )
}

function reachOf({ scrollHeight, scrollTop, clientHeight }: HTMLElement): Reach {
  if (scrollHeight - clientHeight <= SLACK) return 'whole'
  return scrollHeight - clientHeight - scrollTop > SLACK ? 'more' : 'end'
}
