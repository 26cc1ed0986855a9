/**
 * The past of signals: a bounded store beside the truth. Losing some of it after a power cut is allowed, holding up a
 * durable command for it is not. `series.contract.ts` is the suite every adapter runs.
 */
import type { SeriesPoint } from '../../relay/protocol/telemetry.ts'

export interface SeriesSample {
  readonly area: string
  readonly machine: string
  readonly signal: string
  readonly unit: string
  /** When it was measured, epoch milliseconds. */
  readonly atMs: number
  readonly value: number
}

/** `fromMs` inclusive, `toMs` exclusive. */
export interface SeriesRange {
  readonly area: string
  readonly machine: string
  readonly signal: string
  readonly fromMs: number
  readonly toMs: number
  /** At most so many points. */
  readonly points: number
}

export interface SeriesRead {
  readonly unit: string
  readonly points: readonly SeriesPoint[]
  readonly resolutionMs: number
  /** Where the read stopped at its bound; null when it reached `toMs`. */
  readonly nextMs: number | null
}

/** The answer to a request under an Idempotency-Key. */
export interface KeptAnswer {
  readonly apiKey: string
  readonly key: string
  readonly bodyHash: string
  readonly status: number
  readonly body: string
}

export interface SeriesCounts {
  /** Samples that wait to be written. */
  readonly waiting: number
  /** Samples that history lacks since the start, because too many waited or the disk did not take them. */
  readonly lost: number
}

export interface SeriesStore {
  /** Takes samples for writing, soon and in batches; of several of one signal and time the last one counts (Y8). False when too many wait: then none of these is taken, and all are counted as lost. */
  append(samples: readonly SeriesSample[]): boolean
  /** Resolves once it is written, with every sample that was appended before. */
  keepAnswer(answer: KeptAnswer): Promise<void>
  answer(apiKey: string, key: string): Promise<KeptAnswer | null>
  /** Sees everything that was appended before. Null when nothing was ever stored of this signal. */
  read(range: SeriesRange): Promise<SeriesRead | null>
  counts(): SeriesCounts
  /** Writes what waits, then closes. */
  close(): Promise<void>
}

// ------------------------------------------------------------------------------- what decides inside the store's thread

/** One resolution in which the past is kept: everything that came, or what an interval amounts to. */
export interface Tier {
  /** Length of an interval; 0 keeps single measurements. */
  readonly resolutionMs: number
  readonly keptMs: number
}

/** What the measurements of one interval amount to. */
export interface Bucket {
  readonly atMs: number
  readonly low: number
  readonly high: number
  readonly sum: number
  readonly count: number
}

/** How a range is read: from which tier, joined to intervals of which length. */
export interface ReadPlan {
  /** Index in `tiers`. */
  readonly tier: number
  readonly resolutionMs: number
  /** Start of the first interval. */
  readonly fromMs: number
}

/** The core's decisions; the worker that owns the database is composed of both. */
export interface SeriesRules {
  /** Finest first; the first one keeps single measurements. */
  readonly tiers: readonly Tier[]
  /** Bytes the file may have; beyond it the past is kept shorter. */
  readonly maxBytes: number
  /** Rows one page may be made of. */
  readonly maxRows: number
  /** How long answers under an Idempotency-Key are kept, and how many. */
  readonly keptAnswersMs: number
  readonly maxAnswers: number
  /** Measurements of one signal as intervals of a tier, in time order. */
  readonly bucketsOf: (
    samples: readonly { readonly atMs: number; readonly value: number }[],
    resolutionMs: number,
  ) => readonly Bucket[]
  readonly plan: (range: Pick<SeriesRange, 'fromMs' | 'toMs' | 'points'>, nowMs: number, pressure: number) => ReadPlan
  /** Rows of a tier, in time order, as points of the plan's length. */
  readonly pointsOf: (rows: readonly Bucket[], resolutionMs: number) => readonly SeriesPoint[]
  /** How long a tier is kept under this pressure. */
  readonly keptMs: (tier: Tier, pressure: number) => number
  /** The next pressure for a file of so many bytes: 0 keeps everything as long as it should be. */
  readonly pressure: (before: number, bytes: number) => number
}
