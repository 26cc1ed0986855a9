/** The suite every history runs. `open` starts from an empty place, `reopen` closes and opens the same place again. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KeptAnswer, SeriesRange, SeriesSample, SeriesStore } from './series.ts'

export interface SeriesHarness {
  open(): Promise<SeriesStore>
  reopen(series: SeriesStore): Promise<SeriesStore>
  dispose(): Promise<void>
}

const MINUTE = 60_000
/** A whole ten minutes ago, so that intervals are whole, too. */
const START = Math.floor(Date.now() / (10 * MINUTE)) * 10 * MINUTE - 10 * MINUTE

export function seriesContract(name: string, createHarness: () => SeriesHarness): void {
  describe(`series contract: ${name}`, () => {
    let harness: SeriesHarness
    let series: SeriesStore

    beforeEach(async () => {
      harness = createHarness()
      series = await harness.open()
    })
    afterEach(async () => {
      await series.close()
      await harness.dispose()
    })

    const sample = (atMs: number, value: number, over: Partial<SeriesSample> = {}): SeriesSample => ({
      area: 'line-3',
      machine: 'press-1',
      signal: 'force',
      unit: 'kN',
      atMs,
      value,
      ...over,
    })
    const read = (over: Partial<SeriesRange> = {}) =>
      series.read({
        area: 'line-3',
        machine: 'press-1',
        signal: 'force',
        fromMs: START,
        toMs: START + 10 * MINUTE,
        points: 100,
        ...over,
      })

    it('[Y5] reads back what was appended before, and nothing of a signal nobody knows', async () => {
      expect(series.append([sample(START, 1), sample(START + 1_000, 3)])).toBe(true)
      expect(await read({ toMs: START + 10_000 })).toMatchObject({
        unit: 'kN',
        points: [
          [START, 1, 1, 1],
          [START + 1_000, 3, 3, 3],
        ],
        nextMs: null,
      })
      expect(await read({ signal: 'oil' })).toBeNull()
      expect(await read({ fromMs: START - MINUTE, toMs: START })).toMatchObject({ points: [] })
    })

    it('[Y5] joins measurements to intervals with lowest, mean and highest, over batches and out of order', async () => {
      const half = Array.from({ length: 300 }, (_, index) => sample(START + index * 2_000, index % 5))
      series.append(half.slice(150))
      await read()
      series.append(half.slice(0, 150))
      const page = await read({ points: 10 })
      expect(page?.resolutionMs).toBe(MINUTE)
      expect(page?.points).toEqual(Array.from({ length: 10 }, (_, index) => [START + index * MINUTE, 0, 2, 4]))
    })

    it('[Y5] takes the same measurement once, however often it comes', async () => {
      for (let count = 0; count < 3; count += 1) series.append([sample(START, 10), sample(START + 1, 20)])
      expect((await read({ points: 10 }))?.points).toEqual([[START, 10, 15, 20]])
    })

    it('[Y8] of several measurements of one time the last one counts, within a batch and over batches', async () => {
      series.append([1, 2, 99, 3, 2, 1].map((value) => sample(START, value)))
      expect((await read())?.points).toEqual([[START, 1, 1, 1]])
      series.append([sample(START, 99)])
      series.append([sample(START, 4)])
      expect((await read())?.points).toEqual([[START, 4, 4, 4]])
    })

    it('[Y8] a correction is in every interval: nothing of what it corrects stays, whichever end it was', async () => {
      const values = [5, -999, 7, 6, 999, 5]
      series.append(values.map((value, index) => sample(START + index * 1_000, value)))
      await read()
      series.append([sample(START + 1_000, 6), sample(START + 4_000, 8), sample(START + 6_000, 5)])
      for (const points of [60, 10, 1]) {
        const page = await read({ points, toMs: START + 10 * MINUTE })
        expect(page?.points).toEqual([[START, 5, (5 + 6 + 7 + 6 + 8 + 5 + 5) / 7, 8]])
      }
    })

    it('[Y5] keeps signals, machines and areas apart', async () => {
      series.append([
        sample(START, 1),
        sample(START, 2, { signal: 'oil', unit: '°C' }),
        sample(START, 3, { machine: 'press-2' }),
        sample(START, 4, { area: 'line-1' }),
      ])
      const value = async (over: Partial<SeriesRange>) => (await read(over))?.points[0]?.[1]
      expect([
        await value({}),
        await value({ signal: 'oil' }),
        await value({ machine: 'press-2' }),
        await value({ area: 'line-1' }),
      ]).toEqual([1, 2, 3, 4])
      expect((await read({ signal: 'oil' }))?.unit).toBe('°C')
    })

    it('[Y5] bounds a page, and says where the next one begins: nothing is missed or repeated', async () => {
      const COUNT = 45_000
      for (let from = 0; from < COUNT; from += 5_000) {
        series.append(Array.from({ length: 5_000 }, (_, index) => sample(START + (from + index) * 10, from + index)))
      }
      const seen: number[] = []
      let fromMs = START
      for (let pages = 0; pages < 9; pages += 1) {
        const page = await read({ fromMs, toMs: START + COUNT * 10, points: 450 })
        if (page === null) throw new Error('no page')
        seen.push(...page.points.map(([at]) => at))
        if (page.nextMs === null) break
        fromMs = page.nextMs
      }
      const steps = new Set(seen.slice(1).map((at, index) => at - (seen[index] ?? 0)))
      expect([seen[0], new Set(seen).size === seen.length, [...steps].every((step) => step > 0)]).toEqual([
        START,
        true,
        true,
      ])
      expect(seen.at(-1)).toBeGreaterThan(START + COUNT * 10 - 10_000)
    })

    it('[Y4] survives a restart with everything that was written', async () => {
      series.append([sample(START, 7)])
      series = await harness.reopen(series)
      expect((await read())?.points).toMatchObject([[expect.any(Number), 7, 7, 7]])
      expect(series.counts()).toEqual({ waiting: 0, lost: 0 })
    })

    it('[X2] keeps the first answer under an Idempotency-Key, for its API key alone', async () => {
      const answer: KeptAnswer = { apiKey: 'k1', key: 'once', bodyHash: 'h', status: 202, body: '{"taken":1}' }
      expect(await series.answer('k1', 'once')).toBeNull()
      await series.keepAnswer(answer)
      await series.keepAnswer({ ...answer, bodyHash: 'other' })
      series = await harness.reopen(series)
      expect(await series.answer('k1', 'once')).toEqual(answer)
      expect(await series.answer('k2', 'once')).toBeNull()
    })

    it('[X2] takes no failure for an answer: what earlier versions kept gives way', async () => {
      const failure: KeptAnswer = { apiKey: 'k1', key: 'failed', bodyHash: 'h', status: 503, body: '{}' }
      await series.keepAnswer(failure)
      expect(await series.answer('k1', 'failed')).toBeNull()
      const answer = { ...failure, status: 202, body: '{"taken":1}' }
      await series.keepAnswer(answer)
      await series.keepAnswer(failure)
      expect(await series.answer('k1', 'failed')).toEqual(answer)
    })

    it('[Y4] is closed for good', async () => {
      const own = await harness.reopen(series)
      await own.close()
      expect(own.append([sample(START, 1)])).toBe(false)
      expect(own.counts().lost).toBe(1)
      await expect(own.answer('k1', 'once')).rejects.toThrow()
      series = own
    })
  })
}
