import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { seriesMigrations } from '../../migrations/migrations.ts'
import type { Bucket, KeptAnswer, SeriesRange, SeriesRead, SeriesRules, SeriesSample } from '../../ports/series.ts'
import { StoreOpenError } from '../../ports/store-errors.ts'
import { makeFolder } from './open-database.ts'
import { isDamaged, NewerSchema, openSideFile } from './side-file.ts'

export const SERIES_FILE = 'series.sqlite'

/** 'ANDS': the past of signals, as `andon.sqlite` is 'ANDN'. */
const APPLICATION_ID = 0x414e4453
/** Signals looked over in one clean-up step; the steps go round all of them. */
const PRUNED_SIGNALS = 500

export interface SeriesDatabaseOptions {
  readonly folder: string
  readonly rules: SeriesRules
  /** Server time, epoch milliseconds. */
  readonly now: () => number
  /** Told what was set aside or went wrong without failing a call. */
  readonly failed: (what: string, cause: unknown) => void
}

/**
 * Opens (or makes) the file, migrated. WAL with `synchronous=NORMAL`: a power cut may cost the last batches, never the file.
 * A damaged one is renamed and a new one begun: trends are missed, the floor is not.
 *
 * @throws {StoreOpenError} when it was written by a newer Andon, or the folder does not take it
 */
function openSeries({ folder, failed }: SeriesDatabaseOptions): Database.Database {
  const file = join(folder, SERIES_FILE)
  try {
    // It is not for sure that a store has made it: one of another kind needs no folder.
    makeFolder(folder)
    return openFile(file)
  } catch (cause) {
    if (cause instanceof StoreOpenError) throw cause
    if (!isDamaged(cause)) {
      const code = cause instanceof Database.SqliteError ? cause.code : String(cause)
      throw new StoreOpenError(
        'database-unwritable',
        `${file} cannot be opened for writing (${code}); check its owner and rights, or choose another folder with --data.`,
        { cause },
      )
    }
    const aside = `${file}.damaged-${new Date().toISOString().replaceAll(':', '')}`
    for (const end of ['', '-wal', '-shm']) if (existsSync(file + end)) renameSync(file + end, aside + end)
    failed(`The history of machines was damaged; it was set aside as ${aside}, and a new one begun.`, cause)
    return openFile(file)
  }
}

function openFile(file: string): Database.Database {
  try {
    return openSideFile({ file, applicationId: APPLICATION_ID, steps: seriesMigrations, synchronous: 'NORMAL' })
  } catch (cause) {
    if (!(cause instanceof NewerSchema)) throw cause
    throw new StoreOpenError(
      'database-newer',
      `${file} was written by a newer Andon (schema ${cause.version}, this one knows ${seriesMigrations.length}); update Andon, or move the file away to begin a new history.`,
      { cause },
    )
  }
}

/** The past of signals on SQLite; synchronous, its thread's only user. */
export class SeriesDatabase {
  readonly #db: Database.Database
  readonly #rules: SeriesRules
  readonly #now: () => number
  readonly #sql: ReturnType<typeof prepareAll>
  /** Ids by area, machine and name; as many as the site may have signals. */
  readonly #ids = new Map<string, { readonly id: number; readonly unit: string }>()
  #pressure = 0
  #prunedUpTo = 0

  constructor(options: SeriesDatabaseOptions) {
    this.#db = openSeries(options)
    this.#rules = options.rules
    this.#now = options.now
    this.#sql = prepareAll(this.#db)
    for (const { id, area, machine, name, unit } of this.#sql.signals.all()) {
      this.#ids.set(`${area}/${machine}/${name}`, { id, unit })
    }
  }

  /** One batch in one transaction. Another value of the same time takes the place of the one before it (Y8). */
  append(samples: readonly SeriesSample[]): void {
    this.#db.transaction(() => {
      for (const [id, own] of this.#bySignal(samples)) {
        const { fresh, corrected } = this.#write(id, own)
        for (const { resolutionMs } of this.#rules.tiers) {
          if (resolutionMs === 0) continue
          for (const { atMs, low, high, sum, count } of this.#rules.bucketsOf(fresh, resolutionMs)) {
            this.#sql.joinBucket.run(id, resolutionMs, atMs, low, high, sum, count)
          }
          this.#correctBuckets(id, resolutionMs, corrected)
        }
      }
    })()
  }

  /** The single measurements: which of them are new, and which put another value in the place of one. */
  #write(id: number, samples: readonly SeriesSample[]): { fresh: readonly SeriesSample[]; corrected: Correction[] } {
    const fresh: SeriesSample[] = []
    const corrected: Correction[] = []
    for (const sample of new Map(samples.map((one) => [one.atMs, one])).values()) {
      const { atMs, value } = sample
      if (this.#sql.insertSample.run(id, atMs, value).changes > 0) {
        fresh.push(sample)
        continue
      }
      const before = this.#sql.valueAt.get(id, atMs)?.value ?? value
      if (before === value) continue
      this.#sql.correctSample.run(value, id, atMs)
      corrected.push({ atMs, value, before })
    }
    return { fresh, corrected }
  }

  /**
   * Each interval is summed up anew, once, from its single measurements: they are kept for an hour at least, and samples come
   * at most a quarter of an hour late. Where some are gone all the same, the mean is right and the ends are what they ever were.
   */
  #correctBuckets(id: number, resolutionMs: number, corrected: readonly Correction[]): void {
    for (const [start, own] of Map.groupBy(corrected, ({ atMs }) => atMs - (atMs % resolutionMs))) {
      if (this.#sql.sumUp.run(id, start, start + resolutionMs, id, resolutionMs, start).changes > 0) continue
      for (const { value, before } of own) {
        this.#sql.adjustBucket.run(value, value, value - before, id, resolutionMs, start)
      }
    }
  }

  read(range: SeriesRange): SeriesRead | null {
    const known = this.#ids.get(`${range.area}/${range.machine}/${range.signal}`)
    if (known === undefined) return null
    const rules = this.#rules
    const { tier, resolutionMs, fromMs } = rules.plan(range, this.#now(), this.#pressure)
    const { resolutionMs: stored = 0 } = rules.tiers[tier] ?? {}
    const limit = rules.maxRows + 1
    const rows: Bucket[] =
      stored === 0
        ? this.#sql.readSamples.all(known.id, fromMs, range.toMs, limit).map(single)
        : this.#sql.readBuckets.all(known.id, stored, fromMs, range.toMs, limit)
    const stopped = rows.length === limit ? rows[rules.maxRows]?.atMs : undefined
    // The interval in which the read stopped is not whole: it begins the next page.
    const nextMs = stopped === undefined ? null : stopped - (stopped % resolutionMs)
    const whole = nextMs === null ? rows : rows.filter(({ atMs }) => atMs < nextMs)
    return { unit: known.unit, points: rules.pointsOf(whole, resolutionMs), resolutionMs, nextMs }
  }

  keepAnswer({ apiKey, key, bodyHash, status, body }: KeptAnswer): void {
    this.#sql.insertAnswer.run(apiKey, key, bodyHash, status, body, this.#now())
  }

  answer(apiKey: string, key: string): KeptAnswer | null {
    return this.#sql.answer.get(apiKey, key) ?? null
  }

  /** Deletes what is older than it may be, a piece at a time, and keeps less of it while the file is too large. */
  prune(): void {
    const now = this.#now()
    this.#db.transaction(() => {
      const ids = this.#sql.nextSignals.all(this.#prunedUpTo, PRUNED_SIGNALS)
      this.#prunedUpTo = ids.length < PRUNED_SIGNALS ? 0 : (ids.at(-1)?.id ?? 0)
      for (const { id } of ids) {
        for (const tier of this.#rules.tiers) {
          const before = now - this.#rules.keptMs(tier, this.#pressure)
          if (tier.resolutionMs === 0) this.#sql.deleteSamples.run(id, before)
          else this.#sql.deleteBuckets.run(id, tier.resolutionMs, before)
        }
      }
      if (this.#prunedUpTo !== 0) return
      this.#sql.deleteAnswers.run(now - this.#rules.keptAnswersMs)
      this.#sql.deleteOldAnswers.run(this.#rules.maxAnswers)
      this.#pressure = this.#rules.pressure(this.#pressure, this.#bytes())
    })()
  }

  close(): void {
    this.#db.close()
  }

  /** What is in use: deleted rows leave free pages, which the next ones fill. */
  #bytes(): number {
    const pragma = (name: string): number => Number(this.#db.pragma(name, { simple: true }))
    return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size')
  }

  #bySignal(samples: readonly SeriesSample[]): ReadonlyMap<number, SeriesSample[]> {
    const groups = new Map<number, SeriesSample[]>()
    for (const sample of samples) {
      const id = this.#idOf(sample)
      const group = groups.get(id)
      if (group === undefined) groups.set(id, [sample])
      else group.push(sample)
    }
    return groups
  }

  #idOf({ area, machine, signal, unit }: SeriesSample): number {
    const key = `${area}/${machine}/${signal}`
    const known = this.#ids.get(key)
    if (known?.unit === unit) return known.id
    // A unit changes only where the machines were restored from a backup or removed: the word follows, the numbers stay.
    const id = this.#sql.upsertSignal.get(area, machine, signal, unit)?.id ?? 0
    this.#ids.set(key, { id, unit })
    return id
  }
}

/** A measurement whose value was another one before. */
interface Correction {
  readonly atMs: number
  readonly value: number
  readonly before: number
}

function single({ atMs, value }: { readonly atMs: number; readonly value: number }): Bucket {
  return { atMs, low: value, high: value, sum: value, count: 1 }
}

function prepareAll(db: Database.Database) {
  return {
    signals: db.prepare<[], { id: number; area: string; machine: string; name: string; unit: string }>(
      'SELECT id, area, machine, name, unit FROM signals',
    ),
    nextSignals: db.prepare<[number, number], { id: number }>(
      'SELECT id FROM signals WHERE id > ? ORDER BY id LIMIT ?',
    ),
    upsertSignal: db.prepare<[string, string, string, string], { id: number }>(
      'INSERT INTO signals (area, machine, name, unit) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET unit = excluded.unit RETURNING id',
    ),
    valueAt: db.prepare<[number, number], { value: number }>('SELECT value FROM samples WHERE signal = ? AND at = ?'),
    correctSample: db.prepare<[number, number, number]>('UPDATE samples SET value = ? WHERE signal = ? AND at = ?'),
    sumUp: db.prepare<[number, number, number, number, number, number]>(
      `UPDATE buckets SET low = whole.low, high = whole.high, sum = whole.sum
       FROM (SELECT min(value) AS low, max(value) AS high, sum(value) AS sum, count(*) AS count
             FROM samples WHERE signal = ? AND at >= ? AND at < ?) AS whole
       WHERE signal = ? AND resolution = ? AND at = ? AND buckets.count = whole.count`,
    ),
    adjustBucket: db.prepare<[number, number, number, number, number, number]>(
      `UPDATE buckets SET low = min(low, ?), high = max(high, ?), sum = sum + ?
       WHERE signal = ? AND resolution = ? AND at = ?`,
    ),
    insertSample: db.prepare<[number, number, number]>(
      'INSERT OR IGNORE INTO samples (signal, at, value) VALUES (?, ?, ?)',
    ),
    joinBucket: db.prepare<[number, number, number, number, number, number, number]>(
      `INSERT INTO buckets (signal, resolution, at, low, high, sum, count) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET low = min(low, excluded.low), high = max(high, excluded.high),
         sum = sum + excluded.sum, count = count + excluded.count`,
    ),
    readSamples: db.prepare<[number, number, number, number], { atMs: number; value: number }>(
      'SELECT at AS atMs, value FROM samples WHERE signal = ? AND at >= ? AND at < ? ORDER BY at LIMIT ?',
    ),
    readBuckets: db.prepare<[number, number, number, number, number], Bucket>(
      'SELECT at AS atMs, low, high, sum, count FROM buckets WHERE signal = ? AND resolution = ? AND at >= ? AND at < ? ORDER BY at LIMIT ?',
    ),
    deleteSamples: db.prepare<[number, number]>('DELETE FROM samples WHERE signal = ? AND at < ?'),
    deleteBuckets: db.prepare<[number, number, number]>(
      'DELETE FROM buckets WHERE signal = ? AND resolution = ? AND at < ?',
    ),
    // Earlier versions kept failures, too: they are no answers, and give way to the first one.
    insertAnswer: db.prepare<[string, string, string, number, string, number]>(
      `INSERT INTO answers (api_key, key, body_hash, status, body, at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET body_hash = excluded.body_hash, status = excluded.status, body = excluded.body, at = excluded.at
       WHERE status >= 500`,
    ),
    answer: db.prepare<[string, string], KeptAnswer>(
      'SELECT api_key AS apiKey, key, body_hash AS bodyHash, status, body FROM answers WHERE api_key = ? AND key = ? AND status < 500',
    ),
    deleteAnswers: db.prepare<[number]>('DELETE FROM answers WHERE at < ?'),
    deleteOldAnswers: db.prepare<[number]>(
      'DELETE FROM answers WHERE at <= (SELECT at FROM answers ORDER BY at DESC LIMIT 1 OFFSET ?)',
    ),
  }
}
