import { useRef } from 'preact/hooks'
import type { AlertRow } from '../../relay/domain/alerts.ts'
import { Button } from '../components/button.tsx'
import { NotSentMark, PendingMark } from '../components/pending-mark.tsx'
import { lookOf, PriorityMark } from '../components/priority-mark.tsx'
import { Time } from '../components/time.tsx'
import { acknowledge, go } from '../state/actions.ts'
import type { App } from '../state/app.ts'
import { timeWords } from '../state/moments.ts'
import { rightTo } from '../state/rights.ts'
import { useApp } from '../state/use-app.ts'
import { useDisplayed } from '../state/use-displayed.ts'
import { useHeldRows, type HeldRows } from '../state/use-held-rows.ts'
import { useArrival } from '../state/use-moved.ts'
import { authorName } from '../text/author-name.ts'
import { text } from '../text/text.ts'
import { isP1Pinned } from './alert-item.tsx'

/** Over every view: P0 that are no longer full-screen here and not yet settled, and the newest P1 nobody has. */
export function AlarmBanners() {
  const { alarms, area, session, view } = useApp()
  const { banners, p1 } = alarms.value
  const isPinned = isP1Pinned(session.value)
  const isOnBoard = view.value === 'alerts' && isPinned
  // On the view of a line stand its own, and nobody else's.
  const ofOthers = view.value === 'line' && isPinned ? p1.filter((row) => row.area !== area.value) : p1
  const p0s = useHeldRows(banners, idOf)
  const p1s = useHeldRows(ofOthers, idOf)
  return (
    <>
      <Banner held={p0s} />
      {isOnBoard ? null : <Banner held={p1s} />}
    </>
  )
}

function idOf({ id }: AlertRow): string {
  return id
}

/** The first of them. It stays while a hand is at the window: the next one must not slide under it and be acknowledged, too. */
function Banner({ held }: { readonly held: HeldRows<AlertRow> }) {
  const app = useApp()
  const element = useRef<HTMLElement>(null)
  const [first] = held.rows
  // What has left the banners stands on the board as it is now.
  const row =
    first?.isGone === true ? (app.board.value.rows.find(({ id }) => id === first.key) ?? first.row) : first?.row
  const isGone = first?.isGone ?? false
  const others = held.rows.filter(({ key, isGone: isOtherGone }) => key !== row?.id && !isOtherGone).length
  const more = others + held.waiting.length
  // Another alert, another deed for it, or a button beside it that came or went.
  const isMine = row !== undefined && rightTo(app, row) === 'yes'
  useArrival(element, row === undefined ? null : `${row.id} ${isMine} ${more > 0}`)
  const isHidden = row === undefined || isGone || row.raised === null || app.alarms.value.overlay.length > 0
  useDisplayed(element, isHidden ? null : row.id)
  if (row === undefined) return null
  const name = text.alerts.markLabel(row.priority, text.alerts.priority[row.priority])
  return (
    <section ref={element} class={`banner banner-${row.priority}`} aria-label={name}>
      <PriorityMark priority={row.priority} look={lookOf(row.state, row.acknowledging !== null)} />
      <div class="banner-what">
        <p class="banner-title">{row.title}</p>
        <p class="banner-where">
          <span>{text.areaName(row.area)}</span>
          {row.raised === null ? null : <Time at={row.raised.at} />}
          {row.raising === null ? null : <NotSentMark />}
          {row.acknowledging === null ? null : <PendingMark waiting={row.acknowledging} words={text.pending.ack} />}
          {isGone && row.acknowledging === null ? <span>{endOf(row, app)}</span> : null}
        </p>
      </div>
      <div class="banner-actions">
        {more === 0 ? null : (
          <Button kind="quiet" onPress={() => go(app, 'alerts')}>
            {text.alerts.more(more)}
          </Button>
        )}
        {isGone ? null : <BannerAction key={row.id} row={row} />}
      </div>
    </section>
  )
}

function endOf({ acknowledged }: AlertRow, app: App): string {
  if (acknowledged === null) return text.rows.gone
  return text.alerts.acknowledgedBy(authorName(acknowledged.by), timeWords(app, acknowledged.at))
}

function BannerAction({ row }: { readonly row: AlertRow }) {
  const app = useApp()
  if (row.acknowledging !== null) return null
  if (rightTo(app, row) === 'yes') {
    return (
      <Button kind="primary" label={text.alerts.acknowledgeLabel(row.title)} onPress={() => acknowledge(app, row.id)}>
        {text.alerts.acknowledge}
      </Button>
    )
  }
  if (row.priority !== 'P0') return null
  const open = (): void => {
    app.aside.value = new Set([...app.aside.value].filter((id) => id !== row.id))
  }
  return (
    <Button kind="secondary" onPress={open}>
      {text.overlay.open}
    </Button>
  )
}
