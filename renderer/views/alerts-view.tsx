import { needsPerson, type AlertRow } from '../../relay/domain/alerts.ts'
import { isUrgent } from '../../relay/protocol/record-words.ts'
import { absenceOf } from '../components/absence.ts'
import { Empty } from '../components/empty.tsx'
import { FilterPlace, NothingMatches } from '../components/filter-place.tsx'
import { Freshness, stalestOf } from '../components/freshness.tsx'
import { RowList } from '../components/row-list.tsx'
import { ViewHeader } from '../components/view-header.tsx'
import { momentOf, timeWords } from '../state/moments.ts'
import { quietSince } from '../state/quiet.ts'
import { useApp } from '../state/use-app.ts'
import { useFilter, useMatching } from '../state/use-filter.ts'
import { useHeldRows } from '../state/use-held-rows.ts'
import { clock } from '../text/format.ts'
import { text } from '../text/text.ts'
import { alertAttributes, AlertItem, isP1Pinned } from './alert-item.tsx'
import { alertWords } from './alert-words.ts'

/** Of a row on a kiosk, pixels; a guess until it is drawn. */
const ROW_HEIGHT = 88
const NONE: readonly AlertRow[] = []

/** Everything urgent of the site and the rest of the area, by what needs a person first. */
export function AlertsView() {
  const app = useApp()
  const { alarms, area, board, channels, isLive, quiet, relay, serverNow, session } = app
  const { rows, open } = board.value
  const all = useHeldRows(rows, idOf)
  const atTop = useHeldRows(isP1Pinned(session.value) ? alarms.value.p1.slice(0, 1) : NONE, idOf)
  const pinned = atTop.rows[0]?.key ?? null
  const filter = useFilter()
  const held = useMatching(all, filter, { wordsOf: alertWords, isKept: needsUrgently })
  const { urgent, alerts } = channels.value
  // The board is as old as the older of its two channels.
  const oldest = (alerts?.confirmedAt ?? 0) < (urgent?.confirmedAt ?? 0) ? alerts : urgent
  const absence = absenceOf(urgent, isLive.value) ?? absenceOf(alerts, isLive.value)
  const confirmed = oldest?.confirmedAt ?? null
  const since = quietSince(quiet.value, area.value, { now: serverNow.value, monotonic: relay.now() })
  return (
    <>
      <ViewHeader
        title={text.alerts.title}
        summary={rows.length > 0 || absence === null ? text.alerts.summary(rows.length, open.length) : ''}
        freshness={<Freshness channel={stalestOf([alerts, urgent], isLive.value)} />}
      >
        <FilterPlace filter={filter} list={text.alerts.title} shown={held.rows.length} total={all.rows.length} />
      </ViewHeader>
      {all.rows.length > 0 && held.rows.length === 0 ? (
        <NothingMatches filter={filter} />
      ) : held.rows.length === 0 ? (
        <Empty
          more={
            absence === null && confirmed !== null
              ? text.and([
                  ...(since === null ? [] : [text.boards.since(timeWords(app, new Date(since)))]),
                  text.freshness.confirmed(clock(momentOf(app, confirmed))),
                ])
              : absence?.more
          }
        >
          {absence?.words ?? text.alerts.empty(text.areaName(area.value))}
        </Empty>
      ) : (
        <>
          <RowList
            label={text.alerts.title}
            held={held}
            estimate={ROW_HEIGHT}
            pinned={pinned}
            attributes={(row) => alertAttributes(row, pinned)}
          >
            {(row) => <AlertItem held={row} />}
          </RowList>
          {/* What stands here is not all there is: the rest of the area is missing. */}
          {absence === null ? null : <Empty more={absence.more}>{text.freshness.urgentOnly(absence.words)}</Empty>}
        </>
      )}
    </>
  )
}

/** Nothing that somebody types hides what is urgent and has nobody. */
function needsUrgently(row: AlertRow): boolean {
  return isUrgent(row.priority) && needsPerson(row)
}

function idOf({ id }: AlertRow): string {
  return id
}
