import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Waiting } from '../state/newcomers.ts'
import { useApp } from '../state/use-app.ts'
import { useCover } from '../state/use-moved.ts'
import { text } from '../text/text.ts'
import { Button } from './button.tsx'

/** Said by a list while rows of it wait. */
export function useNewcomers(count: number, show: () => void): void {
  const { newcomers } = useApp()
  useLayoutEffect(() => {
    if (count === 0) return undefined
    const waiting: Waiting = { count, show }
    newcomers.value = waiting
    return () => {
      if (newcomers.peek() === waiting) newcomers.value = null
    }
  }, [count, show, newcomers])
}

/**
 * `3 new`, below the view: it takes room from the lower end, where that moves no row and covers none. When it comes or goes, what
 * is there takes no press for a moment [F3].
 */
export function Newcomers() {
  const waiting = useApp().newcomers.value
  const cover = useRef<HTMLDivElement>(null)
  useCover(cover, waiting !== null)
  return (
    <div class="newcomers" role="status">
      {waiting === null ? null : (
        <div ref={cover} class="newcomers-cover">
          <Button kind="quiet" onPress={waiting.show}>
            {text.rows.waiting(waiting.count)}
          </Button>
        </div>
      )}
    </div>
  )
}
