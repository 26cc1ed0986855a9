import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BroadcastChannel } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seriesRules } from '../../core/downsampling.ts'
import { seriesContract } from '../../ports/series.contract.ts'
import type { SeriesRules, SeriesStore } from '../../ports/series.ts'
import { START as FLOOR_START } from '../../testing/start.ts'
import { SeriesDatabase } from './series-database.ts'
import { MAX_WAITING_SAMPLES, openSqliteSeries } from './series-store.ts'

const WORKER = new URL('../../series-worker.ts', import.meta.url)
const failures: string[] = []

function openSeries(folder: string): Promise<SeriesStore> {
  return openSqliteSeries({ folder, worker: WORKER, failed: (what) => failures.push(what), batchMs: 5 })
}

const temporary = () => mkdtemp(join(tmpdir(), 'andon-series-'))

seriesContract('SQLite', () => {
  let folder = ''
  return {
    async open() {
      folder = await temporary()
      return openSeries(folder)
    },
    async reopen(series) {
      await series.close()
      return openSeries(folder)
    },
    dispose: () => rm(folder, { recursive: true, force: true }),
  }
})

let folder = ''
beforeEach(async () => {
  folder = await temporary()
  failures.length = 0
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const sample = (atMs: number, value = 1, signal = 'force') => ({
  area: 'line-3',
  machine: 'press-1',
  signal,
  unit: 'kN',
  atMs,
  value,
})

describe('the file', () => {
  it('is made with its folder, whether or not a store has made that before', async () => {
    const site = join(folder, 'site', 'data')
    await (await openSeries(site)).close()
    expect(await readdir(site)).toContain('series.sqlite')
  })

  it('[Y4] that is damaged is set aside, and a new one begun', async () => {
    await writeFile(join(folder, 'series.sqlite'), 'not a database, but long enough to look at. '.repeat(100))
    const series = await openSeries(folder)
    expect(series.append([sample(Date.now())])).toBe(true)
    await series.close()
    expect(failures).toEqual([expect.stringContaining('set aside')])
    expect((await readdir(folder)).filter((name) => name.includes('.damaged-'))).toHaveLength(1)
  })

  it('[Y4] of a newer Andon is refused, and nothing in it changed', async () => {
    const db = new Database(join(folder, 'series.sqlite'))
    db.pragma('user_version = 99')
    db.close()
    await expect(openSeries(folder)).rejects.toMatchObject({ code: 'database-newer' })
  })

  it('[Y4] [Y5] is served by another thread when its own died, and a batch it had written counts once', async () => {
    const worker = new URL('../../testing/dying-series-worker.ts', import.meta.url)
    const series = await openSqliteSeries({ folder, worker, failed: (what) => failures.push(what) })
    const orders = new BroadcastChannel(folder)
    const heard = new Promise<void>((resolve) => orders.addEventListener('message', () => resolve()))
    orders.postMessage('die')
    await heard
    orders.close()
    expect(series.append([sample(FLOOR_START - 2_000, 7)])).toBe(true)
    const range = { area: 'line-3', machine: 'press-1', signal: 'force', points: 600 }
    const read = async () => (await series.read({ ...range, fromMs: FLOOR_START - 60_000, toMs: FLOOR_START }))?.points
    // Written by the thread that died of it, read by the next one; the batch still waits for an answer.
    expect(await read()).toHaveLength(1)
    expect([failures.toSorted(), series.counts()]).toEqual([['series-died', 'series-write'], { waiting: 1, lost: 0 }])
    expect(series.append([sample(FLOOR_START - 1_000, 8)])).toBe(true)
    expect(await read()).toHaveLength(2)
    expect(series.counts()).toEqual({ waiting: 0, lost: 0 })
    await series.close()
  })

  it('[Y4] takes no more than may wait; what it does not take is counted', async () => {
    const series = await openSeries(folder)
    const many = Array.from({ length: MAX_WAITING_SAMPLES }, (_, index) => sample(index))
    expect([series.append(many), series.append([sample(0)])]).toEqual([true, false])
    expect(series.counts()).toEqual({ waiting: MAX_WAITING_SAMPLES, lost: 1 })
    await series.close()
  })
})

describe('keeping', () => {
  const HOUR = 3_600_000
  const START = Date.UTC(2026, 10, 20)

  function openDatabase(time: { ms: number }, rules: Partial<SeriesRules> = {}) {
    return new SeriesDatabase({
      folder,
      rules: { ...seriesRules, ...rules },
      now: () => time.ms,
      failed: (what) => failures.push(what),
    })
  }

  it('[Y5] lets go of the finest first: a trend of yesterday is coarser than one of just now', () => {
    const time = { ms: START + HOUR }
    const database = openDatabase(time)
    database.append(Array.from({ length: 600 }, (_, index) => sample(START + index * 1_000, index)))
    const range = { area: 'line-3', machine: 'press-1', signal: 'force', fromMs: START, toMs: START + 600_000 }
    const resolution = () => database.read({ ...range, points: 600 })?.resolutionMs
    database.prune()
    expect(resolution()).toBe(1_000)
    time.ms = START + 24 * HOUR
    database.prune()
    expect(resolution()).toBe(10_000)
    expect(database.read({ ...range, points: 600 })?.points).toHaveLength(60)
    time.ms = START + 1_000 * 24 * HOUR
    database.prune()
    expect(database.read({ ...range, points: 600 })?.points).toEqual([])
    database.close()
  })

  it('[Y8] of an interval whose measurements are partly gone, a correction leaves the mean right and counts nothing twice', () => {
    const time = { ms: START + 900_000 }
    const database = openDatabase(time)
    // Measured over fifteen minutes; when the correction comes, the first five of them are gone.
    database.append(Array.from({ length: 15 }, (_, index) => sample(START + index * 60_000, 10 + index)))
    time.ms = START + 2 * HOUR + 300_000
    database.prune()
    database.append([sample(START + 600_000, 35)])
    const range = { area: 'line-3', machine: 'press-1', signal: 'force', fromMs: START, toMs: START + 900_000 }
    expect(database.read({ ...range, points: 1 })?.points).toEqual([[START, 10, 18, 35]])
    database.close()
  })

  it('[P8] keeps less while the file is too large', () => {
    const time = { ms: START }
    let told = 0
    const database = openDatabase(time, {
      pressure: (before, bytes) => {
        told = bytes
        return before + 1
      },
    })
    database.append(Array.from({ length: 1_000 }, (_, index) => sample(START - index * 1_000)))
    database.prune()
    expect(told).toBeGreaterThan(0)
    const range = { area: 'line-3', machine: 'press-1', signal: 'force', points: 1_000 }
    time.ms = START + 1.5 * HOUR
    const fresh = () => database.read({ ...range, fromMs: START - 60_000, toMs: START })?.resolutionMs
    // Two hours by themselves, one under pressure.
    expect(fresh()).toBe(10_000)
    database.close()
  })

  it('[P8] forgets answers under an Idempotency-Key after their time, and the oldest when there are too many', () => {
    const time = { ms: START }
    const database = openDatabase(time, { maxAnswers: 2 })
    for (const key of ['a', 'b', 'c']) {
      database.keepAnswer({ apiKey: 'k', key, bodyHash: '', status: 202, body: '' })
      time.ms += 1
    }
    database.prune()
    expect(['a', 'b', 'c'].map((key) => database.answer('k', key) !== null)).toEqual([false, true, true])
    time.ms += seriesRules.keptAnswersMs
    database.prune()
    expect(database.answer('k', 'c')).toBeNull()
    database.close()
  })
})
