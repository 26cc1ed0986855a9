import { useEffect, useRef } from 'preact/hooks'
import { AFTER_TOUCH_MS } from '../state/touch.ts'
import { useApp } from '../state/use-app.ts'
import { text } from '../text/text.ts'

/** Why a press did nothing: what it was to press had just come there. It says so while the list stands still, over any sheet. */
export function PressNotice() {
  const { presses } = useApp()
  const { clock, refusedAt } = presses
  const at = refusedAt.value
  const notice = useRef<HTMLParagraphElement>(null)
  useEffect(() => {
    const element = notice.current
    if (at === null || element === null) return undefined
    element.showPopover()
    const cancel = clock.after(AFTER_TOUCH_MS, () => (refusedAt.value = null))
    return () => {
      cancel()
      element.hidePopover()
    }
  }, [at, clock, refusedAt])
  return (
    <p ref={notice} class="press-notice" popover="manual" role="status">
      {text.rows.moved}
    </p>
  )
}
