import { useEffect, useRef } from 'preact/hooks'
import { Button } from '../components/button.tsx'
import { openAgain, UNDO_MS } from '../state/undo.ts'
import { useCover } from '../state/use-moved.ts'
import { useApp } from '../state/use-app.ts'
import { text } from '../text/text.ts'

/** That a form was closed with something in it, and the way back to it. It lies over the view, and moves nothing. */
export function UndoNotice() {
  const app = useApp()
  const { closedForm, presses, sheet } = app
  const form = closedForm.value
  const isCovered = sheet.value !== null
  const notice = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = notice.current
    if (form === null || element === null) return undefined
    element.showPopover()
    const cancel = presses.clock.after(UNDO_MS, () => (closedForm.value = null))
    return () => {
      cancel()
      element.hidePopover()
    }
  }, [form, presses, closedForm])
  // Somebody went on to another form.
  useEffect(() => {
    if (isCovered) closedForm.value = null
  }, [isCovered, closedForm])
  useCover(notice, form !== null)
  return (
    <div ref={notice} class="press-notice undo-notice" popover="manual" role="status">
      {form === null ? null : (
        <>
          <span>{text.undo.closed}</span>
          <Button kind="secondary" onPress={() => openAgain(app)}>
            {text.undo.openAgain}
          </Button>
        </>
      )}
    </div>
  )
}
