import { useState } from 'preact/hooks'
import { conflictOf, fieldsToResend, orderEdit } from '../../relay/domain/orders.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { ORDER_FIELDS } from '../../relay/protocol/order-fields.ts'
import type { OrderField, OrderFields } from '../../relay/protocol/records.ts'
import { Button } from '../components/button.tsx'
import { Sheet } from '../components/sheet.tsx'
import { Versus, type Side } from '../components/versus.tsx'
import { settle } from '../state/actions.ts'
import { editOrder } from '../state/form-actions.ts'
import { valueOf } from '../state/describe.ts'
import { useApp } from '../state/use-app.ts'
import { orderWords } from '../text/order-words.ts'
import { text } from '../text/text.ts'

/**
 * A refused edit and what stands instead: per field both values and who. What a person chooses is sent as a new edit on
 * the version they saw, so a third change in the meantime is a conflict again and never overwritten.
 */
export function ConflictSheet({ id }: { readonly id: CommandId }) {
  const app = useApp()
  const [chosen, setChosen] = useState<Partial<Record<OrderField, Side>>>({})
  const [isTried, setTried] = useState(false)
  const close = (): void => void (app.sheet.value = null)
  const refused = app.rejected.value.find(({ command }) => command.id === id)
  const conflict = refused === undefined ? null : conflictOf(refused)
  const edit = refused === undefined ? null : orderEdit(refused.command)
  if (refused === undefined || conflict === null || edit === null) {
    return (
      <Sheet title={text.orders.title} onClose={close}>
        <p class="lead">{orderWords().conflict.gone}</p>
      </Sheet>
    )
  }
  const { current } = conflict
  const disputed = ORDER_FIELDS.flatMap((field) => {
    const both = conflict.fields[field]
    return both === undefined ? [] : [{ field, ...both }]
  })
  const decide = (fields: Partial<OrderFields>): void => {
    const isSent = Object.keys(fields).length > 0
    if (isSent) editOrder(app, current.id, fields, current.version)
    settle(app, refused, isSent ? 'resent' : 'discarded')
    close()
  }
  const submit = (): void => {
    setTried(true)
    if (disputed.some(({ field }) => chosen[field] === undefined)) return
    const theirs = new Set(disputed.map(({ field }) => field).filter((field) => chosen[field] === 'theirs'))
    decide(fieldsToResend(edit.fields, theirs))
  }
  return (
    <Sheet
      title={orderWords().conflict.title(current.number)}
      onClose={close}
      onSubmit={submit}
      footer={
        <>
          <Button kind="primary" submits>
            {orderWords().conflict.send}
          </Button>
          <Button kind="secondary" onPress={() => decide({})}>
            {orderWords().conflict.keepTheirs}
          </Button>
        </>
      }
    >
      <p class="lead">
        <strong>{current.fields.title}</strong>
      </p>
      <p>{orderWords().conflict.explain}</p>
      {disputed.map(({ field, yours, theirs, by, at }) => (
        <Versus
          key={field}
          field={text.orders.field[field]}
          yours={valueOf(app, field, yours)}
          theirs={valueOf(app, field, theirs)}
          by={by}
          at={at}
          value={chosen[field] ?? null}
          onChoose={(side) => setChosen({ ...chosen, [field]: side })}
        />
      ))}
      {isTried && disputed.some(({ field }) => chosen[field] === undefined) ? (
        <p class="field-error" role="alert">
          {orderWords().conflict.chooseFirst}
        </p>
      ) : null}
    </Sheet>
  )
}
