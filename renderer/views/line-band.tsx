import { hasOldAlerts, type LineState } from '../../relay/domain/line-state.ts'
import { headcountOf } from '../../relay/domain/presence.ts'
import { channelName } from '../../relay/protocol/channels.ts'
import type { LineValue } from '../../relay/domain/line-values.ts'
import { AlertCounts } from '../components/alert-counts.tsx'
import { DoneBar } from '../components/done-bar.tsx'
import { useRoomAge } from '../components/freshness.tsx'
import { LineValueWords } from '../components/line-value.tsx'
import { Sign } from '../components/sign.tsx'
import { StandingCounts } from '../components/standing-counts.tsx'
import { StandingSign } from '../components/standing-sign.tsx'
import { StatusSign } from '../components/status-sign.tsx'
import { ValueSpark } from '../components/value-spark.tsx'
import { timeWords } from '../state/moments.ts'
import { hashOf } from '../state/place.ts'
import type { App } from '../state/app.ts'
import { useApp } from '../state/use-app.ts'
import { useBreaches } from '../state/use-breaches.ts'
import type { Density } from '../state/wall.ts'
import type { MeasureName, NameFit } from '../state/wall-names.ts'
import { count } from '../text/format.ts'
import { siteWords } from '../text/site-words.ts'
import { standingWords } from '../text/standing-words.ts'
import { text } from '../text/text.ts'
import { NamedAlert } from './named-alert.tsx'

export interface LineBandProps {
  readonly line: LineState
  readonly values: readonly LineValue[]
  /** On a wall, which is only looked at. Elsewhere a press opens the line. */
  readonly wall?: OnWall
}

export interface OnWall {
  readonly fit: NameFit
  /** Rows of words that have room besides the name. */
  readonly rows: number
  readonly density: Density
  /** How many alerts there are of each priority stands for the state: there is more than one. */
  readonly counts: boolean
  readonly measure: MeasureName
}

/** One line of the site: how it stands, what is wrong, what runs, what it measures, and how old that is where it is not now. */
export function LineBand({ line, values, wall }: LineBandProps) {
  const { active, area, standing, known } = line
  const isUnknown = standing.kind === 'unknown'
  const flows = wall !== undefined && (isUnknown || active.length > 0)
  /** Few lines have room for their values in a place of their own, whatever is wrong. */
  const isCrowded = flows && wall.density !== 'roomy'
  const look = [
    'band',
    isUnknown && 'band-unknown',
    known.kind === 'alert' && `band-wrong band-${known.priority}`,
    active.length > 0 && 'band-alarm',
    flows && 'band-flows',
    wall !== undefined && `band-name-${wall.fit.stands}`,
  ]
  return (
    <li
      class={look.filter(Boolean).join(' ')}
      data-testid="line-band"
      data-area={area}
      data-standing={standing.kind}
      style={wall === undefined ? undefined : { '--rows': wall.rows }}
    >
      <Name line={line} wall={wall} />
      <p class="band-standing">
        {wall?.counts === true ? (
          <>
            <span class="visually-hidden">{standingWords(standing)} </span>
            <StandingCounts rows={active} />
          </>
        ) : (
          standingWords(standing)
        )}
        {wall === undefined ? <Contact line={line} /> : null}
      </p>
      <div class="band-what">
        {wall === undefined ? null : <Contact line={line} isShort />}
        {flows ? <wbr /> : null}
        <Named line={line} values={values} {...(flows && { wall })} />
        <Work line={line} />
        {isCrowded
          ? values.map((value) => (
              <LineValueWords key={keyOf(value)} value={value} saysMachine={isTwice(value, values)} />
            ))
          : null}
      </div>
      {isCrowded ? null : (
        <ul class="band-values">
          {values.map((value) => (
            <Value key={keyOf(value)} value={value} saysMachine={isTwice(value, values)} />
          ))}
        </ul>
      )}
    </li>
  )
}

function keyOf({ machine, signal }: LineValue): string {
  return `${machine.id} ${signal.name}`
}

/** Whether another of them has the same name, of another machine. */
function isTwice({ signal }: LineValue, values: readonly LineValue[]): boolean {
  const nameOf = ({ name, label }: LineValue['signal']): string => text.equipment.named(name, label)
  return values.filter((one) => nameOf(one.signal) === nameOf(signal)).length > 1
}

function Name({ line, wall }: { readonly line: LineState; readonly wall: OnWall | undefined }) {
  const { area, standing } = line
  const name = text.areaName(area)
  const sign = <StandingSign line={line} />
  if (wall !== undefined) {
    const { words } = wall.fit
    return (
      <h2 class="band-line" aria-label={words === name ? undefined : name}>
        {sign}
        <bdi>{words}</bdi>
      </h2>
    )
  }
  return (
    <h2 class={`band-line ${name.length > 8 ? 'is-long' : ''}`}>
      {sign}
      <a class="band-open" href={hashOf('line', area)} aria-label={siteWords().open(name, standingWords(standing))}>
        <bdi>{name}</bdi>
      </a>
    </h2>
  )
}

/** Of a line that is not current: since when, and how it stood then (P5). */
function Contact({
  line: { standing, known },
  isShort,
}: {
  readonly line: LineState
  /** What was wrong is named beside it. */
  readonly isShort?: true
}) {
  const words = contactWords(useApp(), { standing, known }, isShort === true ? 'short' : 'full')
  return words === '' ? null : <small class="band-contact">{words}</small>
}

/** `short`: what was wrong is named beside it. */
function contactWords(
  app: App,
  { standing, known }: Pick<LineState, 'standing' | 'known'>,
  length: 'short' | 'full',
): string {
  if (standing.kind !== 'unknown' || (standing.why !== 'away' && standing.why !== 'behind')) return ''
  const { boards } = text
  const { since } = standing
  if (since === null) return boards.contactNever
  const from = boards.contactSince(timeWords(app, since))
  if (known.kind === 'quiet') return from
  return `${from} · ${known.kind === 'alert' && length === 'short' ? known.priority : boards.wasThen(standingWords(known))}`
}

/**
 * Of what is wrong now the alert that tells most, how long it has been, and how many there are besides; without any how many
 * of its values are not as they should be.
 */
function Named({ line, values, wall }: LineBandProps) {
  const app = useApp()
  const { active, isUrgentOnly, standing } = line
  const beyond = useBreaches(values)
  const first = active[0]
  const rest = active.length - 1
  const isUnknown = standing.kind === 'unknown'
  // Of one alert the state says which priority it has; a P3 is none.
  const isSaid = rest < (standing.kind === 'alert' || isUnknown ? 1 : 0)
  const more = isSaid || wall?.counts === true ? '' : isUnknown ? siteWords().moreAlerts(rest) : `P3 ${active.length}`
  return (
    <p class="band-named">
      {first === undefined ? null : (
        <NamedAlert
          row={first}
          needing={line.needing}
          isOld={hasOldAlerts(line)}
          {...(wall !== undefined && { flow: { ...wall, before: contactWords(app, line, 'short'), after: more } })}
        />
      )}
      {wall === undefined ? null : <wbr />}
      {more === '' ? null : wall === undefined || !isUnknown ? (
        <AlertCounts rows={active} />
      ) : (
        <span class="band-more" role="img" aria-label={siteWords().moreAlertsLabel(rest)}>
          {siteWords().moreAlerts(rest)}
        </span>
      )}
      {first === undefined && beyond > 0 ? <span class="band-beyond">{text.boards.beyond(beyond)}</span> : null}
      {isUrgentOnly ? <span class="band-part">{siteWords().urgentOnly}</span> : null}
    </p>
  )
}

function Work({ line }: Pick<LineBandProps, 'line'>) {
  const { area, order, orders, running, standing } = line
  const people = usePeople(area, hasOldAlerts(line) ? 'said' : 'to say')
  if (order === null || orders === null) return people === null ? null : <p class="band-order">{people}</p>
  const { title, status, produced, quantity } = order.fields
  return (
    <p class="band-order">
      <span class="band-order-number">
        <StatusSign status={status} />
        <bdi>{order.number}</bdi> · <span>{text.boards.piecesShort(count(produced), count(quantity))}</span>
      </span>
      {running < 2 ? null : (
        <span class="band-more" role="img" aria-label={siteWords().moreRunLabel(running - 1)}>
          {siteWords().moreAlerts(running - 1)}
        </span>
      )}
      {orders.oldSince === null || standing.kind === 'unknown' ? null : <AsOf at={orders.oldSince} />}
      {people}
      <bdi class="band-order-title">{title}</bdi>
      <DoneBar done={produced} total={quantity} />
    </p>
  )
}

/** Since when what stands before it is old, where the state of the line does not say so. */
function AsOf({ at }: { readonly at: number }) {
  const app = useApp()
  return (
    <span class="band-old">
      <Sign name="stale" /> {text.freshness.asOf(timeWords(app, at))}
    </span>
  )
}

/**
 * How many people are on the line, and since when that is old unless the state of the line says so; nothing while nobody has said,
 * or not everybody was heard.
 */
function usePeople(area: string, howOld: 'said' | 'to say') {
  const { rooms, rosters } = useApp()
  const age = useRoomAge(() => channelName('headcount', area))
  const heads = headcountOf(rooms.value, area, rosters.moment.value)
  if (heads === null || !heads.confirmed) return null
  return (
    <>
      <span class="band-people">
        <Sign name="person" /> {text.boards.people(heads.people)}
      </span>
      {age.isOld && age.since !== null && howOld === 'to say' ? <AsOf at={age.since} /> : null}
    </>
  )
}

function Value({ value, saysMachine }: { readonly value: LineValue; readonly saysMachine: boolean }) {
  return (
    <li>
      <LineValueWords value={value} saysMachine={saysMachine}>
        <ValueSpark value={value} />
      </LineValueWords>
    </li>
  )
}
