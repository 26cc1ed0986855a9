import { LIMITS } from '../../relay/protocol/limits.ts'
import type { SeriesPoint } from '../../relay/protocol/telemetry.ts'
import type { WindowClient } from '../../relay/window.ts'

export const RANGES = ['15m', '1h', '8h', '24h'] as const
export type RangeName = (typeof RANGES)[number]

/** How far back a range goes, and how often what is shown of it is read again while it is looked at; milliseconds. */
export const RANGE: Readonly<Record<RangeName, { readonly ms: number; readonly refreshMs: number }>> = {
  '15m': { ms: 15 * 60_000, refreshMs: 5_000 },
  '1h': { ms: 3_600_000, refreshMs: 15_000 },
  '8h': { ms: 8 * 3_600_000, refreshMs: 60_000 },
  '24h': { ms: 24 * 3_600_000, refreshMs: 180_000 },
}

/** Pages of one read: the server bounds a page by what it may look at, and says where to go on. */
export const MAX_PAGES = 16
/** Intervals without a measurement after which a line is broken: one may be missing by chance. */
const GAP_INTERVALS = 2.5

export interface Trend {
  readonly points: readonly SeriesPoint[]
  readonly unit: string
  readonly resolutionMs: number
  /** The range that was read, epoch milliseconds of the server. */
  readonly from: number
  readonly to: number
  /** Where a part of it was read more closely: what comes before, that part, and what comes after. */
  readonly parts?: readonly Part[]
}
type Part = Pick<Trend, 'points' | 'resolutionMs'>

export type TrendReply =
  | { readonly ok: true; readonly trend: Trend }
  | { readonly ok: false; readonly code: string; readonly message: string | null }

interface Of {
  readonly area: string
  readonly machine: string
  readonly signal: string
  /** As many points as can be told apart on the screen. */
  readonly points: number
}
interface TrendQuery extends Of {
  readonly range: RangeName
  /** Server time, epoch milliseconds. */
  readonly now: number
}
/** Server time, epoch milliseconds. */
interface SpanQuery extends Of {
  readonly from: number
  readonly to: number
}

/** Reads a whole range, page by page. What cannot be read says why; a part is never given for the whole. */
export function readTrend(relay: Pick<WindowClient, 'series'>, { range, now, ...of }: TrendQuery): Promise<TrendReply> {
  return readSpan(relay, { ...of, from: now - RANGE[range].ms, to: now })
}

/** The same of a time between two moments. */
export async function readSpan(relay: Pick<WindowClient, 'series'>, query: SpanQuery): Promise<TrendReply> {
  const { area, machine, signal } = query
  const points = Math.max(1, Math.min(LIMITS.maxSeriesPoints, Math.floor(query.points)))
  const whole: SeriesPoint[] = []
  const to = new Date(query.to).toISOString()
  let from: string | null = new Date(query.from).toISOString()
  let unit = ''
  let resolutionMs = 0
  for (let pages = 0; from !== null && pages < MAX_PAGES; pages += 1) {
    const reply = await relay.series({ area, machine, signal, from, to, points })
    if (!reply.ok) return reply
    const { page } = reply
    whole.push(...page.points)
    unit = page.unit
    resolutionMs = Math.max(resolutionMs, page.resolutionMs)
    from = page.next
  }
  if (from !== null) return { ok: false, code: 'page-too-large', message: null }
  return { ok: true, trend: { points: whole, unit, resolutionMs, from: query.from, to: query.to } }
}

/** The same past with a part of it as that was read more closely; as it is where that tells nothing more. */
export function withDetail(trend: Trend, detail: Trend | null): Trend {
  if (detail === null || detail.points.length === 0 || detail.resolutionMs >= trend.resolutionMs) return trend
  const { resolutionMs } = trend
  const before = trend.points.filter(([at]) => at < detail.from)
  const after = trend.points.filter(([at]) => at > detail.to)
  return {
    ...trend,
    points: [...before, ...detail.points, ...after],
    resolutionMs: detail.resolutionMs,
    parts: [{ points: before, resolutionMs }, detail, { points: after, resolutionMs }],
  }
}

/** Columns for a chart: seconds, lowest, mean, highest. A gap in the data is a row of nulls, so that no line crosses it. */
export interface TrendColumns {
  readonly seconds: readonly number[]
  readonly lowest: readonly (number | null)[]
  readonly mean: readonly (number | null)[]
  readonly highest: readonly (number | null)[]
}

export function columnsOf({ parts, ...whole }: Pick<Trend, 'points' | 'resolutionMs' | 'parts'>): TrendColumns {
  const all = (parts ?? [whole]).map(columnsOfPart)
  return {
    seconds: all.flatMap(({ seconds }) => seconds),
    lowest: all.flatMap(({ lowest }) => lowest),
    mean: all.flatMap(({ mean }) => mean),
    highest: all.flatMap(({ highest }) => highest),
  }
}

function columnsOfPart({ points, resolutionMs }: Part): TrendColumns {
  const columns = {
    seconds: [] as number[],
    lowest: [] as (number | null)[],
    mean: [] as (number | null)[],
    highest: [] as (number | null)[],
  }
  const add = (at: number, values: readonly (number | null)[]): void => {
    const [lowest = null, mean = null, highest = null] = values
    columns.seconds.push(at / 1_000)
    columns.lowest.push(lowest)
    columns.mean.push(mean)
    columns.highest.push(highest)
  }
  const gapMs = GAP_INTERVALS * Math.max(resolutionMs, usualIntervalMs(points), 1_000)
  let before: number | null = null
  for (const [at, ...values] of points) {
    if (before !== null && at - before > gapMs) add((before + at) / 2, [])
    add(at, values)
    before = at
  }
  return columns
}

/**
 * Rows that have no neighbour to draw a line to: they are seen as points only. Null is a gap; undefined is a row of another value
 * in the same chart, over which a line goes on.
 */
export function lonePoints(values: ArrayLike<number | null | undefined>): readonly number[] {
  const rows = Array.from(values, (value, row) => ({ value, row })).filter(({ value }) => value !== undefined)
  const isGap = (index: number): boolean => (rows[index]?.value ?? null) === null
  return rows.flatMap(({ row }, index) => (!isGap(index) && isGap(index - 1) && isGap(index + 1) ? [row] : []))
}

/** The point that is nearest to a moment; null where there is none. */
export function pointAt(points: readonly SeriesPoint[], at: number): SeriesPoint | null {
  let low = 0
  let high = points.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((points[middle]?.[0] ?? at) < at) low = middle + 1
    else high = middle
  }
  const [before, after] = [points[low - 1], points[low]]
  if (before === undefined || after === undefined) return after ?? before ?? null
  return at - before[0] <= after[0] - at ? before : after
}

/** The median: a sensor may be read each second or each minute, and only what is longer than its own pace is a gap. */
function usualIntervalMs(points: readonly SeriesPoint[]): number {
  const intervals = points.slice(1).map(([at], index) => at - (points[index]?.[0] ?? at))
  return intervals.toSorted((a, b) => a - b)[Math.floor((intervals.length - 1) / 2)] ?? 0
}
