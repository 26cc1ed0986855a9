import type { Logger } from 'pino'
import { v7 as uuidv7 } from 'uuid'
import { ERRORS, isErrorCode, refuse, type Refusal } from '../../relay/protocol/errors.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { machineKey, telemetryChannel } from '../../relay/protocol/machine-names.ts'
import type { MachineDescription, MachineRecord, TelemetryValue } from '../../relay/protocol/telemetry.ts'
import type { LiveHub } from '../core/live.ts'
import type { Sized } from '../core/live-rounds.ts'
import type { Machines } from '../core/machines.ts'
import { examine, type Examined, type RefusedSample, type TakenSample } from '../core/samples.ts'
import { SignalPaces } from '../core/signal-pace.ts'
import type { ValueNews } from '../ports/live-nodes.ts'
import type { SeriesStore } from '../ports/series.ts'
import type { ApiKeyRow } from '../ports/site.ts'
import type { StoreAdministration } from '../ports/store-administration.ts'
import type { Source, Submission, SubmitResult } from '../ports/submission.ts'

export interface IntakeOptions {
  readonly store: Pick<StoreAdministration, 'areas'>
  readonly submit: (submission: Submission) => Promise<SubmitResult>
  readonly machines: Machines
  readonly live: Pick<LiveHub<Sized>, 'put' | 'clear'>
  readonly series: Pick<SeriesStore, 'append'>
  /** Server time, epoch milliseconds. */
  readonly clock: { now(): number }
  readonly monotonic: () => number
  readonly log: Logger
  /** Told of what is shown; absent where there are no other nodes. */
  readonly share?: (value: ValueNews) => void
}

/** How late a value may come and still be the present one, told with its age; slower signals have their own pace. */
const LATE_MS = 60_000

/** What became of a batch: every sample is either among the taken or named in `refused`. */
export interface Intake {
  readonly taken: number
  readonly refused: readonly RefusedSample[]
  /** `lost`: shown live, but history lacks them, because the disk cannot keep up. */
  readonly history: 'kept' | 'lost'
}

/** Who hands samples in: a program by its key, or the server itself, which reports of its own machines. */
export type Feeder = Pick<ApiKeyRow, 'id' | 'areas'> | typeof SERVER
export const SERVER = { id: null, areas: ['*'] } as const

/** A sample that was taken; when, and in which order with those of other batches. */
interface Arrived extends TakenSample {
  readonly arrived: { readonly order: number; readonly nowMs: number }
}

/** Samples looked at before everything else gets its turn: a full batch must not hold up an alert. */
const PIECE = 500
/** How soon a label or limit that keeps changing is written again: each time is a durable event for every screen. */
const DESCRIBE_AGAIN_MS = 10_000
/** How often machines are looked over for silence. */
const WATCH_MS = 5_000

/** A machine that samples came from in this life of the server. */
interface Feed {
  readonly area: string
  readonly machine: string
  /** Server time of the last sample. */
  readonly lastMs: number
  /** Monotonic: when that came, and when the one that the record tells of did; -Infinity where that is not known. */
  readonly lastAt: number
  toldAt: number
  /** Monotonic: then the last of its values is no longer current. */
  readonly currentUntil: number
}

/**
 * The way of a sample: examined, its machine described where it says something new, then live for whoever shows it and
 * queued for history. Only the description is durable; values never pass through the log.
 */
export class TelemetryIntake {
  readonly #options: IntakeOptions
  readonly #paces = new SignalPaces()
  readonly #feeds = new Map<string, Feed>()
  readonly #describedAt = new Map<string, number>()
  /** Live values in force, by signal: a late sample is history and not the present. `order` as history has it. */
  readonly #latest = new Map<
    string,
    { readonly atMs: number; readonly order: number; readonly shownMs: number; readonly until: number }
  >()
  /** Pieces that went into history: batches of several senders are on their way at once. */
  #order = 0
  /** Descriptions are made one batch after the other, each held against what the one before it left. */
  #describing: Promise<unknown> = Promise.resolve()
  #watch: NodeJS.Timeout | null = null

  constructor(options: IntakeOptions) {
    this.#options = options
    options.machines.whenRemoved((record) => this.#forget(record))
  }

  start(): void {
    this.#watch = setInterval(() => this.#tellSilence(), WATCH_MS)
    this.#watch.unref()
  }

  stop(): void {
    if (this.#watch !== null) clearInterval(this.#watch)
  }

  async take(samples: readonly unknown[], feeder: Feeder): Promise<Intake> {
    const areas = await this.#options.store.areas()
    let history: Intake['history'] = 'kept'
    const taken: Arrived[] = []
    const refused: RefusedSample[] = []
    for (let from = 0; from < samples.length; from += PIECE) {
      if (from > 0) await new Promise((resolve) => setImmediate(resolve))
      const piece = samples.slice(from, from + PIECE)
      const examined = await this.#describe(() => this.#examine(piece, areas, feeder), feeder)
      const arrived = { order: ++this.#order, nowMs: this.#options.clock.now() }
      for (const one of examined.taken) taken.push({ ...one, arrived })
      for (const one of examined.refused) refused.push({ ...one, index: one.index + from })
      if (!this.#remember(examined.taken)) history = 'lost'
    }
    this.#show(taken)
    return { taken: taken.length, refused: refused.toSorted((a, b) => a.index - b.index), history }
  }

  #examine(samples: readonly unknown[], areas: readonly string[], feeder: Feeder): Examined {
    const { machines, clock } = this.#options
    const nowMs = clock.now()
    const now = new Date(nowMs).toISOString()
    const isServer = feeder.id === null
    return examine(samples, { machines, areas, mayWrite: feeder.areas, isServer, nowMs, now })
  }

  /** Makes known what these samples say of their machines; those whose machine is refused are refused with it. */
  #describe(look: () => Examined, feeder: Feeder): Promise<Examined> | Examined {
    const first = look()
    if (this.#due(first).length === 0) return first
    const described = this.#describing.then(async () => {
      // Another batch may have described the same in the meantime.
      const examined = look()
      const refusals = new Map<string, Refusal>()
      for (const [key, description] of this.#due(examined)) {
        const refusal = await this.#submit(description, sourceOf(feeder))
        if (refusal === null) this.#describedAt.set(key, this.#options.monotonic())
        else refusals.set(key, refusal)
      }
      return refusals.size === 0 ? examined : withoutRefused(examined, refusals)
    })
    this.#describing = described.catch(() => undefined) // whoever asked is told; the next one is not concerned
    return described
  }

  /** What is new, and what changed not just now. */
  #due({ descriptions, taken }: Examined): readonly (readonly [string, MachineDescription])[] {
    if (descriptions.size === 0) return []
    const fresh = new Set(taken.flatMap((one) => (one.isNew ? [machineKey(one.area, one.machine)] : [])))
    const now = this.#options.monotonic()
    return [...descriptions].filter(
      ([key]) => fresh.has(key) || now - (this.#describedAt.get(key) ?? -DESCRIBE_AGAIN_MS) >= DESCRIBE_AGAIN_MS,
    )
  }

  /** Into history; false when it could not take them. */
  #remember(taken: readonly TakenSample[]): boolean {
    if (taken.length === 0) return true
    return this.#options.series.append(
      taken.map(({ area, machine, signal, atMs, value }) => ({
        area,
        machine,
        signal: signal.name,
        unit: signal.unit,
        atMs,
        value,
      })),
    )
  }

  /**
   * Live: of each signal what was measured last, unless something later is shown already; as old as it is (P5). Of one time
   * it is what history keeps: the sample that came last (Y8).
   */
  #show(taken: readonly Arrived[]): void {
    const { live, clock, monotonic } = this.#options
    const now = monotonic()
    const nowMs = clock.now()
    for (const [key, sample] of latestOf(taken)) {
      const { area, machine, signal, value, atMs, arrived } = sample
      // A fast clock measures nothing in the future: what comes after it must not wait until then.
      const measuredMs = Math.min(atMs, arrived.nowMs)
      const lateMs = Math.max(0, nowMs - measuredMs)
      const latest = this.#latest.get(key)
      // Where the clock was set back since, its times say nothing of which is later.
      const isInForce = latest !== undefined && latest.until > now && latest.shownMs <= nowMs
      if (isInForce && isBefore({ atMs: measuredMs, ...arrived }, latest)) continue
      const ttlMs = this.#paces.take(key, now)
      // A gateway that hands in what it kept: its past, and not what is there now.
      if (lateMs > Math.max(ttlMs, LATE_MS)) continue
      const until = now + ttlMs
      this.#latest.set(key, { atMs: measuredMs, order: arrived.order, shownMs: nowMs, until })
      const { name, unit, label, limits } = signal
      const at = new Date(measuredMs).toISOString()
      const shown: TelemetryValue = { value, unit, at, label, limits }
      live.put(telemetryChannel(area, machine), { key: name, value: shown, at, ttlMs: ttlMs + lateMs }, now - lateMs)
      this.#options.share?.({ area, machine, signal: name, value: shown, lateMs, ttlMs })
      this.#fed(sample, { now, nowMs, until })
    }
  }

  /**
   * Shows what another node took, which was `lagMs` on its way: unless something later is shown here, its time is over, or its machine
   * is not known (any more). It is in the history of the node that took it.
   */
  heard({ area, machine, signal, value, lateMs, ttlMs }: ValueNews, lagMs: number): void {
    const { live, clock, monotonic, machines } = this.#options
    const now = monotonic()
    const until = now + ttlMs - lagMs
    const key = `${machineKey(area, machine)}/${signal}`
    const latest = this.#latest.get(key)
    const atMs = Date.parse(value.at)
    if (until <= now || machines.get(area, machine) === null) return
    if (latest !== undefined && latest.until > now && atMs < latest.atMs) return
    this.#latest.set(key, { atMs, order: this.#order, shownMs: clock.now(), until })
    const shown = { key: signal, value, at: value.at, ttlMs: ttlMs + lateMs }
    live.put(telemetryChannel(area, machine), shown, now - lateMs - lagMs)
    // It has not fallen silent, and when it does that is the other node's to say.
    const feed = this.#feeds.get(machineKey(area, machine))
    if (feed !== undefined) feed.toldAt = feed.lastAt
  }

  #fed(
    { area, machine }: TakenSample,
    at: { readonly now: number; readonly nowMs: number; readonly until: number },
  ): void {
    const key = machineKey(area, machine)
    const before = this.#feeds.get(key)
    const recorded = this.#options.machines.get(area, machine)?.lastSampleAt ?? null
    const sinceMs = recorded === null ? Infinity : at.nowMs - Date.parse(recorded)
    // What is ahead of the clock is of a time before that was set back.
    const toldAt = before?.toldAt ?? (sinceMs < 0 ? -Infinity : at.now - sinceMs)
    const currentUntil = Math.max(before?.currentUntil ?? 0, at.until)
    const feed = { area, machine, lastMs: at.nowMs, lastAt: at.now, toldAt, currentUntil }
    this.#feeds.set(key, feed)
    if (at.now - toldAt >= LIMITS.lastSampleToldMs) this.#tellLast(feed)
  }

  /** A machine that was removed: nothing is live of it, and nothing is told of it any more. */
  #forget({ area, id, signals }: MachineRecord): void {
    const key = machineKey(area, id)
    this.#feeds.delete(key)
    this.#describedAt.delete(key)
    for (const { name } of signals) {
      this.#latest.delete(`${key}/${name}`)
      this.#paces.forget(`${key}/${name}`)
    }
    this.#options.live.clear(telemetryChannel(area, id))
  }

  /** Machines that fell silent: their record says when the last sample came. */
  #tellSilence(): void {
    const now = this.#options.monotonic()
    for (const feed of this.#feeds.values()) {
      if (feed.currentUntil <= now && feed.toldAt < feed.lastAt) this.#tellLast(feed)
    }
  }

  #tellLast(feed: Feed): void {
    const { area, machine, lastMs } = feed
    feed.toldAt = feed.lastAt
    const description = { area, machine, signals: [], lastSampleAt: new Date(lastMs).toISOString() }
    // Nobody says so: the server notices.
    this.#submit(description, { kind: 'system', timer: null }).then(
      (refusal) => {
        if (refusal !== null)
          this.#options.log.warn({ event: 'last-sample-refused', area, machine, code: refusal.code })
      },
      (cause: unknown) => this.#options.log.error({ event: 'last-sample-lost', area, machine, cause }),
    )
  }

  /** Null when it is committed. */
  async #submit(description: MachineDescription, source: Source): Promise<Refusal | null> {
    const { verdict } = await this.#options.submit({
      source,
      id: uuidv7() as CommandId,
      type: 'machine.describe',
      data: description,
    })
    if (verdict.kind !== 'done') return refuse('unavailable')
    const { outcome, code, message } = verdict.outcome
    if (outcome === 'applied') return null
    return code !== null && isErrorCode(code) ? refuse(code, message ?? ERRORS[code].says) : refuse('internal')
  }
}

/** What samples say of their machine is said by whoever hands them in. */
function sourceOf({ id }: Feeder): Source {
  return id === null ? { kind: 'system', timer: null } : { kind: 'api', keyId: id, idempotency: null }
}

function isBefore(a: { readonly atMs: number; readonly order: number }, b: typeof a): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}

/** Per signal the sample that was measured last; of one time the last of the batch. */
function latestOf(taken: readonly Arrived[]): ReadonlyMap<string, Arrived> {
  const latest = new Map<string, Arrived>()
  for (const sample of taken) {
    const key = `${machineKey(sample.area, sample.machine)}/${sample.signal.name}`
    const before = latest.get(key)
    if (before === undefined || before.atMs <= sample.atMs) latest.set(key, sample)
  }
  return latest
}

function withoutRefused({ taken, refused, descriptions }: Examined, refusals: ReadonlyMap<string, Refusal>): Examined {
  const why = (sample: TakenSample): Refusal | undefined =>
    sample.isNew ? refusals.get(machineKey(sample.area, sample.machine)) : undefined
  return {
    taken: taken.filter((sample) => why(sample) === undefined),
    refused: [
      ...refused,
      ...taken.flatMap((sample) => {
        const refusal = why(sample)
        return refusal === undefined ? [] : [{ index: sample.index, code: refusal.code, message: refusal.message }]
      }),
    ],
    descriptions,
  }
}
