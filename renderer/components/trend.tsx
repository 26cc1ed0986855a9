import type { RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { SignalLimits } from '../../relay/protocol/telemetry.ts'
import { pointAt, type Trend as TrendData } from '../state/equipment-series.ts'
import { MIN_SPAN_S, type Span } from '../state/trend-view.ts'
import { clockOrDay, clockWithSeconds } from '../text/format.ts'
import { withUnit } from '../text/quantity.ts'
import { trendWords } from '../text/trend-words.ts'
import { text } from '../text/text.ts'
import { Button } from './button.tsx'
import { Sign } from './sign.tsx'
import type { TrendChart } from './trend-chart.ts'

/** The past of one value, and what it is called. */
export interface NamedTrend {
  readonly trend: TrendData
  readonly label: string
  readonly limits: SignalLimits | null
}

interface TrendProps {
  readonly first: NamedTrend
  /** What it is looked at beside; null: nothing. */
  readonly second: NamedTrend | null
  readonly look: 'chart' | 'table'
  readonly rangeWords: string
  /** Told which part of its time the chart shows, seconds; null: all of it. */
  readonly onView: (view: Span | null) => void
}

/** Rows of the table: a day of quarter hours and more; the chart has the rest. */
const MAX_ROWS = 200

/** The past of a value, or of two: a chart for eyes, and the same as a table. */
export function Trend(props: TrendProps) {
  const { first, second, look, rangeWords } = props
  const isEmpty = first.trend.points.length === 0 && (second === null || second.trend.points.length === 0)
  if (isEmpty) return <p role="status">{trendWords().empty}</p>
  if (look === 'chart') return <Chart {...props} />
  return (
    <>
      <Table {...first} rangeWords={rangeWords} isNamed={second !== null} />
      {second === null ? null : <Table {...second} rangeWords={rangeWords} isNamed />}
    </>
  )
}

/** uPlot comes with its first chart and not with the page: it is a fifth of what a first load may be. */
function Chart({ first, second, rangeWords, onView }: TrendProps) {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<TrendChart | null>(null)
  const [at, setAt] = useState<number | null>(null)
  const [view, setView] = useState<Span | null>(null)
  const [attempt, setAttempt] = useState(0)
  const [isMissing, setMissing] = useState(false)
  useEffect(() => {
    let isOver = false
    setMissing(false)
    setView(null)
    import('./trend-chart.ts').then(
      ({ drawTrend }) => {
        if (isOver || place.current === null) return
        chart.current = drawTrend(place.current, { pointed: setAt, viewed: setView })
        chart.current.show(first, second)
      },
      // Not on this device yet, and no network: said in words, and the table is there.
      () => setMissing(true),
    )
    return () => {
      isOver = true
      chart.current?.remove()
      chart.current = null
    }
    // Drawn once; what is shown follows below.
  }, [attempt])
  useEffect(() => chart.current?.show(first, second), [first, second])
  useEffect(() => {
    onView(view)
    return () => onView(null)
  }, [view, onView])
  const move = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const step = STEPS[event.key]
    const zoom = ZOOMS[event.key]
    if (step === undefined && zoom === undefined) return
    event.preventDefault()
    if (step !== undefined) chart.current?.step(step)
    if (zoom === 'all') chart.current?.showAll()
    else if (zoom !== undefined) chart.current?.zoom(zoom)
  }
  const labels = second === null ? [first.label] : [first.label, second.label]
  if (isMissing) {
    return (
      <div class="trend-failed" role="alert">
        <p>{trendWords().failed}</p>
        <Button kind="secondary" onPress={() => setAttempt(attempt + 1)}>
          {trendWords().again}
        </Button>
      </div>
    )
  }
  return (
    <figure class="trend-figure">
      <div
        ref={place}
        class="trend-chart"
        role="img"
        tabIndex={0}
        aria-label={trendWords().chartLabel(text.and(labels), rangeWords)}
        onKeyDown={move}
      />
      <Zoom chart={chart} view={view} />
      <figcaption class="trend-point" aria-live="polite">
        {second === null ? (
          wordsAt(first, at)
        ) : (
          <>
            <Named line="solid" named={first} at={at} />
            <Named line="dotted" named={second} at={at} />
          </>
        )}
      </figcaption>
    </figure>
  )
}

/** Nearer, and farther again. */
const NEARER = 0.5
const FARTHER = 2
/** Of what is shown: half of it stays in sight. */
const MOVE = 0.5

const ZOOMS: Readonly<Record<string, number | 'all'>> = {
  '+': NEARER,
  '=': NEARER,
  '-': FARTHER,
  '0': 'all',
}

interface ZoomProps {
  readonly chart: RefObject<TrendChart | null>
  readonly view: Span | null
}

/** What fingers and a wheel do, for gloves and for who has neither. */
function Zoom({ chart, view }: ZoomProps) {
  const words = trendWords().zoom
  const isNearest = view !== null && view.to - view.from <= MIN_SPAN_S
  return (
    <div class="trend-zoom" role="group" aria-label={words.legend}>
      <Button kind="secondary" label={words.in} disabled={isNearest} onPress={() => chart.current?.zoom(NEARER)}>
        <Sign name="plus" />
      </Button>
      <Button kind="secondary" label={words.out} disabled={view === null} onPress={() => chart.current?.zoom(FARTHER)}>
        <Sign name="minus" />
      </Button>
      <Button kind="secondary" disabled={view === null} onPress={() => chart.current?.move(-MOVE)}>
        {words.earlier}
      </Button>
      <Button kind="secondary" disabled={view === null} onPress={() => chart.current?.move(MOVE)}>
        {words.later}
      </Button>
      <Button kind="secondary" disabled={view === null} onPress={() => chart.current?.showAll()}>
        {words.all}
      </Button>
    </div>
  )
}

/** Points that a key moves by. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  PageUp: -20,
  PageDown: 20,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
}

/** Which line it is, and what it says there. */
function Named(props: { readonly line: 'solid' | 'dotted'; readonly named: NamedTrend; readonly at: number | null }) {
  const { line, named, at } = props
  return (
    <span class="trend-named">
      <span class={`trend-line trend-line-${line}`} aria-hidden="true" />
      <span>
        <strong>{named.label}</strong> {wordsAt(named, at)}
      </span>
    </span>
  )
}

interface TableProps extends NamedTrend {
  readonly rangeWords: string
  readonly isNamed: boolean
}

function Table({ trend, label, rangeWords, limits, isNamed }: TableProps) {
  const words = trendWords()
  const said = (value: number): string => withUnit(value, trend.unit, limits)
  const rows = trend.points.toReversed().slice(0, MAX_ROWS)
  return (
    <div class="trend-table" role="region" tabIndex={0} aria-label={words.tableLabel(label, rangeWords)}>
      <table>
        {isNamed ? <caption>{label}</caption> : null}
        <thead>
          <tr>
            <th scope="col">{words.time}</th>
            <th scope="col">{words.lowest}</th>
            <th scope="col">{words.mean}</th>
            <th scope="col">{words.highest}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([at, lowest, mean, highest]) => (
            <tr key={at}>
              <th scope="row">{timeWords(at, trend)}</th>
              <td>{said(lowest)}</td>
              <td>{said(mean)}</td>
              <td>{said(highest)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {trend.points.length > rows.length ? <p>{words.cut(rows.length)}</p> : null}
    </div>
  )
}

/** What stands at a moment, or stood last. */
function wordsAt({ trend, limits }: NamedTrend, at: number | null): string {
  const point = at === null ? (trend.points.at(-1) ?? null) : pointAt(trend.points, at)
  return point === null ? trendWords().empty : pointWords(point, trend, limits)
}

/** What is beyond a limit reads so here, too: as many digits as tell a value from its limits. */
function pointWords(
  [at, lowest, mean, highest]: TrendData['points'][number],
  trend: TrendData,
  limits: SignalLimits | null,
): string {
  const words = trendWords()
  const said = (value: number): string => withUnit(value, trend.unit, limits)
  const value = words.at(timeWords(at, trend), said(mean))
  return lowest === highest ? value : text.and([value, words.span(said(lowest), said(highest))])
}

/** With seconds where points are that close. */
function timeWords(at: number, { resolutionMs, to }: TrendData): string {
  return resolutionMs < 60_000 ? clockWithSeconds(new Date(at)) : clockOrDay(new Date(at), new Date(to))
}
