import { expect, it } from 'vitest'
import { httpSearch } from './http-search.ts'

const PAGE = {
  hits: [
    {
      kind: 'chat',
      area: 'line-3',
      id: 'm1',
      at: '2026-11-20T06:00:00.000Z',
      by: 'kim',
      title: null,
      text: { text: '금형 교체', marks: [[0, 2]] },
    },
  ],
  next: '17',
  isWhole: true,
}

function searchAnswering(answer: () => Response) {
  const asked: { url: string; init: RequestInit | undefined }[] = []
  const search = httpSearch({
    serverUrl: 'http://server.test/base',
    fetch: (url, init) => {
      asked.push({ url: url instanceof Request ? url.url : String(url), init })
      return Promise.resolve().then(answer)
    },
  })
  return { search, asked }
}

it('asks below the server’s base, whatever is in the words, the token in a header and never in the address (A5)', async () => {
  const { search, asked } = searchAnswering(() => Response.json(PAGE))
  const query = { q: '금형 &"*', kinds: ['chat', 'notes'], area: 'line-3', after: '20' } as const
  expect(await search.find({ ...query, kinds: [...query.kinds] }, 'secret')).toEqual({ ok: true, value: PAGE })
  const url = new URL(asked[0]?.url ?? '')
  expect(url.origin + url.pathname).toBe('http://server.test/base/api/search')
  expect(Object.fromEntries(url.searchParams)).toEqual({
    q: '금형 &"*',
    kinds: 'chat,notes',
    area: 'line-3',
    after: '20',
  })
  expect(asked[0]?.init?.headers).toMatchObject({ Authorization: 'Bearer secret' })
})

it('reads what was said before below the same base, and takes nothing of another shape', async () => {
  const past = { epoch: '00000000000000aa', events: [], first: 1 }
  const { search, asked } = searchAnswering(() => Response.json(past))
  expect(await search.past({ line: 'line-3', before: 41 }, 'secret')).toEqual({ ok: true, value: past })
  expect(asked[0]?.url).toBe('http://server.test/base/api/chat/line-3?before=41')
  const other = searchAnswering(() => Response.json({ ...past, events: [{ offset: 'one' }] })).search
  expect(await other.past({ line: 'line-3', before: 41 }, 'secret')).toMatchObject({ code: 'unreachable' })
})

it.each<[string, () => Response, string]>([
  [
    'a refusal of the server',
    () => Response.json({ code: 'bad-request', detail: 'No.' }, { status: 400 }),
    'bad-request',
  ],
  ['the page of a proxy', () => new Response('<html>', { status: 200 }), 'unreachable'],
  ['an answer of another shape', () => Response.json({ hits: [{ ...PAGE.hits[0], kind: 'photos' }] }), 'unreachable'],
  [
    'no answer',
    () => {
      throw new TypeError('fetch failed')
    },
    'unreachable',
  ],
])('%s is a value, never an exception', async (_name, answer, code) => {
  expect(await searchAnswering(answer).search.find({ q: 'oil' }, 'secret')).toMatchObject({ ok: false, code })
})
