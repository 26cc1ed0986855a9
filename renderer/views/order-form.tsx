import { LIMITS } from '../../relay/protocol/limits.ts'
import { ORDER_STATUSES, type OrderField, type OrderFields } from '../../relay/protocol/records.ts'
import type { OrderRow } from '../../relay/domain/orders.ts'
import { Button } from '../components/button.tsx'
import { Choice } from '../components/choice.tsx'
import { Field } from '../components/field.tsx'
import { PendingMark } from '../components/pending-mark.tsx'
import { Sign } from '../components/sign.tsx'
import { StatusSign } from '../components/status-sign.tsx'
import { operatorName } from '../state/operator-name.ts'
import { typed } from '../state/typed.ts'
import { text } from '../text/text.ts'

/** The largest quantity the wire takes (`OrderFields` in relay/protocol/records.ts). */
const MAX_QUANTITY = 10_000_000

export type OrderErrors = Readonly<Partial<Record<OrderField, string>>>

/** What is wrong with values, in words; the same bounds as the wire's, so that nothing is refused later for its form. */
export function orderErrors({ title, quantity, assignee }: OrderFields): OrderErrors {
  const isCount = Number.isInteger(quantity) && quantity >= 0 && quantity <= MAX_QUANTITY
  return {
    ...(typed(title) === '' && { title: text.orders.missingTitle }),
    ...(!isCount && { quantity: text.orders.badQuantity }),
    ...(assignee !== null && !/^[a-z0-9-]{1,64}$/.test(assignee) && { assignee: text.orders.badAssignee }),
  }
}

interface OrderFormProps {
  readonly values: OrderFields
  readonly errors: OrderErrors
  readonly waiting: OrderRow['waiting']
  readonly onChange: (field: OrderField, value: unknown) => void
}

export function OrderForm({ values, errors, waiting, onChange }: OrderFormProps) {
  const { field } = text.orders
  const mark = (name: OrderField) => (waiting[name] === undefined ? null : <PendingMark waiting={waiting[name]} />)
  return (
    <>
      <Choice
        legend={field.status}
        legendAside={mark('status')}
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
      <Field label={field.quantity} error={errors.quantity ?? null} aside={mark('quantity')}>
        {({ id, describedBy }) => (
          <div class="counter">
            <Button
              kind="secondary"
              label={text.orders.less}
              disabled={!(values.quantity > 0)}
              onPress={() => onChange('quantity', values.quantity - 1)}
            >
              <Sign name="minus" />
            </Button>
            <input
              id={id}
              class="input"
              name="quantity"
              inputMode="numeric"
              autoComplete="off"
              value={Number.isNaN(values.quantity) ? '' : String(values.quantity)}
              aria-describedby={describedBy}
              aria-invalid={errors.quantity !== undefined}
              onInput={(event) => {
                const digits = event.currentTarget.value.replaceAll(/\D/g, '')
                onChange('quantity', digits === '' ? Number.NaN : Number(digits))
              }}
            />
            <Button
              kind="secondary"
              label={text.orders.more}
              onPress={() => onChange('quantity', (values.quantity || 0) + 1)}
            >
              <Sign name="plus" />
            </Button>
          </div>
        )}
      </Field>
      <Field
        label={field.assignee}
        hint={text.orders.assigneeHint}
        error={errors.assignee ?? null}
        aside={mark('assignee')}
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
      <Field label={field.title} error={errors.title ?? null} aside={mark('title')}>
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
      <Field label={field.note} aside={mark('note')}>
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
    </>
  )
}
