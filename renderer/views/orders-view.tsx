import { Empty } from '../components/empty.tsx'
import { Freshness, isReceived } from '../components/freshness.tsx'
import { ViewHeader } from '../components/view-header.tsx'
import { useApp } from '../state/use-app.ts'
import { text } from '../text/text.ts'
import { OrderItem } from './order-item.tsx'

export function OrdersView() {
  const { area, orders, channels } = useApp()
  const rows = orders.value
  const channel = channels.value.orders
  const refused = channel?.refused ?? null
  const emptyWords = isReceived(channel) ? text.orders.empty(text.areaName(area.value)) : text.freshness.never
  const { field } = text.orders
  return (
    <>
      <ViewHeader
        title={text.orders.title}
        summary={rows.length > 0 || isReceived(channel) ? text.orders.summary(rows.length) : ''}
        freshness={refused === null ? <Freshness channel={channel} /> : null}
      />
      {rows.length === 0 ? (
        <Empty>{refused === null ? emptyWords : refusedWords(refused)}</Empty>
      ) : (
        <>
          <div class="order order-heads" aria-hidden="true">
            <span>{text.orders.number}</span>
            <span>{field.title}</span>
            <span>{field.status}</span>
            <span class="cell-number">{field.quantity}</span>
            <span>{field.assignee}</span>
            <span>{text.orders.changedTitle}</span>
          </div>
          <ul class="rows" aria-label={text.orders.title}>
            {rows.map((row) => (
              <OrderItem key={row.id} row={row} />
            ))}
          </ul>
        </>
      )}
    </>
  )
}

/** Why the relay holds nothing of a channel, in words. */
export function refusedWords(code: string): string {
  return code === 'sign-in-needed' || code === 'forbidden' ? text.refused[code] : text.refused.other
}
