import { useState } from 'preact/hooks'
import type { OrderRow } from '../../relay/domain/orders.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import type { SettledCommand } from '../../relay/protocol/local.ts'
import type { OrderField, OrderFields } from '../../relay/protocol/records.ts'
import { Button } from '../components/button.tsx'
import { useRoomAge } from '../components/freshness.tsx'
import { Sheet } from '../components/sheet.tsx'
import { Versus } from '../components/versus.tsx'
import { settle } from '../state/actions.ts'
import { discuss, editOrder } from '../state/form-actions.ts'
import { valueOf } from '../state/describe.ts'
import {
  changesOf,
  disputedFields,
  draftOf,
  valuesOf,
  withKept,
  withoutField,
  withValue,
  type OrderDraft,
} from '../state/order-draft.ts'
import { timeWords } from '../state/moments.ts'
import { useOpenForm } from '../state/open-form.ts'
import type { SheetName } from '../state/sheets.ts'
import { closeForm } from '../state/undo.ts'
import { useApp } from '../state/use-app.ts'
import { authorName, peopleWords } from '../text/author-name.ts'
import { orderWords } from '../text/order-words.ts'
import { text } from '../text/text.ts'
import { OrderForm, orderErrors } from './order-form.tsx'
import { SaidAbout } from './said-about.tsx'

/** People besides that the head of a sheet has room for. */
const MAX_NAMES = 4

/** Changes a work order. While it is open it follows the record, and says when somebody else touches the same field. */
export function OrderSheet(props: {
  readonly id: CommandId
  readonly draft: Partial<OrderFields>
  readonly again?: SettledCommand
}) {
  const { id, draft, again } = props
  const app = useApp()
  const close = (): void => void (app.sheet.value = null)
  const row = app.orders.value.find((one) => one.id === id)
  if (row === undefined) {
    return (
      <Sheet title={text.orders.title} onClose={close}>
        <p class="lead">{text.orders.notHere}</p>
      </Sheet>
    )
  }
  const sent = (): void => {
    if (again !== undefined) settle(app, again, 'resent')
  }
  const form = (changed: Partial<OrderFields>): SheetName | null => {
    const isChanged = Object.keys(changed).length > 0
    return isChanged ? { kind: 'order', id, draft: changed, ...(again !== undefined && { again }) } : null
  }
  return <OpenOrder row={row} start={draft} sent={sent} close={close} form={form} />
}

/** Who else has it open, and since when that is not known any more (P5). */
function useBesides(): string {
  const app = useApp()
  const { rosters } = app
  const age = useRoomAge(() => rosters.thing.value)
  const people = rosters.besides.value
  if (people.length === 0) return ''
  const words = text.rooms.besides(peopleWords(people, MAX_NAMES))
  if (!age.isOld) return words
  const then = age.since === null ? text.boards.standing.away : text.freshness.asOf(timeWords(app, age.since))
  return text.and([then, words])
}

function OpenOrder(props: {
  readonly row: OrderRow
  readonly start: Partial<OrderFields>
  readonly sent: () => void
  readonly close: () => void
  /** The form with these fields changed and not sent; null where none is. */
  readonly form: (changed: Partial<OrderFields>) => SheetName | null
}) {
  const { row, sent, close } = props
  const app = useApp()
  const aside = useBesides()
  const [draft, setDraft] = useState<OrderDraft>(() => draftOf(row, props.start))
  const values = valuesOf(draft, row)
  const changes = changesOf(draft, row)
  const disputed = disputedFields(draft, row)
  const errors = orderErrors(values)
  const isUnchanged = Object.keys(changes).length === 0
  const isBlocked = isUnchanged || disputed.length > 0 || Object.keys(errors).length > 0
  const submit = (): void => {
    if (isBlocked) return
    // An order that waits itself is at version 1 when this arrives.
    editOrder(app, row.id, changes, row.record?.version ?? 1)
    sent()
    close()
  }
  const form = props.form(changes)
  useOpenForm(form)
  const leave = (): void => closeForm(app, form)
  return (
    <Sheet
      title={row.number}
      aside={aside}
      onClose={leave}
      onSubmit={submit}
      footer={
        <>
          <Button kind="primary" submits disabled={isBlocked}>
            {orderWords().save}
          </Button>
          <Button kind="secondary" onPress={leave}>
            {text.cancel}
          </Button>
          {isUnchanged ? <p class="sheet-hint">{orderWords().nothingToSave}</p> : null}
        </>
      }
    >
      {disputed.length === 0 ? null : (
        <div role="alert">
          <p>{orderWords().conflict.meanwhile}</p>
          {disputed.map((field) => (
            <Disputed key={field} row={row} field={field} draft={draft} setDraft={setDraft} />
          ))}
        </div>
      )}
      <OrderForm
        values={values}
        errors={errors}
        waiting={row.waiting}
        onChange={(field, value) => setDraft(withValue(draft, row, field, value))}
      />
      {row.record === null ? null : (
        <SaidAbout
          to="order"
          id={row.id}
          onDiscuss={() => {
            leave()
            discuss(app, { to: 'order', id: row.id, by: '', text: `${row.number} ${row.fields.title}` })
          }}
        />
      )}
    </Sheet>
  )
}

function Disputed(props: {
  readonly row: OrderRow
  readonly field: OrderField
  readonly draft: OrderDraft
  readonly setDraft: (draft: OrderDraft) => void
}) {
  const { row, field, draft, setDraft } = props
  const app = useApp()
  const stamp = row.record?.stamps[field]
  return (
    <Versus
      field={text.orders.field[field]}
      yours={valueOf(app, field, draft[field]?.value)}
      theirs={valueOf(app, field, row.fields[field])}
      by={stamp === undefined ? text.chat.terminal : authorName(stamp.by)}
      at={stamp?.at ?? row.record?.changed.at ?? new Date(app.serverNow.value).toISOString()}
      value={null}
      onChoose={(side) => setDraft(side === 'yours' ? withKept(draft, row, field) : withoutField(draft, field))}
    />
  )
}
