import { useState } from 'preact/hooks'
import type { SettledCommand } from '../../relay/protocol/local.ts'
import type { OrderFields } from '../../relay/protocol/records.ts'
import { Button } from '../components/button.tsx'
import { Field } from '../components/field.tsx'
import { Sheet } from '../components/sheet.tsx'
import { settle } from '../state/actions.ts'
import { planOrder } from '../state/form-actions.ts'
import { useOpenForm } from '../state/open-form.ts'
import { isTaken, nextNumber } from '../state/order-look.ts'
import type { NewOrder } from '../state/sheets.ts'
import { typed } from '../state/typed.ts'
import { closeForm } from '../state/undo.ts'
import { useApp } from '../state/use-app.ts'
import { orderWords } from '../text/order-words.ts'
import { text } from '../text/text.ts'
import {
  AssigneeField,
  NoteField,
  OrderDueField,
  orderErrors,
  PiecesField,
  TitleField,
  type OrderFormProps,
} from './order-form.tsx'

/** As long as the wire takes it (`order.create` in relay/protocol/commands.ts). */
const MAX_NUMBER = 32
const EMPTY: OrderFields = {
  title: '',
  status: 'open',
  quantity: Number.NaN,
  produced: 0,
  due: null,
  assignee: null,
  note: '',
}
const NONE = {}

interface NewOrderSheetProps {
  readonly area: string
  readonly draft: NewOrder | null
  readonly again?: SettledCommand
}

/** A new work order. Its number is proposed: whoever has another one types it. */
export function NewOrderSheet({ area, draft, again }: NewOrderSheetProps) {
  const app = useApp()
  const [start] = useState<NewOrder>(() => draft ?? { number: nextNumber(app.orders.value), values: EMPTY })
  const [order, setOrder] = useState(start)
  const [isTried, setTried] = useState(false)
  const { number, values } = order
  const errors = orderErrors(values)
  const numberError =
    typed(number) === ''
      ? orderWords().missingNumber
      : isTaken(app.orders.value, number)
        ? orderWords().takenNumber(typed(number))
        : null
  const submit = (): void => {
    setTried(true)
    if (numberError !== null || Object.keys(errors).length > 0) return
    planOrder(app, area, order)
    if (again !== undefined) settle(app, again, 'resent')
    app.sheet.value = null
  }
  const begun =
    order === start ? null : ({ kind: 'new-order', area, draft: order, ...(again !== undefined && { again }) } as const)
  useOpenForm(begun)
  const close = (): void => closeForm(app, begun)
  const form: OrderFormProps = {
    values,
    errors: isTried ? errors : NONE,
    waiting: NONE,
    onChange: (field, value) => setOrder({ number, values: { ...values, [field]: value } }),
  }
  return (
    <Sheet
      title={orderWords().newIn(text.areaName(area))}
      onClose={close}
      onSubmit={submit}
      footer={
        <>
          <Button kind="primary" submits>
            {orderWords().create}
          </Button>
          <Button kind="secondary" onPress={close}>
            {text.cancel}
          </Button>
        </>
      }
    >
      <TitleField {...form} />
      <Field
        label={text.orders.number}
        hint={orderWords().numberHint}
        error={isTried || numberError !== orderWords().missingNumber ? numberError : null}
      >
        {({ id, describedBy }) => (
          <input
            id={id}
            class="input"
            name="number"
            value={number}
            maxLength={MAX_NUMBER}
            autoComplete="off"
            spellcheck={false}
            aria-describedby={describedBy}
            aria-invalid={numberError !== null}
            onInput={(event) => setOrder({ number: event.currentTarget.value, values })}
          />
        )}
      </Field>
      <PiecesField {...form} field="quantity" />
      <OrderDueField {...form} />
      <AssigneeField {...form} />
      <NoteField {...form} />
    </Sheet>
  )
}
