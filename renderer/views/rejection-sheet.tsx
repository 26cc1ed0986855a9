import { useState } from 'preact/hooks'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { RejectionEnd } from '../../relay/protocol/records.ts'
import { Button } from '../components/button.tsx'
import { Field } from '../components/field.tsx'
import { Sheet } from '../components/sheet.tsx'
import { discardRejected, sendRejectedAgain } from '../state/form-actions.ts'
import { useOpenForm } from '../state/open-form.ts'
import { authorOf, isDoubtful, rejectedBy } from '../state/rejection-origin.ts'
import { closeForm } from '../state/undo.ts'
import { useApp } from '../state/use-app.ts'
import { typed } from '../state/typed.ts'
import { rejectionWords } from '../text/rejection-words.ts'
import { text } from '../text/text.ts'
import { RejectionWords } from './rejections-view.tsx'

/** Asks once more before somebody else's command is sent again, and for the reason before it is discarded. */
export function RejectionSheet(props: {
  readonly id: CommandId
  readonly how: RejectionEnd['how']
  readonly reason?: string
}) {
  const { id, how } = props
  const app = useApp()
  const [reason, setReason] = useState(props.reason ?? '')
  const [isTried, setTried] = useState(false)
  const form = reason === '' ? null : ({ kind: 'rejection', id, how, reason } as const)
  useOpenForm(form)
  const close = (): void => void (app.sheet.value = null)
  const leave = (): void => closeForm(app, form)
  const words = rejectionWords()
  const title = how === 'resent' ? words.againTitle : words.discardTitle
  const row = app.rejections.value.find(({ record, closing }) => record.id === id && closing === null)
  if (row === undefined) {
    return (
      <Sheet title={title} onClose={close}>
        <p class="lead">{words.gone}</p>
      </Sheet>
    )
  }
  const isMissing = how === 'discarded' && typed(reason) === ''
  const submit = (): void => {
    setTried(true)
    if (isMissing) return
    if (how === 'resent') sendRejectedAgain(app, row)
    else discardRejected(app, row, reason)
    close()
  }
  return (
    <Sheet
      title={title}
      onClose={leave}
      onSubmit={submit}
      footer={
        <>
          <Button kind="primary" submits>
            {how === 'resent' ? words.again : words.discard}
          </Button>
          <Button kind="secondary" onPress={leave}>
            {text.cancel}
          </Button>
        </>
      }
    >
      <div class="rejection-what">
        <RejectionWords row={row} />
        <p class={isDoubtful(row.record) ? 'rejection-doubtful' : 'rejection-raw'}>{rejectedBy(row.record)}</p>
      </div>
      <p class="lead">{how === 'resent' ? words.againExplain(authorOf(row.record)) : discardWords(row.record.by)}</p>
      {how === 'resent' ? null : (
        <Field label={words.reason} hint={words.reasonHint} error={isTried && isMissing ? words.missingReason : null}>
          {({ id: field, describedBy }) => (
            <input
              id={field}
              class="input"
              name="reason"
              value={reason}
              maxLength={LIMITS.maxReason}
              autoComplete="off"
              aria-describedby={describedBy}
              aria-invalid={isTried && isMissing}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          )}
        </Field>
      )}
    </Sheet>
  )
}

function discardWords(by: string): string {
  return by.startsWith('device:') ? rejectionWords().discardExplainDevice : rejectionWords().discardExplain(by)
}
