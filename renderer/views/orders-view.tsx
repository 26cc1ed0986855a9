import { useEffect, useMemo, useState } from 'preact/hooks'
import type { OrderRow } from '../../relay/domain/orders.ts'
import { absenceOf } from '../components/absence.ts'
import { Button } from '../components/button.tsx'
import { Empty } from '../components/empty.tsx'
import { FilterPlace, NothingMatches } from '../components/filter-place.tsx'
import { Freshness } from '../components/freshness.tsx'
import { RowList } from '../components/row-list.tsx'
import { Sign } from '../components/sign.tsx'
import { ViewHeader } from '../components/view-header.tsx'
import { orderCounts, ordersShown, type Looker, type OrderLook } from '../state/order-look.ts'
import { useApp } from '../state/use-app.ts'
import { FILTER_IDLE_MS, useFilter, useMatching } from '../state/use-filter.ts'
import { useHeldRows, type HeldRow, type HeldRows } from '../state/use-held-rows.ts'
import { useIdle } from '../state/use-idle.ts'
import { orderWords } from '../text/order-words.ts'
import { text } from '../text/text.ts'
import { orderAttributes, OrderItem } from './order-item.tsx'
import { OrderTools } from './order-tools.tsx'

/** Of a row on a kiosk, pixels; a guess until it is drawn. */
const ROW_HEIGHT = 76
const FIRST_LOOK: OrderLook = { filter: 'todo', sort: 'due' }
/** What is late is so by the minute: a list of thousands is not sorted anew each second. */
const LATE_MS = 60_000

/** The work orders of the area that are still to be done, or those that somebody asks for. */
export function OrdersView() {
  const { area, orders, channels, isLive, session, sheet } = useApp()
  const rows = orders.value
  const { look, choose } = useOrderLook()
  const looker = useLooker()
  const shown = useMemo(() => ordersShown(rows, look, looker), [rows, look, looker])
  const counts = useMemo(() => orderCounts(rows, looker), [rows, looker])
  const all = useHeldRows(shown, idOf)
  useOwnShown(all, { rows, shown })
  const filter = useFilter()
  const held = useMatching(all, filter, { wordsOf })
  const known = useMemo(() => new Map(rows.map((row) => [row.id, row])), [rows])
  /** An order that has gone from what is shown says what it is now, and not what it was when it went. */
  const asNow = (one: HeldRow<OrderRow>): HeldRow<OrderRow> =>
    one.isGone ? { ...one, row: known.get(one.row.id) ?? one.row } : one
  const channel = channels.value.orders
  const absence = absenceOf(channel, isLive.value)
  const isUnknown = rows.length === 0 && absence !== null
  return (
    <>
      <ViewHeader
        title={text.orders.title}
        summary={rows.length === 0 ? '' : text.orders.summary(counts.todo)}
        freshness={<Freshness channel={channel} />}
      >
        <FilterPlace filter={filter} list={text.orders.title} shown={held.rows.length} total={all.rows.length} />
        {session.value === null ? null : (
          <Button
            kind="primary"
            class="order-new"
            onPress={() => (sheet.value = { kind: 'new-order', area: area.value, draft: null })}
          >
            <Sign name="plus" />
            {text.orders.new}
          </Button>
        )}
      </ViewHeader>
      {rows.length === 0 ? null : (
        <OrderTools
          look={look}
          counts={counts}
          onChange={(next) => {
            choose(next)
            // Who asks for another list gets it at once.
            all.showAll()
          }}
        />
      )}
      {all.rows.length > 0 && held.rows.length === 0 ? (
        <NothingMatches filter={filter} />
      ) : held.rows.length > 0 ? (
        <>
          <OrderHeads />
          <RowList
            label={text.orders.title}
            held={held}
            estimate={ROW_HEIGHT}
            attributes={(row) => orderAttributes(asNow(row))}
          >
            {(row) => <OrderItem held={asNow(row)} now={looker.now} />}
          </RowList>
        </>
      ) : isUnknown ? (
        <Empty more={absence.more}>{absence.words}</Empty>
      ) : rows.length === 0 ? (
        <Empty more={text.orders.emptyMore}>{text.orders.empty(text.areaName(area.value))}</Empty>
      ) : (
        <Empty>{orderWords().noneIn[look.filter]}</Empty>
      )}
    </>
  )
}

function OrderHeads() {
  const { field, number, changedTitle } = text.orders
  return (
    <div class="order order-heads" aria-hidden="true">
      <span>{number}</span>
      <span>{field.title}</span>
      <span>{field.status}</span>
      <span class="cell-number">{field.quantity}</span>
      <span>{field.due}</span>
      <span>{field.assignee}</span>
      <span>{changedTitle}</span>
    </div>
  )
}

/** What a person chose of the list. What hides orders goes when nobody is at the window, and with the person. */
function useOrderLook(): { readonly look: OrderLook; readonly choose: (look: OrderLook) => void } {
  const [look, choose] = useState(FIRST_LOOK)
  const forget = (): void => choose((now) => ({ ...now, filter: FIRST_LOOK.filter }))
  useIdle(look.filter !== FIRST_LOOK.filter, FILTER_IDLE_MS, forget)
  return { look, choose }
}

interface Listed {
  readonly rows: readonly OrderRow[]
  /** Those that the chosen filter shows. */
  readonly shown: readonly OrderRow[]
}

/** An order that this person just made does not wait behind the count of newcomers: its list brings it into sight. */
function useOwnShown({ waiting, showAll }: HeldRows<OrderRow>, { rows, shown }: Listed): void {
  const { reveal } = useApp()
  const made = reveal.value
  const isWaiting = made !== null && waiting.some(({ id }) => id === made)
  useEffect(() => {
    if (isWaiting) showAll()
  }, [isWaiting, showAll])
  const isIn = (list: readonly OrderRow[]): boolean => list.some(({ id }) => id === made)
  // One that the chosen filter leaves out does not move the list when another is chosen later.
  const isLeftOut = made !== null && isIn(rows) && !isIn(shown)
  useEffect(() => {
    if (isLeftOut) reveal.value = null
  }, [isLeftOut, reveal])
}

function useLooker(): Looker {
  const { relay, serverNow, session } = useApp()
  const person = session.value?.operator ?? null
  const minute = Math.floor(serverNow.value / LATE_MS)
  // Before the server has said what time it is nothing is called late: this device's clock has no say (P7).
  const now = relay.serverTime() === null ? '' : new Date(minute * LATE_MS).toISOString()
  return useMemo(() => ({ person, now }), [person, now])
}

function wordsOf({ number, fields: { title, note, assignee, status } }: OrderRow) {
  return [number, title, note, assignee, text.orders.status[status]]
}

function idOf({ id }: OrderRow): string {
  return id
}
