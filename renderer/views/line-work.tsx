import type { LineState } from '../../relay/domain/line-state.ts'
import { absenceOf } from '../components/absence.ts'
import { DoneBar } from '../components/done-bar.tsx'
import { Freshness } from '../components/freshness.tsx'
import { StatusSign } from '../components/status-sign.tsx'
import { chosenArea } from '../state/actions.ts'
import { hashOf } from '../state/place.ts'
import { useApp } from '../state/use-app.ts'
import { count } from '../text/format.ts'
import { text } from '../text/text.ts'

/** The order that runs on the line, or is next, how many are done; or why that is not known here. */
export function LineWork({ line: { order, orders } }: { readonly line: LineState }) {
  const app = useApp()
  const { channels, isLive, session } = app
  const { line } = text.boards
  const absence = absenceOf(channels.value.orders, isLive.value)
  const isShown = session.value !== null && absence === null && orders !== null
  const isNext = isShown && order?.fields.status === 'open'
  return (
    <section class="line-work" aria-labelledby="line-runs">
      <h2 id="line-runs">{isNext ? line.next : line.runs}</h2>
      {session.value === null ? (
        <p class="line-nothing">{line.ordersSignIn}</p>
      ) : absence !== null || orders === null ? (
        <p class="line-nothing">{absence?.words}</p>
      ) : (
        <>
          {order === null ? (
            <p class="line-nothing">
              {orders.total === 0 ? text.orders.empty(text.areaName(app.area.value)) : line.noOrder}
            </p>
          ) : (
            <>
              <p class="line-order">
                <StatusSign status={order.fields.status} />
                <span>
                  <strong class="nowrap">{order.number}</strong> <bdi>{order.fields.title}</bdi>
                </span>
              </p>
              <p class="line-order-facts">
                <span>{text.orders.status[order.fields.status]}</span>
                <span class="nowrap">{text.boards.pieces(count(order.fields.quantity))}</span>
                {order.fields.assignee === null ? null : <bdi>{order.fields.assignee}</bdi>}
              </p>
            </>
          )}
          {orders.total === 0 ? null : <DoneBar orders={orders} />}
          <Freshness channel={channels.value.orders} />
        </>
      )}
      <a class="line-way" href={hashOf('orders', chosenArea(app))}>
        {line.allOrders}
      </a>
    </section>
  )
}
