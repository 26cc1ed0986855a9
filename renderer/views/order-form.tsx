import type { ComponentChildren } from 'preact'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { ORDER_STATUSES } from '../../relay/protocol/record-words.ts'
import type { OrderField, OrderFields } from '../../relay/protocol/records.ts'
import type { OrderRow } from '../../relay/domain/orders.ts'
import { Button } from '../components/button.tsx'
import { Choice } from '../components/choice.tsx'
import { Field } from '../components/field.tsx'
import { PendingMark } from '../components/pending-mark.tsx'
import { Sign } from '../components/sign.tsx'
import { StatusSign } from '../components/status-sign.tsx'
import { operatorName } from '../state/operator-name.ts'
import { typed } from '../state/typed.ts'
import { orderWords } from '../text/order-words.ts'
import { text } from '../text/text.ts'
import { DueField } from './due-field.tsx'

export type OrderErrors = Readonly<Partial<Record<OrderField, string>>>

/** What is wrong with values, in words; the same bounds as the wire's, so that nothing is refused later for its form. */
export function orderErrors({ title, quantity, produced, assignee }: OrderFields): OrderErrors {
  return {
    ...(typed(title) === '' && { title: orderWords().missingTitle }),
    ...(!isCount(quantity) && { quantity: orderWords().badQuantity }),
    ...(!isCount(produced) && { produced: orderWords().badQuantity }),
    ...(assignee !== null && !/^[a-z0-9-]{1,64}$/.test(assignee) && { assignee: orderWords().badAssignee }),
  }
}

function isCount(pieces: number): boolean {
  return Number.isInteger(pieces) && pieces >= 0 && pieces <= LIMITS.maxPieces
}

export interface OrderFormProps {
  readonly values: OrderFields
  readonly errors: OrderErrors
  readonly waiting: OrderRow['waiting']
  readonly onChange: (field: OrderField, value: unknown) => void
}

/** What is changed of an order, what changes most at the top. */
export function OrderForm(props: OrderFormProps) {
  const { values, onChange } = props
  return (
    <>
      <Choice
        legend={text.orders.field.status}
        legendAside={markOf(props, 'status')}
        value={values.status}
        onChoose={(status) => onChange('status', status)}
        options={ORDER_STATUSES.map((value) => ({
          value,
          label: (
            <>
              <StatusSign status={value} />
              {text.orders.status[value]}
            </>
          ),
        }))}
      />
      <div class="order-pieces">
        <PiecesField {...props} field="produced" />
        <PiecesField {...props} field="quantity" />
      </div>
      <OrderDueField {...props} />
      <AssigneeField {...props} />
      <TitleField {...props} />
      <NoteField {...props} />
    </>
  )
}

/** How many are to be made, or are. */
export function PiecesField(props: OrderFormProps & { readonly field: 'quantity' | 'produced' }) {
  const { values, errors, field, onChange } = props
  const pieces = values[field]
  const name = text.orders.field[field]
  return (
    <Field label={name} error={errors[field] ?? null} aside={markOf(props, field)}>
      {({ id, describedBy }) => (
        <div class="counter">
          <Button
            kind="secondary"
            label={orderWords().less(name)}
            disabled={!(pieces > 0)}
            onPress={() => onChange(field, pieces - 1)}
          >
            <Sign name="minus" />
          </Button>
          <input
            id={id}
            class="input"
            name={field}
            inputMode="numeric"
            autoComplete="off"
            value={Number.isNaN(pieces) ? '' : String(pieces)}
            aria-describedby={describedBy}
            aria-invalid={errors[field] !== undefined}
            onInput={(event) => {
              const digits = event.currentTarget.value.replaceAll(/\D/g, '')
              onChange(field, digits === '' ? Number.NaN : Number(digits))
            }}
          />
          <Button kind="secondary" label={orderWords().more(name)} onPress={() => onChange(field, (pieces || 0) + 1)}>
            <Sign name="plus" />
          </Button>
        </div>
      )}
    </Field>
  )
}

export function OrderDueField(props: OrderFormProps) {
  return (
    <DueField value={props.values.due} aside={markOf(props, 'due')} onChange={(due) => props.onChange('due', due)} />
  )
}

export function AssigneeField(props: OrderFormProps) {
  const { values, errors, onChange } = props
  return (
    <Field
      label={text.orders.field.assignee}
      hint={orderWords().assigneeHint}
      error={errors.assignee ?? null}
      aside={markOf(props, 'assignee')}
    >
      {({ id, describedBy }) => (
        <input
          id={id}
          class="input"
          name="assignee"
          value={values.assignee ?? ''}
          maxLength={64}
          autoComplete="off"
          autoCapitalize="none"
          spellcheck={false}
          aria-describedby={describedBy}
          aria-invalid={errors.assignee !== undefined}
          onInput={(event) => onChange('assignee', event.currentTarget.value.trim().toLowerCase() || null)}
          // When the field is left or the form submitted, and not within a syllable.
          onChange={(event) => onChange('assignee', operatorName(event.currentTarget.value) || null)}
        />
      )}
    </Field>
  )
}

export function TitleField(props: OrderFormProps) {
  const { values, errors, onChange } = props
  return (
    <Field label={text.orders.field.title} error={errors.title ?? null} aside={markOf(props, 'title')}>
      {({ id, describedBy }) => (
        <input
          id={id}
          class="input"
          name="title"
          value={values.title}
          maxLength={LIMITS.maxTitle}
          autoComplete="off"
          aria-describedby={describedBy}
          aria-invalid={errors.title !== undefined}
          onInput={(event) => onChange('title', event.currentTarget.value)}
        />
      )}
    </Field>
  )
}

export function NoteField(props: OrderFormProps) {
  const { values, onChange } = props
  return (
    <Field label={text.orders.field.note} aside={markOf(props, 'note')}>
      {({ id, describedBy }) => (
        <textarea
          id={id}
          class="input"
          name="note"
          rows={3}
          maxLength={LIMITS.maxBody}
          value={values.note}
          aria-describedby={describedBy}
          onInput={(event) => onChange('note', event.currentTarget.value)}
        />
      )}
    </Field>
  )
}

function markOf({ waiting }: OrderFormProps, field: OrderField): ComponentChildren {
  return waiting[field] === undefined ? null : <PendingMark waiting={waiting[field]} />
}
