/** The one file that knows uPlot; loaded with the first chart. */
import UPlot, { type AlignedData, type Options } from 'uplot'
import type { SignalLimits } from '../../relay/protocol/telemetry.ts'
import { lonePoints, type Trend, type TrendColumns } from '../state/equipment-series.ts'
import { axisTimes } from '../text/format.ts'
import { exact, shortened } from '../text/quantity.ts'

export interface TrendChart {
  show(columns: TrendColumns, about: { readonly trend: Trend; readonly limits: SignalLimits | null }): void
  /** Moves the pointer by so many points; infinite goes to the end. */
  step(by: number): void
  remove(): void
}

/** Height of a chart, CSS pixels, between these; the width is its place's. */
const MIN_HEIGHT = 220
const MAX_HEIGHT = 460

/** Below the chart, CSS pixels: two lines of words and their ticks. */
const TIMES_HEIGHT = 58
/** Half of the widest time stands out at the right, CSS pixels. */
const TIME_OVERHANG = 34

/** Between numbers and chart, and the least of both; CSS pixels. A letter of 14 px is at most this wide. */
const AXIS_PADDING = 16
const MIN_AXIS = 56
const LETTER = 8.5
/** Letters beside a chart: longer numbers are shortened, which a sign says. */
const MAX_LETTERS = 12

/** uPlot cuts off what is wider than the axis. */
function axisWidth(values: readonly string[] | null): number {
  const letters = Math.max(0, ...(values ?? []).map((words) => words.length))
  return Math.max(MIN_AXIS, Math.ceil(letters * LETTER) + AXIS_PADDING)
}

/** Splits are sums of steps: what comes after twelve digits is the sum's and not the value's. */
function splitWords(value: number): string {
  const words = exact(Number(value.toPrecision(12)), '')
  return words.length <= MAX_LETTERS ? words : shortened(value, 4)
}

/** What the drawing hooks look at. */
interface About {
  trend: Trend
  limits: SignalLimits | null
}

/** A chart in `place`, which gives it width and colours. `pointed`: the point under the pointer, epoch milliseconds. */
export function drawTrend(
  place: HTMLElement,
  { pointed }: { readonly pointed: (at: number | null) => void },
): TrendChart {
  let plot: UPlot | null = null
  let about: About | null = null
  const size = (): { width: number; height: number } => {
    const width = Math.max(240, place.clientWidth)
    return { width, height: Math.min(MAX_HEIGHT, Math.max(MIN_HEIGHT, Math.round(width * 0.45))) }
  }
  const options = (): Options => {
    const ink = getComputedStyle(place).color
    const font = `14px ${getComputedStyle(place).fontFamily}`
    const grid = { stroke: faded(ink, 0.18), width: 1 }
    const axis = { stroke: ink, font, grid, ticks: grid }
    const line = { stroke: ink, spanGaps: false, points: { show: false } }
    // A line needs two points; what stands alone between gaps would not be seen at all.
    const lone = {
      show: true,
      size: 6,
      fill: ink,
      filter: (plotted: UPlot, row: number) => [...lonePoints(plotted.data[row] ?? [])],
    }
    return {
      ...size(),
      padding: [null, TIME_OVERHANG, null, null],
      legend: { show: false },
      // Times are told by our own words; uPlot only chooses where they stand.
      scales: {
        x: { time: true, range: () => spanOf(about) },
        y: { range: (_plot, low, high) => heightOf(low, high, about) },
      },
      series: [{}, { ...line, width: 0 }, { ...line, width: 2, points: lone }, { ...line, width: 0 }],
      bands: [{ series: [3, 1], fill: faded(ink, 0.15) }],
      axes: [
        { ...axis, space: 70, size: TIMES_HEIGHT, values: (_plot, splits) => [...axisTimes(splits, spanMsOf(about))] },
        { ...axis, size: (_plot, values) => axisWidth(values), values: (_plot, splits) => splits.map(splitWords) },
      ],
      cursor: { drag: { x: false, y: false }, y: false, points: { show: true } },
      hooks: {
        draw: [(drawn) => drawLimits(drawn, about?.limits ?? null, ink)],
        setCursor: [(drawn) => pointed(pointOf(drawn))],
      },
    }
  }
  const observer = new ResizeObserver(() => plot?.setSize(size()))
  observer.observe(place)
  return {
    show(columns, next) {
      about = { ...next }
      const data = [columns.seconds, columns.lowest, columns.mean, columns.highest] as unknown as AlignedData
      if (plot === null) plot = new UPlot(options(), data, place)
      else plot.setData(data)
    },
    step(by) {
      if (plot === null) return
      const { length } = plot.data[0]
      const from = plot.cursor.idx ?? length - 1
      const to = nearestValue(plot, Math.max(0, Math.min(length - 1, from + by)), by < 0 ? -1 : 1)
      plot.setCursor({ left: plot.valToPos(plot.data[0][to] ?? 0, 'x'), top: 0 })
    },
    remove() {
      observer.disconnect()
      plot?.destroy()
      plot = null
    },
  }
}

/** The row at or beyond `index` that is not a gap. */
function nearestValue(plot: UPlot, index: number, way: 1 | -1): number {
  const means = plot.data[2] ?? []
  for (let at = index; at >= 0 && at < means.length; at += way) if (means[at] !== null) return at
  return index
}

function pointOf({ cursor, data }: UPlot): number | null {
  const { idx } = cursor
  const seconds = idx === null || idx === undefined ? undefined : data[0][idx]
  return seconds === undefined ? null : Math.round(seconds * 1_000)
}

function spanOf(about: About | null): [number, number] {
  return about === null ? [0, 1] : [about.trend.from / 1_000, about.trend.to / 1_000]
}

/** All values with some air, and a limit too when a value comes near it. A flat line is in the middle. */
function heightOf(low: number, high: number, about: About | null): [number, number] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1]
  const reach = Math.max(high - low, Math.abs(high) * 0.02, 0.01)
  const near = [about?.limits?.low, about?.limits?.high].filter(
    (limit) => limit !== null && limit !== undefined && limit > low - reach && limit < high + reach,
  ) as number[]
  return [Math.min(low, ...near) - reach * 0.1, Math.max(high, ...near) + reach * 0.1]
}

function spanMsOf(about: About | null): number {
  return about === null ? 0 : about.trend.to - about.trend.from
}

/** Limits are dashed lines over the whole width, told by form and not by colour. */
function drawLimits(plot: UPlot, limits: SignalLimits | null, ink: string): void {
  const { ctx, bbox, scales } = plot
  const { min, max } = scales['y'] ?? {}
  if (limits === null || min === undefined || min === null || max === undefined || max === null) return
  ctx.save()
  ctx.strokeStyle = ink
  ctx.lineWidth = 2 * devicePixelRatio
  ctx.setLineDash([10 * devicePixelRatio, 6 * devicePixelRatio])
  for (const limit of [limits.low, limits.high]) {
    if (limit === null || limit < min || limit > max) continue
    const y = plot.valToPos(limit, 'y', true)
    ctx.beginPath()
    ctx.moveTo(bbox.left, y)
    ctx.lineTo(bbox.left + bbox.width, y)
    ctx.stroke()
  }
  ctx.restore()
}

/** A computed colour (`rgb(r, g, b)`) with less of it. */
function faded(colour: string, alpha: number): string {
  const parts = colour.match(/[\d.]+/g) ?? []
  return `rgb(${parts.slice(0, 3).join(' ')} / ${alpha})`
}
