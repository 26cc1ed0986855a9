import { useComputed } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import type { AlertRow } from '../../relay/domain/alerts.ts'
import { lineState, type LineState } from '../../relay/domain/line-state.ts'
import { lineValues, type LineValue } from '../../relay/domain/line-values.ts'
import { laidCommands } from '../../relay/domain/window-model.ts'
import { absenceOf } from '../components/absence.ts'
import { Empty } from '../components/empty.tsx'
import { ShortList } from '../components/short-list.tsx'
import { chosenArea } from '../state/actions.ts'
import { hashOf } from '../state/place.ts'
import { quietSince } from '../state/quiet.ts'
import { useApp } from '../state/use-app.ts'
import { useBreaches } from '../state/use-breaches.ts'
import { useHeldRows } from '../state/use-held-rows.ts'
import { clockOrDay } from '../text/format.ts'
import { text } from '../text/text.ts'
import { alertAttributes, AlertItem, isP1Pinned } from './alert-item.tsx'
import { LineHead } from './line-head.tsx'
import { LinePeople } from './line-people.tsx'
import { LineValues } from './line-values.tsx'
import { LineWork } from './line-work.tsx'

/** The board has all of them, and can be searched. What needs somebody most is among the first. */
const SHOWN_ALERTS = 20
/** Values that stand for the line. */
const SHOWN_VALUES = 4
const NONE: readonly AlertRow[] = []

/**
 * What a terminal rests on: whether the line is all right, read from some metres; below it what is wrong, what runs and what
 * the machines measure.
 */
export function LineView() {
  const app = useApp()
  const { area, board, channels, isLive, machines, model } = app
  const { urgent, alerts, orders } = channels.value
  const { rows } = board.value
  const name = area.value
  const own = useMemo(() => rows.filter((row) => row.area === name), [rows, name])
  const pending = useComputed(() => laidCommands(model.value)).value
  const line = useMemo(
    () => lineState({ area: name, rows: own, urgent, alerts, orders, pending, isLive: isLive.value }),
    [name, own, urgent, alerts, orders, pending, isLive.value],
  )
  const all = machines.value
  const values = useMemo(() => lineValues(all, SHOWN_VALUES), [all])
  return (
    <div class="line">
      <LineHead line={line} />
      <div class="line-parts">
        <section class="line-wrong" aria-labelledby="line-wrong">
          <h2 id="line-wrong">{text.boards.line.wrong}</h2>
          <Wrong line={line} rows={own} elsewhere={rows.length - own.length} values={values} />
        </section>
        <LineWork line={line} />
        <LinePeople />
        <LineValues chosen={values} />
      </div>
    </div>
  )
}

interface WrongProps {
  readonly line: LineState
  /** In the order of the board. */
  readonly rows: readonly AlertRow[]
  readonly elsewhere: number
  /** Those that are shown. */
  readonly values: readonly LineValue[]
}

function Wrong({ line, rows, elsewhere, values }: WrongProps) {
  const app = useApp()
  const { alarms, area, channels, isLive, session } = app
  const held = useHeldRows(rows.slice(0, SHOWN_ALERTS), idOf)
  const rest = rows.length - SHOWN_ALERTS
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
      {held.rows.length === 0 ? (
        <Nothing line={line} absence={absence} values={values} />
      ) : (
        <>
          <ShortList label={text.boards.line.wrong} held={held} attributes={(row) => alertAttributes(row, pinned)}>
            {(row) => <AlertItem held={row} />}
          </ShortList>
          {absence === null ? null : <Empty more={absence.more}>{text.freshness.urgentOnly(absence.words)}</Empty>}
        </>
      )}
      {elsewhere === 0 && rest <= 0 ? null : (
        <a class="line-way" href={hashOf('alerts', chosenArea(app))}>
          {rest > 0 ? text.boards.line.moreHere(rest) : text.boards.line.elsewhere(elsewhere)}
        </a>
      )}
    </>
  )
}

interface NothingProps extends Pick<WrongProps, 'line' | 'values'> {
  readonly absence: ReturnType<typeof absenceOf>
}

/** No alert: since when, or why that cannot be said; and whether what is measured says the same. */
function Nothing({ line, absence, values }: NothingProps) {
  const { now, quiet, relay } = useApp()
  const beyond = useBreaches(values)
  const { boards } = text
  if (absence !== null) return <Empty more={absence.more}>{absence.words}</Empty>
  const at = quietSince(quiet.value, line.area, { now: now.value, monotonic: relay.now() })
  if (line.standing.kind === 'unknown' || at === null) return <Empty>{boards.line.noneThen}</Empty>
  const time = clockOrDay(new Date(at), new Date(now.value))
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

function idOf({ id }: AlertRow): string {
  return id
}
