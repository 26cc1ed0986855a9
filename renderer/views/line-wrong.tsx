import { useMemo } from 'preact/hooks'
import type { AlertEntry } from '../../relay/domain/alert-groups.ts'
import type { AlertRow } from '../../relay/domain/alerts.ts'
import { hasOldAlerts, type LineState } from '../../relay/domain/line-state.ts'
import type { LineValue } from '../../relay/domain/line-values.ts'
import { absenceOf } from '../components/absence.ts'
import { Empty } from '../components/empty.tsx'
import { Freshness, stalestOf } from '../components/freshness.tsx'
import { useLatePart } from '../components/late-part.ts'
import { ShortList } from '../components/short-list.tsx'
import { chosenArea } from '../state/actions.ts'
import { timeWords } from '../state/moments.ts'
import { hashOf } from '../state/place.ts'
import { quietSince } from '../state/quiet.ts'
import { useApp } from '../state/use-app.ts'
import { useBreaches } from '../state/use-breaches.ts'
import { useHeldRows, type HeldRow } from '../state/use-held-rows.ts'
import { text } from '../text/text.ts'
import { alertAttributes, AlertItem, isP1Pinned } from './alert-item.tsx'
import { ALERT_GROUPS } from './line-parts.ts'

/** The board has all of them, and can be searched. What needs somebody most is among the first. */
const SHOWN_PLACES = 20
/** So few are no flood of any machine. */
const FEW_ALERTS = 2
/** Of a long title the board has all; here each row is as high as the next. */
const TITLE_ROWS = 2
const NONE: readonly AlertRow[] = []

interface LineWrongProps {
  readonly line: LineState
  /** In the order of the board. */
  readonly rows: readonly AlertRow[]
  readonly elsewhere: number
  /** Those that are shown. */
  readonly values: readonly LineValue[]
}

/** The alerts of the line, those of one machine together where it has many; or since when there is none. */
export function LineWrong({ line, rows, elsewhere, values }: LineWrongProps) {
  const app = useApp()
  const { alarms, area, channels, isLive, machines, session } = app
  const known = machines.value
  const groups = useLatePart(ALERT_GROUPS, rows.length > FEW_ALERTS)
  const entries = useMemo(() => groups?.groupAlerts(rows, known) ?? rows.map(alone), [groups, rows, known])
  const held = useHeldRows(entries.slice(0, SHOWN_PLACES), keyOf)
  const rest = entries.slice(SHOWN_PLACES).reduce((sum, entry) => sum + rowsOf(entry).length, 0)
  const isPinned = isP1Pinned(session.value)
  const atTop = useHeldRows(
    isPinned ? alarms.value.p1.filter((row) => row.area === area.value).slice(0, 1) : NONE,
    idOf,
  )
  const pinned = atTop.rows[0]?.key ?? null
  const { urgent, alerts } = channels.value
  const absence = absenceOf(urgent, isLive.value) ?? absenceOf(alerts, isLive.value)
  return (
    <>
      <Freshness channel={stalestOf([urgent, alerts], isLive.value)} />
      {held.rows.length === 0 ? (
        <Nothing line={line} absence={absence} values={values} />
      ) : (
        <>
          <ShortList label={text.boards.line.wrong} held={held} attributes={(row) => attributesOf(row, pinned)}>
            {({ key, row, isGone }) =>
              row.kind === 'alert' ? (
                <AlertItem held={{ key, row: row.row, isGone }} titleRows={TITLE_ROWS} />
              ) : groups === null ? null : (
                <groups.AlertGroup machine={row.machine} rows={row.rows} isGone={isGone} />
              )
            }
          </ShortList>
          {absence === null ? null : <Empty more={absence.more}>{text.freshness.urgentOnly(absence.words)}</Empty>}
        </>
      )}
      {elsewhere === 0 && rest === 0 ? null : (
        <a class="line-way" href={hashOf('alerts', chosenArea(app))}>
          {rest > 0 ? text.boards.line.moreHere(rest) : text.boards.line.elsewhere(elsewhere)}
        </a>
      )}
    </>
  )
}

interface NothingProps extends Pick<LineWrongProps, 'line' | 'values'> {
  readonly absence: ReturnType<typeof absenceOf>
}

/** No alert: since when, or why that cannot be said; and whether what is measured says the same. */
function Nothing({ line, absence, values }: NothingProps) {
  const app = useApp()
  const beyond = useBreaches(values)
  const { boards } = text
  if (absence !== null) return <Empty more={absence.more}>{absence.words}</Empty>
  const at = quietSince(app.quiet.value, line.area, { now: app.serverNow.value, monotonic: app.relay.now() })
  if (hasOldAlerts(line) || at === null) return <Empty>{boards.line.noneThen}</Empty>
  const time = timeWords(app, new Date(at))
  return (
    <div class="line-quiet">
      {beyond > 0 ? (
        <Empty more={boards.line.noAlertSince(time)}>{boards.beyond(beyond)}</Empty>
      ) : (
        <Empty more={boards.line.quietMore}>{boards.since(time)}</Empty>
      )}
    </div>
  )
}

function attributesOf({ key, row, isGone }: HeldRow<AlertEntry>, pinned: string | null) {
  if (row.kind === 'alert') return alertAttributes({ key, row: row.row, isGone }, pinned)
  return { class: `row ${isGone ? 'row-gone' : ''}`, 'data-testid': 'alert-group', 'data-machine': row.machine }
}

function alone(row: AlertRow): AlertEntry {
  return { kind: 'alert', row }
}

function keyOf(entry: AlertEntry): string {
  return entry.kind === 'alert' ? entry.row.id : `machine ${entry.machine}`
}

function rowsOf(entry: AlertEntry): readonly AlertRow[] {
  return entry.kind === 'alert' ? [entry.row] : entry.rows
}

function idOf({ id }: AlertRow): string {
  return id
}
