import { useState } from 'preact/hooks'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { SettledCommand } from '../../relay/protocol/local.ts'
import { PRIORITIES } from '../../relay/protocol/record-words.ts'
import type { Priority } from '../../relay/protocol/records.ts'
import { Button } from '../components/button.tsx'
import { Choice } from '../components/choice.tsx'
import { Field } from '../components/field.tsx'
import { PriorityMark } from '../components/priority-mark.tsx'
import { Sheet } from '../components/sheet.tsx'
import { settle } from '../state/actions.ts'
import { raise } from '../state/form-actions.ts'
import { useOpenForm } from '../state/open-form.ts'
import type { RaiseDraft } from '../state/sheets.ts'
import { closeForm } from '../state/undo.ts'
import { typed } from '../state/typed.ts'
import { useApp } from '../state/use-app.ts'
import { raiseWords } from '../text/raise-words.ts'
import { text } from '../text/text.ts'

/** Four presses and a sentence. Nothing is chosen for a person that they did not choose, least of all the priority. */
export function RaiseSheet({ draft, again }: { readonly draft: RaiseDraft; readonly again?: SettledCommand }) {
  const app = useApp()
  const [alert, setAlert] = useState(draft)
  const [isTried, setTried] = useState(false)
  const set = (change: Partial<RaiseDraft>): void => setAlert({ ...alert, ...change })
  const { priority, area, title, body } = alert
  const isTitled = typed(title) !== ''
  const areas = app.model.value.areas.length === 0 ? [area] : app.model.value.areas
  const isInArea = areas.includes(area)
  const submit = (): void => {
    setTried(true)
    if (priority === null || !isTitled || !isInArea) return
    raise(app, { priority, area, title, body })
    if (again !== undefined) settle(app, again, 'resent')
    app.sheet.value = null
  }
  // Only what was done here is worth coming back to.
  const isTouched = priority !== draft.priority || area !== draft.area || title !== draft.title || body !== draft.body
  const form = isTouched ? ({ kind: 'raise', draft: alert, ...(again !== undefined && { again }) } as const) : null
  useOpenForm(form)
  const close = (): void => closeForm(app, form)
  return (
    <Sheet
      title={raiseWords().title}
      onClose={close}
      onSubmit={submit}
      footer={
        <>
          <Button kind="primary" submits>
            {priority === null ? raiseWords().title : raiseWords().send(priority)}
          </Button>
          <Button kind="secondary" onPress={close}>
            {text.cancel}
          </Button>
        </>
      }
    >
      <Choice
        legend={raiseWords().priority}
        layout="column"
        options={PRIORITIES.map((value) => ({ value, label: <PriorityWords priority={value} /> }))}
        value={priority}
        onChoose={(value) => set({ priority: value })}
        error={isTried && priority === null ? raiseWords().missingPriority : null}
      />
      <Choice
        legend={raiseWords().area}
        options={areas.map((value) => ({ value, label: text.areaName(value) }))}
        value={isInArea ? area : null}
        onChoose={(value) => set({ area: value })}
        error={isTried && !isInArea ? raiseWords().missingArea : null}
      />
      <Field
        label={raiseWords().what}
        hint={raiseWords().whatHint}
        error={isTried && !isTitled ? raiseWords().missingTitle : null}
      >
        {({ id, describedBy }) => (
          <input
            id={id}
            class="input"
            name="title"
            value={title}
            maxLength={LIMITS.maxTitle}
            autoComplete="off"
            aria-describedby={describedBy}
            aria-invalid={isTried && !isTitled}
            onInput={(event) => set({ title: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field
        label={raiseWords().body}
        aside={<span class="field-aside">{raiseWords().optional}</span>}
        hint={raiseWords().everywhere}
      >
        {({ id, describedBy }) => (
          <textarea
            id={id}
            class="input"
            name="body"
            rows={2}
            maxLength={LIMITS.maxBody}
            value={body}
            aria-describedby={describedBy}
            onInput={(event) => set({ body: event.currentTarget.value })}
          />
        )}
      </Field>
    </Sheet>
  )
}

function PriorityWords({ priority }: { readonly priority: Priority }) {
  return (
    <span class="priority-words">
      <PriorityMark priority={priority} look="steady" />
      <span>
        <strong>{text.alerts.priority[priority]}</strong>
        <span class="priority-meaning">{text.alerts.meaning[priority]}</span>
      </span>
    </span>
  )
}
