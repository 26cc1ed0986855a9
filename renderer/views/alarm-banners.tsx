import { useRef } from 'preact/hooks'
import type { AlertRow } from '../../relay/domain/alerts.ts'
import { Button } from '../components/button.tsx'
import { NotSentMark, PendingMark } from '../components/pending-mark.tsx'
import { lookOf, PriorityMark } from '../components/priority-mark.tsx'
import { Time } from '../components/time.tsx'
import { acknowledge, go } from '../state/actions.ts'
import { rightTo } from '../state/rights.ts'
import { useApp } from '../state/use-app.ts'
import { useDisplayed } from '../state/use-displayed.ts'
import { text } from '../text/text.ts'
import { isP1Pinned } from './alert-item.tsx'

/** Over every view: P0 that are no longer full-screen here and not yet settled, and the newest P1 nobody has. */
export function AlarmBanners() {
  const { alarms, place, session } = useApp()
  const { banners, p1 } = alarms.value
  const isOnBoard = place.value.view === 'alerts' && isP1Pinned(session.value)
  return (
    <>
      {banners.length === 0 ? null : <Banner rows={banners} />}
      {p1.length === 0 || isOnBoard ? null : <Banner rows={p1} />}
    </>
  )
}

function Banner({ rows }: { readonly rows: readonly AlertRow[] }) {
  const app = useApp()
  const element = useRef<HTMLElement>(null)
  const [row] = rows
  const isHidden = row === undefined || row.raised === null || app.alarms.value.overlay.length > 0
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
        </p>
      </div>
      <div class="banner-actions">
        {rows.length === 1 ? null : (
          <Button kind="quiet" onPress={() => go(app, 'alerts')}>
            {text.alerts.more(rows.length - 1)}
          </Button>
        )}
        <BannerAction row={row} />
      </div>
    </section>
  )
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
