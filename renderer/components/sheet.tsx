import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { text } from '../text/text.ts'
import { useSteadyParts } from '../state/use-moved.ts'
import { useTextKeys } from '../state/use-text-keys.ts'
import { Sign } from './sign.tsx'

interface SheetProps {
  readonly title: string
  /** A word beside the title that comes and goes, for which nothing moves. */
  readonly aside?: string
  readonly onClose: () => void
  readonly children: ComponentChildren
  /** Stays at the bottom while the rest scrolls. */
  readonly footer?: ComponentChildren
  readonly onSubmit?: () => void
  /** The whole screen, also of a terminal: for what is looked at. */
  readonly look?: 'whole'
}

/**
 * A modal sheet at the side, or the whole screen of a phone. The native dialog brings focus in, keeps it, gives it back,
 * and closes on Escape. With `onSubmit` it is a form, and Enter submits.
 */
export function Sheet({ title, aside = '', onClose, children, footer, onSubmit, look }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const body = useRef<HTMLDivElement>(null)
  const isGone = useRef(false)
  const heading = useId()
  useTextKeys(dialog)
  useLayoutEffect(() => {
    const element = dialog.current
    element?.showModal()
    // The browser gives focus back when a dialog is closed, and not when it is taken away.
    return () => {
      isGone.current = true
      element?.close()
    }
  }, [])
  // Once it stands somewhere.
  useSteadyParts(body)
  // `close` comes late: by then another sheet may be open, which it must not end.
  const closed = (): void => {
    if (!isGone.current) onClose()
  }
  const inside = (
    <>
      <header class="sheet-header">
        <h2 id={heading}>{title}</h2>
        <p class="sheet-aside">{aside}</p>
        <button type="button" class="button button-quiet sheet-close" aria-label={text.close} onClick={onClose}>
          <Sign name="close" />
        </button>
      </header>
      <div ref={body} class="sheet-body">
        {children}
      </div>
      {footer === undefined ? null : <footer class="sheet-footer">{footer}</footer>}
    </>
  )
  const submit = (event: Event): void => {
    event.preventDefault()
    onSubmit?.()
  }
  return (
    <dialog
      ref={dialog}
      class={look === 'whole' ? 'sheet sheet-whole' : 'sheet'}
      aria-labelledby={heading}
      onClose={closed}
    >
      {onSubmit === undefined ? (
        <div class="sheet-inside">{inside}</div>
      ) : (
        <form class="sheet-inside" noValidate onSubmit={submit}>
          {inside}
        </form>
      )}
    </dialog>
  )
}
