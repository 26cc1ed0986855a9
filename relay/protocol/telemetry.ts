/**
 * What machines report. A machine is described by a record of `equipment/{area}`, so that a screen knows it while nothing
 * is live; its values are keys of the live channel `telemetry/{area}/{machine}`; its past is read by page (`SeriesQuery`).
 */
import * as v from 'valibot'
import { Segment, Timestamp } from './ids.ts'
import { LIMITS } from './limits.ts'
import { Moment } from './moment.ts'
import { line, unit } from './text.ts'

const VALUE_SAYS = `must be a number between -${LIMITS.maxSampleValue} and ${LIMITS.maxSampleValue}`

/** A measurement. What a sender writes as NaN or Infinity comes as Infinity (`readNumbers`), and is refused here. */
const Finite = v.pipe(
  v.number(VALUE_SAYS),
  v.minValue(-LIMITS.maxSampleValue, VALUE_SAYS),
  v.maxValue(LIMITS.maxSampleValue, VALUE_SAYS),
)

const Unit = unit(LIMITS.maxUnit)

/** What is normal, both ends included; beyond it a tile says so. Alerts come from rules, not from here. */
export const SignalLimits = v.pipe(
  v.strictObject({ low: v.nullable(Finite), high: v.nullable(Finite) }),
  v.check(({ low, high }) => low === null || high === null || low <= high, 'must have low at or below high'),
)
export type SignalLimits = v.InferOutput<typeof SignalLimits>

const SignalLabel = v.nullable(line(LIMITS.maxName))

/** One thing a machine measures. `name` is the key in the live channel and the segment of the history's address. */
export const MachineSignal = v.strictObject({
  name: Segment,
  unit: Unit,
  label: SignalLabel,
  limits: v.nullable(SignalLimits),
})
export type MachineSignal = v.InferOutput<typeof MachineSignal>

/**
 * A machine as it stands in `equipment/{area}` under the key `{area}/{id}`: ids are unique within an area only. Signals are
 * sorted by name. `lastSampleAt`: server time of the last sample, at most `LIMITS.lastSampleToldMs` too old while samples
 * come, exact once the machine fell silent; null before the first.
 */
export const MachineRecord = v.strictObject({
  id: Segment,
  area: Segment,
  label: v.string(),
  /** True for values that nobody measured: every screen says so. */
  simulated: v.boolean(),
  signals: v.array(MachineSignal),
  lastSampleAt: v.nullable(Timestamp),
})
export type MachineRecord = v.InferOutput<typeof MachineRecord>

/** Value of one key of `telemetry/{area}/{machine}`. `at`: time of measurement, held by the server to `sampleTimes`. */
export const TelemetryValue = v.strictObject({
  value: v.number(),
  unit: v.string(),
  at: Timestamp,
  label: v.nullable(v.string()),
  limits: v.nullable(SignalLimits),
})
export type TelemetryValue = v.InferOutput<typeof TelemetryValue>

/** One sample of `POST /api/telemetry`. Without `at` it was measured when it came; label and limits describe the signal. */
export const TelemetrySample = v.strictObject({
  area: Segment,
  machine: Segment,
  signal: Segment,
  value: Finite,
  unit: Unit,
  at: v.optional(Moment),
  label: v.optional(SignalLabel),
  limits: v.optional(v.nullable(SignalLimits)),
})
export type TelemetrySample = v.InferOutput<typeof TelemetrySample>

/** Data of `machine.describe`: what is named is set, signals by their name; what is not named stays. */
export const MachineDescription = v.strictObject({
  area: Segment,
  machine: Segment,
  label: v.optional(line(LIMITS.maxName)),
  simulated: v.optional(v.boolean()),
  signals: v.optional(v.pipe(v.array(MachineSignal), v.maxLength(LIMITS.maxSignalsPerMachine)), []),
  lastSampleAt: v.optional(Moment),
})
export type MachineDescription = v.InferOutput<typeof MachineDescription>

/** Data of `machine.remove`: an area and the machine in it. */
export const MachineAddress = v.strictObject({ area: Segment, machine: Segment })
export type MachineAddress = v.InferOutput<typeof MachineAddress>

const Points = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(LIMITS.maxSeriesPoints))

/** The past of one signal from `from` (inclusive) to `to` (exclusive), in at most `points` points. */
export const SeriesQuery = v.strictObject({
  area: Segment,
  machine: Segment,
  signal: Segment,
  from: Moment,
  to: Moment,
  points: Points,
})
export type SeriesQuery = v.InferOutput<typeof SeriesQuery>

/** `[start of the interval in epoch milliseconds, lowest, mean, highest]`; of a single measurement the three are equal. */
export const SeriesPoint = v.tuple([v.number(), v.number(), v.number(), v.number()])
export type SeriesPoint = v.InferOutput<typeof SeriesPoint>

/**
 * Points in time order; an interval without a measurement has none, so a gap in `at` beyond `resolutionMs` is a gap in the
 * data. `next`: the read stopped here at its bound; ask again with it as `from`. Null when `to` was reached.
 */
export const SeriesPage = v.object({
  points: v.array(SeriesPoint),
  unit: v.string(),
  resolutionMs: v.number(),
  next: v.nullable(Timestamp),
})
export type SeriesPage = v.InferOutput<typeof SeriesPage>
