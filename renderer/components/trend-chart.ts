/** The one file that knows uPlot; loaded with the first chart. */
import UPlot, { type AlignedData, type Axis, type Options, type Series } from 'uplot'
import type { SignalLimits } from '../../relay/protocol/telemetry.ts'
import { columnsOf, lonePoints, type Trend } from '../state/equipment-series.ts'
import { including, marked, moved, shownOf, zoomed, type Span } from '../state/trend-view.ts'
import { axisTimes } from '../text/format.ts'
import { exact, shortened } from '../text/quantity.ts'
import { followGestures } from './trend-gestures.ts'
import { DIGIT, drawLimits, limitRoom, type Side } from './trend-limits.ts'

/** A value's past, and the limits it has now. */
export interface Drawn {
  readonly trend: Trend
  readonly limits: SignalLimits | null
}

export interface TrendChart {
  /** One past, or two over one time: on one axis where their units are the same. */
  show(first: Drawn, second: Drawn | null): void
  /** Moves the pointer by so many points of the first; infinite goes to the end. */
  step(by: number): void
  /** As wide as `by` times now, about the pointer where it is in sight, else about the middle. */
  zoom(by: number): void
  /** Moves by this part of what is shown; later is more. */
  move(share: number): void
  /** All of it again. */
  showAll(): void
  remove(): void
}

/** Height of a chart, CSS pixels: half of the screen, and at least this; no higher than it is wide. */
const MIN_HEIGHT = 220

/** Half of the widest time stands out at the right, CSS pixels. */
const TIME_OVERHANG = 34
/** Between two times, CSS pixels. */
const TIME_SPACE = 64
/** Times stand at whole minutes: seconds between two of them. */
const TIME_STEPS = [60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400]

/** Letters that are read at arm's length, CSS pixels, and their part of the size that a page writes with. */
const MIN_LETTERS = 15
const LETTERS = 0.8
/** Between numbers and chart, and the least of both; CSS pixels. */
const AXIS_PADDING = 16
const MIN_AXIS = 56
/** Lines of words below a chart, in letters: of a range of days the second one says the day. */
const TIMES = { one: 2.2, two: 3.6 } as const
const DAYS_FROM_MS = 8 * 3_600_000
/** Letters beside a chart: longer numbers are shortened, which a sign says. */
const MAX_LETTERS = 12

/** Of a mouse that is pressed and moved less it is a click, CSS pixels. */
const MARK_PX = 8

/** The second line is dotted: two lines are told apart by form, because colours are for alarms. */
const DOTS = [3, 5]

/** Splits are sums of steps: what comes after twelve digits is the sum's and not the value's. */
function splitWords(value: number): string {
  const words = exact(Number(value.toPrecision(12)), '')
  return words.length <= MAX_LETTERS ? words : shortened(value, 4)
}

export interface TrendWatch {
  /** The time under the pointer, epoch milliseconds. */
  readonly pointed: (at: number | null) => void
  /** Which part of its time is shown, seconds; null: all of it. */
  readonly viewed: (view: Span | null) => void
}

/** A chart in `place`, which gives it width, colours and letters. */
export function drawTrend(place: HTMLElement, { pointed, viewed }: TrendWatch): TrendChart {
  let plot: UPlot | null = null
  let shown: readonly Drawn[] = []
  let axes = ''
  let view: Span | null = null
  let release = (): void => undefined
  const whole = (): Span => spanOf(shown[0])
  const look = (next: Span | null): void => {
    view = next
    const { from, to } = shownOf(view, whole())
    plot?.setScale('x', { min: from, max: to })
    viewed(view)
  }
  const size = (): { width: number; height: number } => {
    const width = Math.max(240, place.clientWidth)
    return { width, height: Math.max(MIN_HEIGHT, Math.min(Math.round(innerHeight / 2), width)) }
  }
  const observer = new ResizeObserver(() => plot?.setSize(size()))
  observer.observe(place)
  const options = (): Options => ({
    ...optionsOf(place, {
      shown: () => shown,
      span: () => shownOf(view, whole()),
      hasOwnAxis: axes === 'two',
      hasSecond: axes !== 'none',
      showAll: () => look(null),
    }),
    ...size(),
    hooks: {
      draw: [(drawn) => drawAllLimits(drawn, place, { shown, hasOwnAxis: axes === 'two' })],
      setCursor: [(drawn) => pointed(pointOf(drawn))],
      setSelect: [
        (drawn) => {
          const { left, width } = drawn.select
          if (width <= 0) return
          const next = marked(whole(), drawn.posToVal(left, 'x'), drawn.posToVal(left + width, 'x'))
          drawn.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
          look(next)
        },
      ],
    },
  })
  return {
    show(first, second) {
      shown = second === null ? [first] : [first, second]
      const next = second === null ? 'none' : second.trend.unit === first.trend.unit ? 'one' : 'two'
      const data = dataOf(shown)
      if (plot !== null && next === axes) return plot.setData(data)
      axes = next
      release()
      plot?.destroy()
      plot = new UPlot(options(), data, place)
      release = followGestures(plot.over, { whole, view: () => view, look })
    },
    step(by) {
      if (plot === null) return
      const { length } = plot.data[0]
      const from = plot.cursor.idx ?? length - 1
      const to = nearestValue(plot, Math.max(0, Math.min(length - 1, from + by)), by < 0 ? -1 : 1)
      const at = plot.data[0][to] ?? 0
      if (view !== null) look(including(view, whole(), at))
      plot.setCursor({ left: plot.valToPos(at, 'x'), top: 0 })
    },
    zoom(by) {
      const { from, to } = shownOf(view, whole())
      const pointer = plot === null ? null : pointOf(plot)
      const at = pointer === null ? null : pointer / 1_000
      look(zoomed(view, whole(), { at: at === null || at < from || at > to ? (from + to) / 2 : at, by }))
    },
    move: (share) => look(moved(view, whole(), share)),
    showAll: () => look(null),
    remove() {
      observer.disconnect()
      release()
      plot?.destroy()
      plot = null
    },
  }
}

interface Look {
  readonly shown: () => readonly Drawn[]
  /** The part of their time that is on the chart. */
  readonly span: () => Span
  readonly showAll: () => void
  readonly hasSecond: boolean
  /** The second value has an axis of its own, at the right. */
  readonly hasOwnAxis: boolean
}

function optionsOf(
  place: HTMLElement,
  { shown, span, hasSecond, hasOwnAxis, showAll }: Look,
): Omit<Options, 'width' | 'height'> {
  const ink = getComputedStyle(place).color
  const letters = lettersOf(place)
  const grid = { stroke: faded(ink, 0.18), width: 1 }
  const axis: Axis = { stroke: ink, font: letters.font, grid, ticks: grid }
  const line: Series = { stroke: ink, spanGaps: false, points: { show: false } }
  // A line needs two points; what stands alone between gaps would not be seen at all.
  const points: Series.Points = {
    show: true,
    size: 6,
    fill: ink,
    filter: (plotted: UPlot, row: number) => [...lonePoints(plotted.data[row] ?? [])],
  }
  const scale = hasOwnAxis ? 'right' : 'left'
  const numbers = (values: readonly string[] | null): number => axisWidth(values, letters.size)
  const scaleNumbers: Axis = {
    ...axis,
    size: (_plot, values) => numbers(values),
    values: (_plot, at) => at.map(splitWords),
  }
  const second: Series[] = [
    { ...line, scale, width: 0 },
    { ...line, scale, width: 3, dash: DOTS, points },
    { ...line, scale, width: 0 },
  ]
  return {
    padding: [null, hasOwnAxis ? null : () => roomBeside(shown().at(-1), letters.size), null, null],
    legend: { show: false },
    // Times are told by our own words; uPlot only chooses where they stand.
    scales: {
      x: { time: true, range: () => [span().from, span().to] },
      left: { range: (_plot, low, high) => heightOf(low, high, hasOwnAxis ? shown().slice(0, 1) : shown()) },
      ...(hasOwnAxis && {
        right: { range: (_plot: UPlot, low: number, high: number) => heightOf(low, high, shown().slice(1)) },
      }),
    },
    series: [
      {},
      { ...line, scale: 'left', width: 0 },
      { ...line, scale: 'left', width: 2, points },
      { ...line, scale: 'left', width: 0 },
      ...(hasSecond ? second : []),
    ],
    bands: [{ series: [3, 1], fill: faded(ink, 0.15) }],
    axes: [
      {
        ...axis,
        space: TIME_SPACE,
        size: () => Math.round(letters.size * (spanMsOf(shown()[0]) < DAYS_FROM_MS ? TIMES.one : TIMES.two)),
        incrs: TIME_STEPS,
        values: (_plot, splits) => [...axisTimes(splits, spanMsOf(shown()[0]))],
      },
      { ...scaleNumbers, scale: 'left' },
      ...(hasOwnAxis ? [{ ...scaleNumbers, scale: 'right', side: 1, grid: { show: false } } satisfies Axis] : []),
    ],
    cursor: {
      // A mouse marks what it wants to see; where that begins and ends is ours to say.
      drag: { x: true, y: false, setScale: false, dist: MARK_PX },
      bind: { dblclick: () => () => (showAll(), null) },
      y: false,
      points: { show: true },
    },
  }
}

function roomBeside(last: Drawn | undefined, letters: number): number {
  return Math.max(TIME_OVERHANG, last === undefined ? 0 : limitRoom(last.limits, last.trend.unit, letters))
}

function lettersOf(place: HTMLElement): { readonly size: number; readonly font: string } {
  const page = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
  const size = Math.max(MIN_LETTERS, page * LETTERS)
  return { size, font: `${size}px ${getComputedStyle(place).fontFamily}` }
}

/** uPlot cuts off what is wider than the axis. */
function axisWidth(values: readonly string[] | null, letters: number): number {
  const longest = Math.max(0, ...(values ?? []).map((words) => words.length))
  return Math.max(MIN_AXIS, Math.ceil(longest * letters * DIGIT) + AXIS_PADDING)
}

/** Rows of one or two pasts over one time; where only the other one has a value there is none, and no gap either. */
function dataOf(shown: readonly Drawn[]): AlignedData {
  const tables = shown.map(({ trend }) => {
    const { seconds, lowest, mean, highest } = columnsOf(trend)
    return [seconds, lowest, mean, highest] as unknown as AlignedData
  })
  const [only] = tables
  if (tables.length === 1 && only !== undefined) return only
  // 1: a null is a gap, and stays one.
  return UPlot.join(
    tables,
    tables.map(() => [0, 1, 1, 1]),
  )
}

/** The row at or beyond `index` at which the first has a value. */
function nearestValue(plot: UPlot, index: number, way: 1 | -1): number {
  const means = plot.data[2] ?? []
  for (let at = index; at >= 0 && at < means.length; at += way) if (typeof means[at] === 'number') return at
  return index
}

function pointOf({ cursor, data }: UPlot): number | null {
  const { idx } = cursor
  const seconds = idx === null || idx === undefined ? undefined : data[0][idx]
  return seconds === undefined ? null : Math.round(seconds * 1_000)
}

function spanOf(drawn: Drawn | undefined): Span {
  return drawn === undefined ? { from: 0, to: 1 } : { from: drawn.trend.from / 1_000, to: drawn.trend.to / 1_000 }
}

function spanMsOf(drawn: Drawn | undefined): number {
  return drawn === undefined ? 0 : drawn.trend.to - drawn.trend.from
}

/** All values with some air, and a limit too when a value comes near it. A flat line is in the middle. */
function heightOf(low: number, high: number, shown: readonly Drawn[]): [number, number] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1]
  const reach = Math.max(high - low, Math.abs(high) * 0.02, 0.01)
  const near = shown
    .flatMap(({ limits }) => [limits?.low ?? null, limits?.high ?? null])
    .filter((limit): limit is number => limit !== null && limit > low - reach && limit < high + reach)
  return [Math.min(low, ...near) - reach * 0.1, Math.max(high, ...near) + reach * 0.1]
}

function drawAllLimits(
  plot: UPlot,
  place: HTMLElement,
  { shown, hasOwnAxis }: { readonly shown: readonly Drawn[]; readonly hasOwnAxis: boolean },
): void {
  const style = getComputedStyle(place)
  const look = { ink: style.color, ground: style.backgroundColor, ...lettersOf(place) }
  const isShared = shown.length === 2 && !hasOwnAxis
  shown.forEach(({ limits, trend }, index) => {
    const scale = index === 1 && hasOwnAxis ? 'right' : 'left'
    // Those of the last value stand where its line ends, beside the chart if no axis is there.
    const side: Side = index < shown.length - 1 ? 'left' : hasOwnAxis ? 'right' : 'beside'
    // The same limits twice are said once.
    if (limits !== null && !(isShared && index === 0 && isSame(limits, shown[1]?.limits ?? null)))
      drawLimits(plot, limits, { ...look, scale, side, unit: trend.unit })
  })
}

function isSame(a: SignalLimits, b: SignalLimits | null): boolean {
  return b !== null && a.low === b.low && a.high === b.high
}

/** A computed colour (`rgb(r, g, b)`) with less of it. */
function faded(colour: string, alpha: number): string {
  const parts = colour.match(/[\d.]+/g) ?? []
  return `rgb(${parts.slice(0, 3).join(' ')} / ${alpha})`
}
