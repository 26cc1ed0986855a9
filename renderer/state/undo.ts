import type { SettledCommand } from '../../relay/protocol/local.ts'
import { settle } from './actions.ts'
import type { App } from './app.ts'
import type { SheetName } from './sheets.ts'

/**
 * What can be taken back for a while. Only what nobody but this person sees can: an acknowledgement others have seen is undone by
 * no press of a second later.
 *
 * 1. A form that was closed with something in it can be opened again as it was.
 * 2. A refusal that was discarded here is discarded when the time is over, and not before.
 */

/** As long as somebody needs to see what they have done, and to turn back, milliseconds. */
export const UNDO_MS = 10_000

/** Closes the form. What was typed in it comes back as `form`, if the person wants it. */
export function closeForm(app: App, form: SheetName | null): void {
  app.sheet.value = null
  app.closedForm.value = form
}

export function openAgain(app: App): void {
  app.sheet.value = app.closedForm.value
  app.closedForm.value = null
}

/** Discards a refusal in `UNDO_MS`, unless it is kept until then or the person leaves. */
export function discard(app: App, refused: SettledCommand): void {
  const { id } = refused.command
  if (app.discarding.value.has(id)) return
  const cancel = app.presses.clock.after(UNDO_MS, () => {
    keep(app, refused)
    settle(app, refused, 'discarded')
  })
  app.discarding.value = new Map(app.discarding.value).set(id, cancel)
}

/** It is not discarded after all. */
export function keep(app: App, { command: { id } }: SettledCommand): void {
  app.discarding.value.get(id)?.()
  app.discarding.value = new Map([...app.discarding.value].filter(([one]) => one !== id))
}
