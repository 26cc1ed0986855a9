import type { ComponentChildren } from 'preact'
import type { OrderRow } from '../../relay/domain/orders.ts'
import type { OrderField } from '../../relay/protocol/records.ts'
import { Button } from '../components/button.tsx'
import { DoneBar } from '../components/done-bar.tsx'
import { PendingMark } from '../components/pending-mark.tsx'
import { Sign } from '../components/sign.tsx'
import { StatusSign } from '../components/status-sign.tsx'
import { Time } from '../components/time.tsx'
import { valueOf } from '../state/describe.ts'
import { isLate } from '../state/order-look.ts'
import { useApp } from '../state/use-app.ts'
import type { HeldRow } from '../state/use-held-rows.ts'
import { authorName } from '../text/author-name.ts'
import { count } from '../text/format.ts'
import { text } from '../text/text.ts'

interface OrderItemProps {
  readonly held: HeldRow<OrderRow>
  /** In UTC as orders write it; for what is late. */
  readonly now: string
}

/** One order. The whole row opens it; each value that waits for the server is marked where it stands. */
export function OrderItem({ held: { row, isGone }, now }: OrderItemProps) {
  const { sheet } = useApp()
  const { fields, waiting, creating, record, conflicts } = row
  const [conflict] = conflicts
  const mark = creating ?? Object.values(waiting).toSorted((a, b) => b.since - a.since)[0]
  return (
    <>
      <button
        type="button"
        class="order-open"
        disabled={isGone}
        aria-label={text.orders.edit(row.number)}
        onClick={() => (sheet.value = { kind: 'order', id: row.id, draft: {} })}
      >
        {row.number}
      </button>
      <div class="order-title">
        <Value row={row} field="title" />
        <p class="order-note">{fields.note === '' ? null : <Value row={row} field="note" />}</p>
      </div>
      <Cell row={row} field="status">
        <StatusSign status={fields.status} />
      </Cell>
      <Cell row={row} field="quantity">
        <Made row={row} />
      </Cell>
      <Cell row={row} field="due">
        {isLate(row, now) ? <strong class="order-late">{text.orders.late}</strong> : null}
      </Cell>
      <Cell row={row} field="assignee" />
      <div class="order-changed">
        {conflict === undefined || isGone ? null : (
          <Button kind="primary" onPress={() => (sheet.value = { kind: 'conflict', id: conflict.command.id })}>
            {text.orders.conflict}
          </Button>
        )}
        {mark === undefined ? null : <PendingMark waiting={mark} />}
        {record === null || mark !== undefined || conflict !== undefined ? null : (
          <span class="order-by">
            {authorName(record.changed.by)} <Time at={record.changed.at} />
          </span>
        )}
      </div>
    </>
  )
}

/** The list item around an order. */
export function orderAttributes({ row, isGone }: HeldRow<OrderRow>) {
  return {
    class: `row order ${isGone ? 'row-gone' : ''}`,
    'data-testid': 'order-row',
    'data-order-id': row.id,
    'data-status': row.fields.status,
  }
}

interface CellProps {
  readonly row: OrderRow
  readonly field: OrderField
  readonly children?: ComponentChildren
}

function Cell({ row, field, children }: CellProps) {
  return (
    <div class={`cell cell-${field}`}>
      <span class="cell-label">{text.orders.field[field]}</span>
      {children}
      <Value row={row} field={field} />
    </div>
  )
}

/** How many of them are made, once somebody has said so. */
function Made({ row }: Pick<CellProps, 'row'>) {
  const { produced, quantity } = row.fields
  const isWaiting = row.waiting.produced !== undefined
  if (produced === 0 && !isWaiting) return null
  return (
    <span class="order-made">
      <DoneBar done={produced} total={quantity} />
      <span class={`value ${isWaiting ? 'value-waiting' : ''}`} data-field="produced">
        {text.orders.made(count(produced))}
        {isWaiting ? <Sign name="waiting" /> : null}
      </span>
    </span>
  )
}

function Value({ row, field }: CellProps) {
  const app = useApp()
  const isWaiting = row.waiting[field] !== undefined
  return (
    <span
      class={`value ${isWaiting ? 'value-waiting' : ''} ${row.fields[field] === null ? 'value-none' : ''}`}
      data-field={field}
    >
      {valueOf(app, field, row.fields[field])}
      {isWaiting ? <Sign name="waiting" /> : null}
    </span>
  )
}
