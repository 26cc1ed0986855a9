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

/** As many as are named; the list of orders has all. */
const SHOWN_BLOCKED = 2

/**
 * The order that runs on the line, or is next, with how much of it is done, and apart from it what is blocked; or why that is not
 * known here.
 */
export function LineWork({ line: { going, running, blocked, orders } }: { readonly line: LineState }) {
  const app = useApp()
  const { channels, isLive, session } = app
  const { line, ordersDone } = text.boards
  const absence = absenceOf(channels.value.orders, isLive.value)
  const isShown = session.value !== null && absence === null && orders !== null
  const isNext = isShown && going?.fields.status === 'open'
  return (
    <div class="line-work">
      {isShown && blocked.length > 0 ? <Blocked blocked={blocked} /> : null}
      <section aria-labelledby="line-runs">
        <h2 id="line-runs">{isNext ? line.next : line.runs}</h2>
        {session.value === null ? (
          <p class="line-nothing">{line.ordersSignIn}</p>
        ) : absence !== null || orders === null ? (
          <p class="line-nothing">{absence?.words}</p>
        ) : (
          <>
            {going !== null ? (
              <>
                <Order order={going} />
                {running < 2 ? null : <p class="line-order-facts">{line.moreRun(running - 1)}</p>}
              </>
            ) : (
              <p class="line-nothing">
                {blocked.length > 0
                  ? line.nothingRuns
                  : orders.total === 0
                    ? text.orders.empty(text.areaName(app.area.value))
                    : line.noOrder}
              </p>
            )}
            {orders.total === 0 ? null : <p class="line-order-facts">{ordersDone(orders.done, orders.total)}</p>}
            <Freshness channel={channels.value.orders} />
          </>
        )}
        <a class="line-way" href={hashOf('orders', chosenArea(app))}>
          {line.allOrders}
        </a>
      </section>
    </div>
  )
}

/** What cannot go on, and why as far as somebody wrote it down. */
function Blocked({ blocked }: { readonly blocked: LineState['blocked'] }) {
  const { line } = text.boards
  const rest = blocked.length - SHOWN_BLOCKED
  return (
    <section class="line-blocked" aria-labelledby="line-blocked">
      <h2 id="line-blocked">{line.blocked}</h2>
      {blocked.slice(0, SHOWN_BLOCKED).map((order) => (
        <Order key={order.id} order={order} />
      ))}
      {rest <= 0 ? null : <p class="line-nothing">{line.moreBlocked(rest)}</p>}
    </section>
  )
}

function Order({ order: { number, fields } }: { readonly order: OrderRow }) {
  const { title, status, produced, quantity, assignee, note } = fields
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
      {status !== 'blocked' || note === '' ? null : <p class="line-order-note">{note}</p>}
    </>
  )
}
