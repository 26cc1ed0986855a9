import type { OrderRow } from '../../relay/domain/orders.ts'
import { absenceOf } from '../components/absence.ts'
import { Empty } from '../components/empty.tsx'
import { FilterPlace, NothingMatches } from '../components/filter-place.tsx'
import { Freshness } from '../components/freshness.tsx'
import { RowList } from '../components/row-list.tsx'
import { ViewHeader } from '../components/view-header.tsx'
import { useApp } from '../state/use-app.ts'
import { useFilter, useMatching } from '../state/use-filter.ts'
import { useHeldRows } from '../state/use-held-rows.ts'
import { text } from '../text/text.ts'
import { orderAttributes, OrderItem } from './order-item.tsx'

/** Of a row on a kiosk, pixels; a guess until it is drawn. */
const ROW_HEIGHT = 76

export function OrdersView() {
  const { area, orders, channels, isLive } = useApp()
  const rows = orders.value
  const all = useHeldRows(rows, idOf)
  const filter = useFilter()
  const held = useMatching(all, filter, { wordsOf })
  const channel = channels.value.orders
  const absence = absenceOf(channel, isLive.value)
  const { field } = text.orders
  return (
    <>
      <ViewHeader
        title={text.orders.title}
        summary={rows.length > 0 || absence === null ? text.orders.summary(rows.length) : ''}
        freshness={<Freshness channel={channel} />}
      >
        <FilterPlace filter={filter} list={text.orders.title} shown={held.rows.length} total={all.rows.length} />
      </ViewHeader>
      {all.rows.length > 0 && held.rows.length === 0 ? (
        <NothingMatches filter={filter} />
      ) : held.rows.length === 0 ? (
        <Empty more={absence?.more}>{absence?.words ?? text.orders.empty(text.areaName(area.value))}</Empty>
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
          <RowList label={text.orders.title} held={held} estimate={ROW_HEIGHT} attributes={orderAttributes}>
            {(row) => <OrderItem held={row} />}
          </RowList>
        </>
      )}
    </>
  )
}

function wordsOf({ number, fields: { title, note, assignee, status } }: OrderRow) {
  return [number, title, note, assignee, text.orders.status[status]]
}

function idOf({ id }: OrderRow): string {
  return id
}
