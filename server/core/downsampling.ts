import type { SeriesPoint } from '../../relay/protocol/telemetry.ts'
import type { Bucket, ReadPlan, SeriesRange, SeriesRules, Tier } from '../ports/series.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/**
 * The resolutions of the past. Single measurements for the shift that is just going on; then intervals with lowest, mean and
 * highest, each tier a small multiple of the one before, so that no page is made of many more rows than it has points.
 */
export const TIERS: readonly Tier[] = [
  { resolutionMs: 0, keptMs: 2 * HOUR },
  { resolutionMs: 10 * SECOND, keptMs: 2 * DAY },
  { resolutionMs: MINUTE, keptMs: 31 * DAY },
  { resolutionMs: 15 * MINUTE, keptMs: 400 * DAY },
]

/** Bytes of the file. 500 signals a second fit with the times above (about 60 bytes a row of an interval, 20 of a measurement). */
const MAX_BYTES = 2 * 1024 ** 3
/** Halvings of the times when the file is too large; after ten there is hardly anything to halve. */
const MAX_PRESSURE = 10
/** Below this share of the bound the times may grow again. */
const RELAXED = 0.6
/** Whatever the pressure: late samples have to meet the single measurements they may repeat, and a trend needs a beginning. */
const LEAST_KEPT_MS = HOUR
/** Finest interval single measurements are joined to: no screen shows more. */
const FINEST_MS = 100

export const seriesRules: SeriesRules = {
  tiers: TIERS,
  maxBytes: MAX_BYTES,
  maxRows: 20_000,
  keptAnswersMs: 7 * DAY,
  maxAnswers: 100_000,
  bucketsOf,
  plan,
  pointsOf,
  keptMs,
  pressure,
}

function bucketsOf(
  samples: readonly { readonly atMs: number; readonly value: number }[],
  resolutionMs: number,
): readonly Bucket[] {
  const buckets = new Map<number, Bucket>()
  for (const { atMs, value } of samples) {
    const start = atMs - (atMs % resolutionMs)
    const one = { atMs: start, low: value, high: value, sum: value, count: 1 }
    const before = buckets.get(start)
    buckets.set(start, before === undefined ? one : joined(before, one))
  }
  return [...buckets.values()].toSorted((a, b) => a.atMs - b.atMs)
}

function joined(a: Bucket, b: Bucket): Bucket {
  return {
    atMs: a.atMs,
    low: Math.min(a.low, b.low),
    high: Math.max(a.high, b.high),
    sum: a.sum + b.sum,
    count: a.count + b.count,
  }
}

/**
 * The coarsest tier that is fine enough for the points asked for, unless that one no longer reaches back to the beginning:
 * then the finest that does, and there are fewer points than asked for, never a hole.
 */
function plan(
  { fromMs, toMs, points }: Pick<SeriesRange, 'fromMs' | 'toMs' | 'points'>,
  nowMs: number,
  under: number,
): ReadPlan {
  const wanted = Math.ceil((toMs - fromMs) / points)
  const fineEnough = TIERS.findLastIndex(({ resolutionMs }) => resolutionMs <= wanted)
  const reaching = TIERS.findIndex((tier) => nowMs - keptMs(tier, under) <= fromMs)
  const tier = Math.max(fineEnough, reaching === -1 ? TIERS.length - 1 : reaching)
  const step = TIERS[tier]?.resolutionMs || FINEST_MS
  let resolutionMs = Math.max(Math.ceil(wanted / step), 1) * step
  // Intervals are aligned to the clock, so that panning does not shift them: the ends may cost one point more.
  const count = () => Math.ceil(toMs / resolutionMs) - Math.floor(fromMs / resolutionMs)
  while (count() > points) resolutionMs += step * Math.max(1, Math.floor(resolutionMs / step / points))
  return { tier, resolutionMs, fromMs: fromMs - (fromMs % resolutionMs) }
}

function pointsOf(rows: readonly Bucket[], resolutionMs: number): readonly SeriesPoint[] {
  const points: Bucket[] = []
  for (const row of rows) {
    const start = row.atMs - (row.atMs % resolutionMs)
    const last = points.at(-1)
    if (last !== undefined && last.atMs === start) points[points.length - 1] = joined(last, row)
    else points.push({ ...row, atMs: start })
  }
  return points.map(({ atMs, low, high, sum, count }) => [atMs, low, sum / count, high])
}

/** Each unit of pressure halves the time; the coarsest tier is what is kept when nothing else can be. */
function keptMs(tier: Tier, under: number): number {
  return Math.max(tier.keptMs / 2 ** under, LEAST_KEPT_MS)
}

function pressure(before: number, bytes: number): number {
  if (bytes > MAX_BYTES) return Math.min(before + 1, MAX_PRESSURE)
  return bytes < RELAXED * MAX_BYTES ? Math.max(before - 1, 0) : before
}
