import type { RefObject } from 'preact'
import { useMemo, useRef } from 'preact/hooks'
import type { AlertRow } from '../../relay/domain/alerts.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { Button } from '../components/button.tsx'
import { NotSentMark, PendingMark } from '../components/pending-mark.tsx'
import { PriorityMark } from '../components/priority-mark.tsx'
import { Scroller } from '../components/scroller.tsx'
import { Time } from '../components/time.tsx'
import type { Seat, Seating } from '../state/alarm-seats.ts'
import { timeWords } from '../state/moments.ts'
import { useApp } from '../state/use-app.ts'
import { useArrival } from '../state/use-moved.ts'
import { useDisplayed } from '../state/use-displayed.ts'
import { authorName } from '../text/author-name.ts'
import { text } from '../text/text.ts'
import { toldApart } from '../text/told-apart.ts'
import { AlarmTitle } from './alarm-title.tsx'
import { raisedBy } from './alert-item.tsx'
import { TakeAlarm } from './p0-actions.tsx'

/** Characters; 40 are read at a glance. A longer one is set smaller, so that the first step is in sight. */
const LONG_TITLE = 60

interface OneAlarmProps {
  readonly heading: RefObject<HTMLHeadingElement | null>
  readonly row: AlertRow
}

/** All that one P0 says, as large as the screen. */
export function OneAlarm({ heading, row }: OneAlarmProps) {
  const words = useRef<HTMLDivElement>(null)
  useDisplayed(words, row.raised === null ? null : row.id)
  return (
    <Scroller label={text.overlay.words} subject={row.id}>
      <div ref={words} class="overlay-alarm" data-alert-id={row.id}>
        <PriorityMark priority="P0" look="flashing" />
        <div>
          <p class="overlay-kind">
            {text.alerts.markLabel('P0', text.alerts.priority.P0)} · {text.areaName(row.area)}
          </p>
          <h2
            id="overlay-title"
            ref={heading}
            class={row.title.length > LONG_TITLE ? 'is-long' : undefined}
            tabIndex={-1}
          >
            {row.title}
          </h2>
        </div>
      </div>
      <div class="overlay-more">
        {row.body === null ? null : <p class="overlay-body">{row.body}</p>}
        <p id="overlay-meta" class="overlay-meta">
          {text.overlay.raised} <Time at={row.raised?.at ?? row.raising?.since ?? 0} /> {raisedBy(row)}
          {row.raising === null ? null : <NotSentMark />}
        </p>
      </div>
    </Scroller>
  )
}

interface SeveralAlarmsProps {
  readonly heading: RefObject<HTMLHeadingElement | null>
  /** How many there are, with those that have no place. */
  readonly count: number
  readonly seating: Seating
  /** Somebody wants to read all of one. */
  readonly onOpen: (id: CommandId) => void
  /** Somebody wants to see those that wait. */
  readonly onTurn: () => void
}

/** As many as a screen shows, each with its own button, and how many wait. A press on the words shows that one whole. */
export function SeveralAlarms({ heading, count, seating, onOpen, onTurn }: SeveralAlarmsProps) {
  const { seats, waiting, newest, capacity, laid } = seating
  const titles = seats.map(({ row }) => row.title)
  const short = useMemo(() => toldApart(titles), [titles.join('\n')])
  return (
    <>
      <h2 id="overlay-title" ref={heading} class="alarms-title" tabIndex={-1}>
        {text.overlay.several(count)}
      </h2>
      {newest === null ? null : (
        <div class="alarms-waiting">
          <p>
            {text.overlay.waiting(waiting)}
            <span>{text.overlay.newest(newest.title)}</span>
          </p>
          <Button kind="secondary" onPress={onTurn}>
            {text.overlay.turn}
          </Button>
        </div>
      )}
      <Scroller label={text.overlay.words} subject="several">
        <ul class={`alarms alarms-of-${capacity}`}>
          {seats.map((seat, index) => (
            // A place, not an alert: what comes into a settled place is drawn there.
            <AlarmPanel
              key={index}
              seat={seat}
              short={short[index] ?? ''}
              laid={laid}
              onOpen={() => onOpen(seat.row.id)}
            />
          ))}
        </ul>
      </Scroller>
    </>
  )
}

interface AlarmPanelProps {
  readonly seat: Seat
  /** Its title where there is no room for all of it. */
  readonly short: string
  readonly laid: number
  readonly onOpen: () => void
}

function AlarmPanel({ seat: { row, isOpen }, short, laid, onOpen }: AlarmPanelProps) {
  const panel = useRef<HTMLLIElement>(null)
  // Another alert in a settled place, or all of them laid out anew: neither its words nor its button were aimed at.
  useArrival(panel, `${laid} ${row.id}`)
  useDisplayed(panel, isOpen && row.raised !== null ? row.id : null)
  const { title, body, area } = row
  return (
    <li ref={panel} class={`alarm ${isOpen ? '' : 'alarm-settled'}`} data-testid="alarm" data-alert-id={row.id}>
      <PriorityMark priority="P0" look={isOpen ? 'flashing' : 'steady'} />
      <button type="button" class="alarm-words" disabled={!isOpen} onClick={onOpen}>
        <span class="alarm-where">
          <span>{text.areaName(area)}</span> <Time at={row.raised?.at ?? row.raising?.since ?? 0} />{' '}
          <span class="alarm-by">{raisedBy(row)}</span>
          {isOpen && row.raising !== null ? <NotSentMark /> : null}
        </span>
        <AlarmTitle title={title} short={short} />
        {body === null ? null : <span class="alarm-body">{body}</span>}
      </button>
      <div class="alarm-action">
        {isOpen ? (
          <TakeAlarm key={`${laid} ${row.id}`} row={row} rows={[row]} place="panel" />
        ) : (
          <Settled id={row.id} />
        )}
      </div>
    </li>
  )
}

/** What has become of it: saved here, somebody has it, or it is no more. */
function Settled({ id }: { readonly id: CommandId }) {
  const app = useApp()
  const row = app.board.value.rows.find((one) => one.id === id)
  const { acknowledging = null, acknowledged = null } = row ?? {}
  if (acknowledging !== null) return <PendingMark waiting={acknowledging} words={text.pending.ack} />
  if (acknowledged === null) return <p>{row?.state === 'cleared' ? text.alerts.cleared : text.overlay.over}</p>
  const { by, at } = acknowledged
  return <p>{text.alerts.acknowledgedBy(authorName(by), timeWords(app, at))}</p>
}
