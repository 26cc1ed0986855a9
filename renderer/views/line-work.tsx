import type { LineState } from '../../relay/domain/line-state.ts'
import type { OrderRow } from '../../relay/domain/orders.ts'
import { absenceOf } from '../components/absence.ts'
import { DoneBar } from '../components/done-bar.tsx'
import { Freshness } from '../components/freshness.tsx'
import { StatusSign } from '../components/status-sign.tsx'
import { chosenArea } from '../state/actions.ts'
import { hashOf } from '../state/place.ts'
import { useApp } from '../state/use-app.ts'
import { count } from '../text/format.ts'
import { text } from '../text/text.ts'

/** The order that runs on the line, or is next, with how much of it is done; or why that is not known here. */
export function LineWork({ line: { order, orders } }: { readonly line: LineState }) {
  const app = useApp()
  const { channels, isLive, session } = app
  const { line, ordersDone } = text.boards
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
            <Order order={order} />
          )}
          {orders.total === 0 ? null : <p class="line-order-facts">{ordersDone(orders.done, orders.total)}</p>}
          <Freshness channel={channels.value.orders} />
        </>
      )}
      <a class="line-way" href={hashOf('orders', chosenArea(app))}>
        {line.allOrders}
      </a>
    </section>
  )
}

function Order({ order: { number, fields } }: { readonly order: OrderRow }) {
  const { title, status, produced, quantity, assignee } = fields
  return (
    <>
      <p class="line-order">
        <StatusSign status={status} />
        <span>
          <strong class="nowrap">{number}</strong> <bdi>{title}</bdi>
        </span>
      </p>
      <p class="done">
        <DoneBar done={produced} total={quantity} />
        <span class="nowrap">{text.boards.pieces(count(produced), count(quantity))}</span>
      </p>
      <p class="line-order-facts">
        <span>{text.orders.status[status]}</span>
        {assignee === null ? null : <bdi>{assignee}</bdi>}
      </p>
    </>
  )
}
