import { Empty } from '../components/empty.tsx'
import { Freshness, isFresh, isReceived } from '../components/freshness.tsx'
import { ViewHeader } from '../components/view-header.tsx'
import { useApp } from '../state/use-app.ts'
import { clock } from '../text/format.ts'
import { text } from '../text/text.ts'
import { AlertItem } from './alert-item.tsx'

/** Everything urgent of the site and the rest of the area, by what needs a person first. */
export function AlertsView() {
  const { area, board, channels, isLive } = useApp()
  const { rows, open } = board.value
  const { urgent, alerts } = channels.value
  // The board is as old as the older of its two channels.
  const oldest = (alerts?.confirmedAt ?? 0) < (urgent?.confirmedAt ?? 0) ? alerts : urgent
  const stale = [alerts, urgent].find((channel) => !isFresh(channel, isLive.value))
  const isKnown = isReceived(alerts) && isReceived(urgent)
  const confirmed = oldest?.confirmedAt ?? null
  return (
    <>
      <ViewHeader
        title={text.alerts.title}
        summary={rows.length > 0 || isKnown ? text.alerts.summary(rows.length, open.length) : ''}
        freshness={stale === undefined ? null : <Freshness channel={oldest} />}
      />
      {rows.length === 0 ? (
        <Empty more={confirmed === null ? undefined : text.freshness.confirmed(clock(new Date(confirmed)))}>
          {isKnown ? text.alerts.empty(text.areaName(area.value)) : text.freshness.never}
        </Empty>
      ) : (
        <ul class="rows" aria-label={text.alerts.title}>
          {rows.map((row) => (
            <AlertItem key={row.id} row={row} />
          ))}
        </ul>
      )}
    </>
  )
}
