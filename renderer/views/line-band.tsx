import { useRef } from 'preact/hooks'
import { needsPerson, type AlertRow } from '../../relay/domain/alerts.ts'
import type { LineState } from '../../relay/domain/line-state.ts'
import { headcountOf } from '../../relay/domain/presence.ts'
import type { LineValue } from '../../relay/domain/line-values.ts'
import { DoneBar } from '../components/done-bar.tsx'
import { LineValueWords } from '../components/line-value.tsx'
import { Sign } from '../components/sign.tsx'
import { StandingSign } from '../components/standing-sign.tsx'
import { StatusSign } from '../components/status-sign.tsx'
import { ValueSpark } from '../components/value-spark.tsx'
import { momentOf, timeWords } from '../state/moments.ts'
import { hashOf } from '../state/place.ts'
import { useApp } from '../state/use-app.ts'
import { useBreaches } from '../state/use-breaches.ts'
import { useDisplayed } from '../state/use-displayed.ts'
import { authorName } from '../text/author-name.ts'
import { count } from '../text/format.ts'
import { siteWords } from '../text/site-words.ts'
import { minutesSince, standingWords } from '../text/standing-words.ts'
import { text } from '../text/text.ts'

export interface LineBandProps {
  readonly line: LineState
  readonly values: readonly LineValue[]
  /** `link`: a press opens the line. A wall is only looked at. */
  readonly opens: 'link' | 'nothing'
}

/** One line of the site: how it stands, what is wrong, what runs, what it measures, and how old that is where it is not now. */
export function LineBand({ line, values, opens }: LineBandProps) {
  const { area, standing, known } = line
  const look = `band ${standing.kind === 'unknown' ? 'band-unknown' : ''} ${known.kind === 'alert' ? `band-wrong band-${known.priority}` : ''}`
  const name = text.areaName(area)
  return (
    <li class={look} data-testid="line-band" data-area={area} data-standing={standing.kind}>
      <h2 class={`band-line ${name.length > 18 ? 'is-long is-very-long' : name.length > 8 ? 'is-long' : ''}`}>
        <StandingSign standing={standing.kind === 'unknown' ? standing : known} />
        {opens === 'link' ? (
          <a class="band-open" href={hashOf('line', area)} aria-label={siteWords().open(name, standingWords(standing))}>
            <bdi>{name}</bdi>
          </a>
        ) : (
          <bdi>{name}</bdi>
        )}
      </h2>
      <p class="band-standing">
        {standingWords(standing)}
        <Contact line={line} />
      </p>
      <div class="band-what">
        <Named line={line} values={values} />
        <Work line={line} />
      </div>
      <ul class="band-values">
        {values.map((value) => (
          <Value key={`${value.machine.id} ${value.signal.name}`} value={value} />
        ))}
      </ul>
    </li>
  )
}

/** Of a line that is not current: since when, and how it stood then (P5). */
function Contact({ line: { standing, known } }: Pick<LineBandProps, 'line'>) {
  const app = useApp()
  if (standing.kind !== 'unknown' || standing.why !== 'away') return null
  const { boards } = text
  const since = standing.since
  return (
    <small class="band-contact">
      {since === null ? boards.contactNever : boards.contactSince(timeWords(app, since))}
      {since === null || known.kind === 'quiet' ? null : <> · {boards.wasThen(standingWords(known))}</>}
    </small>
  )
}

/**
 * Of what is wrong now the alert that tells most, how long it has been, and how many there are besides; without any how many
 * of its values are not as they should be.
 */
function Named({ line: { active, isUrgentOnly, standing }, values }: Omit<LineBandProps, 'opens'>) {
  const beyond = useBreaches(values)
  const first = active[0]
  const rest = active.length - 1
  return (
    <p class="band-named">
      {first === undefined ? null : <NamedAlert row={first} isOld={standing.kind === 'unknown'} />}
      {rest < 1 ? null : (
        <span class="band-more" role="img" aria-label={siteWords().moreAlertsLabel(rest)}>
          {siteWords().moreAlerts(rest)}
        </span>
      )}
      {first === undefined && beyond > 0 ? <span class="band-beyond">{text.boards.beyond(beyond)}</span> : null}
      {isUrgentOnly ? <span class="band-part">{siteWords().urgentOnly}</span> : null}
    </p>
  )
}

function NamedAlert({ row, isOld }: { readonly row: AlertRow; readonly isOld: boolean }) {
  const app = useApp()
  const element = useRef<HTMLElement>(null)
  const isCovered = app.alarms.value.overlay.length > 0
  useDisplayed(element, row.raised === null || isCovered ? null : row.id)
  const at = row.raised?.at ?? row.raising?.since
  const lasting =
    at === undefined || isOld ? [] : [text.boards.lasting(minutesSince(momentOf(app, at), app.serverNow.value))]
  const taken = row.acknowledged?.by ?? row.acknowledging?.by ?? null
  const said = needsPerson(row) || taken === null ? lasting : [...lasting, siteWords().takenBy(authorName(taken))]
  return (
    <>
      <bdi ref={element} class="band-title">
        {row.title}
      </bdi>
      <span class="band-age">{said.join(' · ')}</span>
    </>
  )
}

function Work({ line: { area, order, orders } }: Pick<LineBandProps, 'line'>) {
  const people = usePeople(area)
  if (order === null || orders === null) return people === null ? null : <p class="band-order">{people}</p>
  const { title, status, produced, quantity } = order.fields
  return (
    <p class="band-order">
      <span class="band-order-number">
        <StatusSign status={status} />
        <bdi>{order.number}</bdi> · {text.boards.piecesShort(count(produced), count(quantity))}
      </span>
      {people}
      <bdi class="band-order-title">{title}</bdi>
      <DoneBar done={produced} total={quantity} />
    </p>
  )
}

/** How many people are on the line; nothing while nobody has said, or not everybody was heard. */
function usePeople(area: string) {
  const { now, relay, rooms } = useApp()
  void now.value
  const heads = headcountOf(rooms.value, area, relay.now())
  if (heads === null || !heads.confirmed) return null
  return (
    <span class="band-people">
      <Sign name="person" /> {text.boards.people(heads.people)}
    </span>
  )
}

function Value({ value }: { readonly value: LineValue }) {
  return (
    <li>
      <LineValueWords value={value}>
        <ValueSpark value={value} />
      </LineValueWords>
    </li>
  )
}
