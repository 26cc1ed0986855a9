import { expect, it } from 'vitest'
import { httpSeries } from './http-series.ts'

const QUERY = {
  area: 'line-3',
  machine: 'press-1',
  signal: 'force',
  from: '2026-11-20T06:00:00.000Z',
  to: '2026-11-20T07:00:00.000Z',
  points: 10,
} as const
const PAGE = { points: [[0, 1, 2, 3]], unit: 'kN', resolutionMs: 1000, next: null }

function seriesAnswering(answer: () => Response) {
  const asked: { url: string; init: RequestInit | undefined }[] = []
  const series = httpSeries({
    serverUrl: 'http://server.test/base',
    fetch: (url, init) => {
      asked.push({ url: url instanceof Request ? url.url : String(url), init })
      return Promise.resolve().then(answer)
    },
  })
  return { series, asked }
}

it('asks below the server’s base, the token in a header and never in the address (A5)', async () => {
  const { series, asked } = seriesAnswering(() => Response.json(PAGE))
  expect(await series.read(QUERY, 'secret')).toEqual({ ok: true, value: PAGE })
  expect(asked[0]?.url).toBe(
    'http://server.test/base/api/telemetry/line-3/press-1/force?from=2026-11-20T06%3A00%3A00.000Z&to=2026-11-20T07%3A00%3A00.000Z&points=10',
  )
  expect(asked[0]?.init?.headers).toMatchObject({ Authorization: 'Bearer secret' })
})

it.each<[string, () => Response, string]>([
  ['a refusal of the server', () => Response.json({ code: 'forbidden', detail: 'No.' }, { status: 403 }), 'forbidden'],
  ['a code of a newer server', () => Response.json({ code: 'new', detail: '' }, { status: 503 }), 'unavailable'],
  ['the page of a proxy', () => new Response('<html>', { status: 200 }), 'unreachable'],
  ['an answer of another shape', () => Response.json({ points: 'many' }), 'unreachable'],
  [
    'no answer',
    () => {
      throw new TypeError('fetch failed')
    },
    'unreachable',
  ],
])('%s is a value, never an exception', async (_name, answer, code) => {
  expect(await seriesAnswering(answer).series.read(QUERY, 'secret')).toMatchObject({ ok: false, code })
})
