import { useId, useRef, useState } from 'preact/hooks'
import { groupAlerts } from '../../relay/domain/alert-groups.ts'
import { needsPerson, type AlertRow } from '../../relay/domain/alerts.ts'
import { lookOf, PriorityMark } from '../components/priority-mark.tsx'
import { ShortList } from '../components/short-list.tsx'
import { Time } from '../components/time.tsx'
import { useApp } from '../state/use-app.ts'
import { useDisplayed } from '../state/use-displayed.ts'
import { useHeldRows } from '../state/use-held-rows.ts'
import { groupWords } from '../text/group-words.ts'
import { text } from '../text/text.ts'
import { alertAttributes, AlertItem } from './alert-item.tsx'

/** Of one machine; the board has all of them. */
const SHOWN_ALERTS = 20

interface AlertGroupProps {
  readonly machine: string
  /** At least one, in the order of the board. */
  readonly rows: readonly AlertRow[]
  readonly isGone: boolean
}

/** Many alerts of one machine in one row: the worst of them, how many and since when; a press shows each. */
export function AlertGroup({ machine, rows, isGone }: AlertGroupProps) {
  const { alarms } = useApp()
  const element = useRef<HTMLDivElement>(null)
  const list = useId()
  const [isOpen, setOpen] = useState(false)
  const worst = rows[0]
  const open = rows.filter(needsPerson).length
  const isCovered = alarms.value.overlay.length > 0
  useDisplayed(element, worst === undefined || worst.raised === null || isCovered || isGone ? null : worst.id)
  const times = rows.map(({ raised, raising }) => (raised === null ? (raising?.since ?? 0) : Date.parse(raised.at)))
  const group = groupWords()
  if (worst === undefined) return null
  return (
    <>
      <div class={`alert alert-group ${open > 0 && !isGone ? 'alert-open' : ''}`}>
        <PriorityMark priority={worst.priority} look={lookOf(worst.state, isGone || open === 0)} />
        <div ref={element} class="alert-what">
          <h2>
            <bdi>{machine}</bdi> <span class="alert-count">{group.count(rows.length)}</span>
          </h2>
          <p class="alert-where">{worst.title}</p>
        </div>
        <p class="alert-raised">
          <span>
            {group.first} <Time at={Math.min(...times)} />
          </span>
          <span class="alert-by">
            {group.last} <Time at={Math.max(...times)} />
          </span>
        </p>
        <div class="alert-state">{isGone ? <em>{text.rows.gone}</em> : text.alerts.summary(rows.length, open)}</div>
        <div class="alert-action">
          <button
            type="button"
            class="button button-secondary"
            aria-expanded={isOpen}
            aria-controls={list}
            aria-label={isOpen ? group.foldLabel(machine) : group.showLabel(machine)}
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? group.fold : group.show}
          </button>
        </div>
      </div>
      <div id={list} class="alert-group-list">
        {isOpen ? <Each machine={machine} rows={isGone ? [] : rows} /> : null}
      </div>
    </>
  )
}

function Each({ machine, rows }: Omit<AlertGroupProps, 'isGone'>) {
  const held = useHeldRows(rows.slice(0, SHOWN_ALERTS), idOf)
  const rest = rows.length - SHOWN_ALERTS
  return (
    <>
      <ShortList label={machine} held={held} attributes={(row) => alertAttributes(row, null)}>
        {(row) => <AlertItem held={row} />}
      </ShortList>
      {rest > 0 ? <p class="line-nothing">{groupWords().more(rest)}</p> : null}
    </>
  )
}

function idOf({ id }: AlertRow): string {
  return id
}

/** What a line view with many alerts loads. */
export const ALERT_GROUPING = { groupAlerts, AlertGroup }
