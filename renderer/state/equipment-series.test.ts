import { expect, test } from 'vitest'
import type { SeriesPoint, SeriesQuery } from '../../relay/protocol/telemetry.ts'
import type { WindowClient } from '../../relay/window.ts'
import { columnsOf, lonePoints, MAX_PAGES, pointAt, RANGE, readTrend, withDetail } from './equipment-series.ts'

const NOW = Date.parse('2026-11-20T06:00:00.000Z')
const PRESS = { area: 'line-3', machine: 'press-1', signal: 'oil', range: '1h', now: NOW, points: 600 } as const

/** A server with a minute per page, which says where to go on. */
function server(pages: number) {
  const asked: SeriesQuery[] = []
  const relay: Pick<WindowClient, 'series'> = {
    async series(query) {
      asked.push(query)
      const at = Date.parse(query.from)
      const next = asked.length < pages ? new Date(at + 60_000).toISOString() : null
      const points: SeriesPoint[] = [[at, 1, 2, 3]]
      return { ok: true, page: { points, unit: '°C', resolutionMs: 60_000, next } }
    },
  }
  return { relay, asked }
}

test('a range is read page by page until its end', async () => {
  const { relay, asked } = server(3)
  const reply = await readTrend(relay, PRESS)
  expect(asked.map(({ from }) => from)).toEqual([
    '2026-11-20T05:00:00.000Z',
    '2026-11-20T05:01:00.000Z',
    '2026-11-20T05:02:00.000Z',
  ])
  expect(reply).toMatchObject({ ok: true, trend: { unit: '°C', from: NOW - RANGE['1h'].ms, to: NOW } })
  expect(reply.ok && reply.trend.points).toHaveLength(3)
})

test('[P8] a range that does not end is not read for ever, and a part is not given for the whole', async () => {
  const { relay, asked } = server(Number.POSITIVE_INFINITY)
  expect(await readTrend(relay, PRESS)).toMatchObject({ ok: false })
  expect(asked).toHaveLength(MAX_PAGES)
})

test('what cannot be read says why', async () => {
  const relay: Pick<WindowClient, 'series'> = {
    series: async () => ({ ok: false, code: 'unreachable', message: 'The server cannot be reached now.' }),
  }
  expect(await readTrend(relay, PRESS)).toMatchObject({ ok: false, code: 'unreachable' })
})

test('[P5] a gap in the data is a gap in the line', () => {
  const points: SeriesPoint[] = [
    [0, 1, 1, 1],
    [1_000, 2, 2, 2],
    [9_000, 3, 3, 3],
  ]
  const { seconds, mean } = columnsOf({ points, resolutionMs: 1_000 })
  expect(seconds).toEqual([0, 1, 5, 9])
  expect(mean).toEqual([1, 2, null, 3])
})

test('[P5] a sensor that is read once a minute has a line, and its gap is what is longer than its own pace', () => {
  const points: SeriesPoint[] = [0, 60, 120, 180, 600, 660].map((second) => [second * 1_000, 1, 2, 3])
  const { seconds, mean } = columnsOf({ points, resolutionMs: 1_000 })
  expect(seconds).toEqual([0, 60, 120, 180, 390, 600, 660])
  expect(mean).toEqual([2, 2, 2, 2, null, 2, 2])
})

test('what stands alone between gaps is drawn as a point', () => {
  expect(lonePoints([1])).toEqual([0])
  expect(lonePoints([1, null, 2, null, 3, 4, null, 5])).toEqual([0, 2, 7])
  expect(lonePoints([null, 1, 2])).toEqual([])
})

test('where only another value of the chart has a row, a line goes on', () => {
  expect(lonePoints([1, undefined, 2, undefined])).toEqual([])
  expect(lonePoints([1, undefined, null, undefined, 2, 3])).toEqual([0])
})

test('what is said of a moment is the point nearest to it', () => {
  const points = [0, 10, 20].map((at): [number, number, number, number] => [at, at, at, at])
  expect(pointAt(points, 13)?.[0]).toBe(10)
  expect(pointAt(points, 16)?.[0]).toBe(20)
  expect(pointAt(points, -5)?.[0]).toBe(0)
  expect(pointAt(points, 99)?.[0]).toBe(20)
  expect(pointAt([], 1)).toBeNull()
})

test('a part that was read more closely stands in the whole, and neither breaks the other’s line', () => {
  const points = (from: number, to: number, step: number): SeriesPoint[] =>
    Array.from({ length: (to - from) / step + 1 }, (_, n) => [from + n * step, n, n, n])
  const whole = { points: points(0, 3_600_000, 60_000), unit: 'bar', resolutionMs: 60_000, from: 0, to: 3_600_000 }
  const near = { points: points(600_000, 900_000, 1_000), unit: 'bar', resolutionMs: 1_000, from: 600_000, to: 900_000 }
  const both = withDetail(whole, near)
  expect(both).toMatchObject({ from: 0, to: 3_600_000, resolutionMs: 1_000 })
  expect(pointAt(both.points, 700_400)?.[0]).toBe(700_000)
  const { seconds, mean } = columnsOf(both)
  expect(seconds).toHaveLength(10 + 301 + 45)
  expect(seconds).toEqual(seconds.toSorted((a, b) => a - b))
  expect(mean).not.toContain(null)
  // What is no closer tells nothing new.
  expect(withDetail(whole, { ...near, resolutionMs: 60_000 })).toBe(whole)
  expect(withDetail(whole, null)).toBe(whole)
})
