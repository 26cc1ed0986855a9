import { expect, it } from 'vitest'
import type { PastResult, SearchPort, SearchResult } from './ports.ts'
import { LIMITS } from './protocol/limits.ts'
import type { SearchPage, SearchQuery } from './protocol/search.ts'
import type { PastPage, PastQuery } from './protocol/talk-past.ts'
import { EPOCH, posted } from './domain/testing/samples.ts'
import { Floor } from './testing/floor.ts'
import { settle } from './testing/virtual-clock.ts'

const FOUND: SearchPage = { hits: [], next: null, isWhole: true }

/** A server's search that answers when told. */
class FakeSearch implements SearchPort {
  readonly asked: { readonly query: SearchQuery; readonly bearer: string }[] = []
  readonly #waiting: ((result: SearchResult) => void)[] = []

  find(query: SearchQuery, bearer: string): Promise<SearchResult> {
    this.asked.push({ query, bearer })
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  readonly pastAsked: { readonly query: PastQuery; readonly bearer: string }[] = []
  answerPast: (result: PastResult) => void = () => undefined

  past(query: PastQuery, bearer: string): Promise<PastResult> {
    this.pastAsked.push({ query, bearer })
    return new Promise((resolve) => (this.answerPast = resolve))
  }

  async answer(result: SearchResult = { ok: true, value: FOUND }): Promise<void> {
    this.#waiting.shift()?.(result)
    await settle()
  }
}

async function searching() {
  const search = new FakeSearch()
  const floor = await new Floor({ search }).live()
  const window = floor.window()
  const codes = () => window.of('reply').map((reply) => (reply.ok ? 'ok' : reply.code))
  return { search, floor, window, codes }
}

it('[R86] asks the server as the person who is signed in, and answers the window that asked', async () => {
  const { search, floor, window, codes } = await searching()
  const other = floor.window()
  window.say({ t: 'search', ref: 's0', q: '금형' })
  expect(codes()).toEqual(['sign-in-needed'])
  await floor.relay.signIn('kim', '1111')
  await floor.serve()
  window.say({ t: 'search', ref: 's1', q: '금형', kinds: ['chat'] })
  expect(search.asked).toEqual([
    { query: { q: '금형', kinds: ['chat'] }, bearer: expect.stringMatching(/^token-of-kim/) },
  ])
  await search.answer()
  expect(window.of('search')).toEqual([{ t: 'search', ref: 's1', found: FOUND }])
  expect(other.of('search')).toEqual([])
  expect(JSON.stringify([window.heard, floor.bus, floor.observed])).not.toContain('token-of')
})

it('[R86] is refused without a connection, and beyond a bounded number of questions', async () => {
  const { search, floor, window, codes } = await searching()
  await floor.relay.signIn('kim', '1111')
  await floor.serve()
  for (let index = 0; index <= LIMITS.maxSearches; index += 1) window.say({ t: 'search', ref: `s${index}`, q: 'oil' })
  expect(codes()).toEqual(['rate-limited'])
  await search.answer({ ok: false, code: 'bad-request', message: 'No.' })
  expect(codes().at(-1)).toBe('bad-request')
  floor.wire.cut()
  window.say({ t: 'search', ref: 'late', q: 'oil' })
  window.say({ t: 'search', ref: 'long', q: 'x'.repeat(10_000) })
  expect(codes().slice(2)).toEqual(['unreachable', 'bad-frame'])
})

it('[R86] shows nothing that was found to whoever comes after the person who asked', async () => {
  const { search, floor, window } = await searching()
  await floor.relay.signIn('kim', '1111')
  await floor.serve()
  window.say({ t: 'search', ref: 's1', q: 'oil' })
  await floor.relay.signOut()
  await search.answer()
  expect(window.of('search')).toEqual([])
})

it('[R86] [K5] asks for what was said before in the same way, for the person who asked and for nobody after them', async () => {
  const past: PastPage = { epoch: EPOCH, events: [posted(4, 'Said before')], first: 1 }
  const { search, floor, window, codes } = await searching()
  window.say({ t: 'past', ref: 'p0', line: 'line-3', before: 5 })
  expect(codes()).toEqual(['sign-in-needed'])
  await floor.relay.signIn('kim', '1111')
  await floor.serve()
  window.say({ t: 'past', ref: 'p1', line: 'line-3', before: 5 })
  expect(search.pastAsked).toEqual([
    { query: { line: 'line-3', before: 5 }, bearer: expect.stringMatching(/^token-of-kim/) },
  ])
  search.answerPast({ ok: true, value: past })
  await settle()
  expect(window.of('past')).toEqual([{ t: 'past', ref: 'p1', past }])
  window.say({ t: 'past', ref: 'p2', line: 'line-3', before: 4 })
  await floor.relay.signOut()
  search.answerPast({ ok: true, value: past })
  await settle()
  expect(window.of('past')).toHaveLength(1)
})
