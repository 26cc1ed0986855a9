import { expect, it } from 'vitest'
import type { SearchHit, SearchPage, SearchQuery } from '../../relay/protocol/search.ts'
import type { SearchReply } from '../../relay/window.ts'
import { MAX_RESULTS, Searching, TYPED_MS } from './search.ts'

const hit = (id: string): SearchHit => ({
  kind: 'chat',
  area: 'line-3',
  id,
  at: '2026-11-20T06:00:00.000Z',
  by: 'kim',
  title: null,
  text: { text: id, marks: [] },
})
const found = (...ids: readonly string[]): SearchPage => ({ hits: ids.map(hit), next: null, isWhole: true })

/** A search whose time and answers the test gives. */
function searching() {
  const asked: SearchQuery[] = []
  const waiting: ((reply: SearchReply) => void)[] = []
  const timers = new Map<() => void, number>()
  const search = new Searching({
    relay: {
      search(query) {
        asked.push(query)
        return new Promise((resolve) => waiting.push(resolve))
      },
    },
    after(ms, call) {
      timers.set(call, ms)
      return () => timers.delete(call)
    },
  })
  return {
    search,
    asked: () => asked.map(({ q }) => q),
    queries: asked,
    shown: () => search.results.value,
    rest: () => {
      const due = [...timers]
      timers.clear()
      expect(due.map(([, ms]) => ms)).toEqual(due.map(() => TYPED_MS))
      for (const [call] of due) call()
    },
    answer: async (reply: SearchReply) => {
      waiting.shift()?.(reply)
      await Promise.resolve()
      await Promise.resolve()
      await Promise.resolve()
    },
  }
}

it('[F11] asks once nothing more is typed, and nothing for spaces', async () => {
  const { search, asked, shown, rest, answer } = searching()
  for (const text of ['금', '금혀', '금형', ' 금형 ']) search.type(text)
  expect([asked(), shown().kind]).toEqual([[], 'asking'])
  rest()
  expect(asked()).toEqual(['금형'])
  await answer({ ok: true, found: found('a') })
  expect(shown()).toMatchObject({ kind: 'found', q: '금형', hits: [{ id: 'a' }], isAsking: false })
  search.type('   ')
  rest()
  expect([asked().length, shown().kind]).toEqual([1, 'nothing'])
})

it('[F11] has one question under way, shows no answer to what was typed before, and asks what stands there by then', async () => {
  const { search, asked, shown, rest, answer } = searching()
  search.type('oil')
  rest()
  for (const text of ['oil l', 'oil lo', 'oil low']) {
    search.type(text)
    rest()
  }
  expect(asked()).toEqual(['oil'])
  await answer({ ok: true, found: found('old') })
  expect([asked(), shown().kind]).toEqual([['oil', 'oil low'], 'asking'])
  await answer({ ok: true, found: found('new') })
  expect(shown()).toMatchObject({ q: 'oil low', hits: [{ id: 'new' }] })
  search.type('oil high')
  expect(shown()).toMatchObject({ hits: [{ id: 'new' }], isAsking: true })
})

it('[F11] adds pages without showing anything twice, up to a bound', async () => {
  const { search, queries, shown, rest, answer } = searching()
  search.type('oil')
  rest()
  const first = Array.from({ length: MAX_RESULTS - 1 }, (_, index) => `m${index}`)
  await answer({ ok: true, found: { ...found(...first), next: '7' } })
  void search.more()
  void search.more()
  expect(queries.slice(1)).toEqual([{ q: 'oil', after: '7' }])
  await answer({ ok: true, found: { ...found('m0', 'x', 'y'), next: '6' } })
  const results = shown()
  if (results.kind !== 'found') throw new Error(results.kind)
  expect([results.hits.length, results.hits.at(-1)?.id, results.next]).toEqual([MAX_RESULTS, 'x', null])
})

it('[F11] says why nothing can be searched, asks again on a press, and nothing once it is left', async () => {
  const { search, asked, shown, rest, answer } = searching()
  search.type('oil')
  rest()
  await answer({ ok: false, code: 'unreachable', message: null })
  expect(shown()).toEqual({ kind: 'refused', code: 'unreachable' })
  search.again()
  expect(asked()).toEqual(['oil', 'oil'])
  search.leave()
  await answer({ ok: true, found: found('a') })
  expect(shown().kind).toBe('asking')
})
