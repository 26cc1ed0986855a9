import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { v7 as uuidv7 } from 'uuid'
import type { CommandId, SessionId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { AlertRecord, OrderRecord } from '../../relay/protocol/records.ts'
import type { SearchHit, SearchPage } from '../../relay/protocol/search.ts'
import type { SearchFinder, SearchQuestion } from '../ports/search.ts'
import { named } from '../testing/attachments.ts'
import { DEVICE, openFloor, problemIn, type Floor } from '../testing/http-floor.ts'
import { sha256 } from './hashes.ts'

let floor: Floor
beforeAll(async () => {
  floor = await openFloor()
  await floor.store.putApiKey({
    id: 'k1',
    name: 'MES line 1',
    hash: sha256('line-1-key'),
    role: 'operator',
    areas: ['line-1'],
  })
})
afterAll(() => floor.close())

const LINE_1 = { authorization: 'Bearer line-1-key' }
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

async function command(type: string, data: object): Promise<CommandId> {
  const id = uuidv7() as CommandId
  const source = { kind: 'api', keyId: await keyId(), idempotency: null } as const
  const { verdict } = await floor.submit({ source, id, type, data })
  expect(verdict).toMatchObject({ kind: 'done', outcome: { outcome: 'applied' } })
  return id
}

async function keyId(): Promise<string> {
  return (await floor.store.apiKeyByHash(sha256('demo-key')))?.id ?? ''
}

const ask = (query: Record<string, string>, headers: Record<string, string> = {}) =>
  floor.call('GET', `/api/search?${new URLSearchParams(query)}`, undefined, headers)

async function hits(
  query: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<readonly SearchHit[]> {
  const response = await ask(query, headers)
  expect(response.statusCode).toBe(200)
  return response.json<SearchPage>().hits
}

async function signIn(operator: string, pin: string) {
  const response = await floor.call(
    'POST',
    '/api/sessions',
    { operator, pin },
    { ...bearer(floor.deviceToken(DEVICE)), 'andon-refresh': 'body' },
  )
  return response.json<{ session: SessionId; accessToken: string }>()
}

describe('what is found', () => {
  it('[Q1] [Q2] is what was said, planned and raised, at once', async () => {
    const message = await command('chat.post', { line: 'line-3', text: '금형을 교체했습니다' })
    expect(await hits({ q: '금형' })).toEqual([
      {
        kind: 'chat',
        area: 'line-3',
        id: message,
        at: expect.any(String),
        by: expect.any(String),
        title: null,
        text: { text: '금형을 교체했습니다', marks: [[0, 2]] },
      },
    ])
    const order = {
      area: 'line-3',
      number: 'WO-7071',
      title: '금형 점검',
      quantity: 1,
      note: 'Behind the zirconia oven',
    }
    const made = (await floor.call('POST', '/api/orders', order)).json<OrderRecord>()
    expect(await hits({ q: 'zirconia' })).toMatchObject([
      { kind: 'orders', id: made.id, title: { text: 'WO-7071 금형 점검' } },
    ])
    expect(await hits({ q: '금형', kinds: 'orders,alerts' })).toMatchObject([{ id: made.id }])
    await floor.call('PATCH', `/api/orders/${made.id}`, { fields: { note: 'Beside it' }, baseVersion: 1 })
    expect(await hits({ q: 'zirconia' })).toEqual([])
  })

  it('[Q7] is the order of just this number first', async () => {
    const order = { area: 'line-2', number: 'WO-4711', title: 'Deburr', quantity: 1 }
    await floor.call('POST', '/api/orders', order)
    await command('chat.post', { line: 'line-2', text: 'wo-4711 is urgent' })
    expect((await hits({ q: 'wo-4711' })).map(({ kind }) => kind)).toEqual(['orders', 'chat'])
  })

  it('[Q8] is an alert that is over, too', async () => {
    const raised = await floor.call('POST', '/api/alerts', { priority: 'P2', area: 'line-1', title: 'Coolant 누유' })
    const { id } = raised.json<AlertRecord>()
    await command('alert.ack', { id })
    await command('alert.resolve', { id })
    expect(await floor.store.record('alerts', id)).toBeNull()
    expect(await hits({ q: '누유' })).toMatchObject([{ kind: 'alerts', id, area: 'line-1' }])
  })

  it('[Q8] is a note as it was read last, with what was added to it', async () => {
    const note = { area: 'line-3', note: '2026-11-20-late' }
    await command('note.open', note)
    expect(await hits({ q: 'what late', kinds: 'notes' })).toEqual([])
    await floor.search.look()
    expect(await hits({ q: 'what late', kinds: 'notes' })).toMatchObject([
      { kind: 'notes', id: 'line-3/2026-11-20-late', area: 'line-3', title: { text: '2026-11-20-late' } },
    ])
  })

  it('[Q4] is nothing of a message that was taken back', async () => {
    const id = await command('chat.post', { line: 'line-3', text: 'quixotic words' })
    expect(await hits({ q: 'quixotic' })).toHaveLength(1)
    await command('chat.withdraw', { line: 'line-3', id })
    expect(await hits({ q: 'quixotic' })).toEqual([])
  })

  it('[Q8] is a message by the names of its files, with words or without', async () => {
    const files = [
      { ...named(Buffer.from('a sheet'), 'application/pdf'), name: '금형 도면-77.pdf' },
      { ...named(Buffer.from('a plan'), 'application/pdf'), name: 'gauge plan.pdf' },
    ]
    const share = { line: 'line-3', reply: null, mentions: [] }
    const bare = await command('chat.share', { ...share, text: '', files })
    const said = await command('chat.share', { ...share, text: 'As agreed', files: files.slice(1) })
    expect(await hits({ q: '도면' })).toMatchObject([{ kind: 'chat', id: bare, text: { marks: [[3, 5]] } }])
    expect((await hits({ q: 'gauge plan' })).map(({ id }) => id)).toEqual([said, bare])
    expect(await hits({ q: 'agreed gauge' })).toMatchObject([{ id: said, text: { text: 'As agreed\ngauge plan.pdf' } }])
    await command('chat.withdraw', { line: 'line-3', id: bare })
    expect(await hits({ q: '도면' })).toEqual([])
  })

  it('[Q1] is found by the next look where no news of it came', async () => {
    const id = uuidv7() as CommandId
    const source = { kind: 'api', keyId: await keyId(), idempotency: null } as const
    await floor.store.submit({ source, id, type: 'chat.post', data: { line: 'line-3', text: 'unheard-of 소식' } })
    await floor.search.look()
    expect(await hits({ q: '소식' })).toMatchObject([{ id }])
  })
})

describe('[Q3] rights', () => {
  it('are those of this moment, in the first page and in every other', async () => {
    for (let index = 0; index < LIMITS.maxSearchHits + 5; index += 1) {
      await command('chat.post', { line: 'line-3', text: `rights ${index}` })
      await command('chat.post', { line: 'line-1', text: `rights ${index}` })
    }
    await floor.store.putOperator({ ...(await operator('kim')), areas: ['line-1', 'line-3'] })
    const { accessToken } = await signIn('kim', '1111')
    const page = (await ask({ q: 'rights' }, bearer(accessToken))).json<SearchPage>()
    expect(new Set(page.hits.map(({ area }) => area))).toEqual(new Set(['line-1', 'line-3']))
    await floor.store.putOperator({ ...(await operator('kim')), areas: ['line-1'] })
    const next = await hits({ q: 'rights', after: page.next ?? '' }, bearer(accessToken))
    expect(next.length).toBeGreaterThan(0)
    expect(new Set(next.map(({ area }) => area))).toEqual(new Set(['line-1']))
    expect(await hits({ q: 'rights', area: 'line-3' }, bearer(accessToken))).toEqual([])
  })

  it('of a key are its areas; urgent alerts are for everybody', async () => {
    await floor.call('POST', '/api/alerts', { priority: 'P0', area: 'line-3', title: 'Rights: fire' })
    const found = await hits({ q: 'rights' }, LINE_1)
    expect(found).toContainEqual(expect.objectContaining({ kind: 'alerts', area: 'line-3' }))
    expect(found.filter(({ kind }) => kind === 'chat').map(({ area }) => area)).not.toContain('line-3')
  })

  it('are a person’s or a program’s, and end with the session', async () => {
    expect(problemIn(await ask({ q: 'oil' }, bearer(floor.deviceToken(DEVICE)))).code).toBe('sign-in-needed')
    expect(problemIn(await ask({ q: 'oil' }, bearer('nonsense'))).code).toBe('bad-key')
    expect((await floor.inject({ url: '/api/search?q=oil' })).statusCode).toBe(401)
    const { session, accessToken } = await signIn('lee', '2222')
    expect(await hits({ q: 'oil' }, bearer(accessToken))).toEqual(expect.any(Array))
    const row = await floor.store.session(session)
    if (row === null) throw new Error('no session')
    await floor.store.putSession({ ...row, status: 'signed-out' }, row)
    expect(problemIn(await ask({ q: 'oil' }, bearer(accessToken))).code).toBe('session-ended')
  })

  async function operator(id: string) {
    const row = await floor.store.operator(id)
    if (row === null) throw new Error('nobody')
    return row
  }
})

describe('[Q9] whatever is asked', () => {
  it.each<[string, Record<string, string>]>([
    ['nothing', { q: '' }],
    ['only spaces', { q: '   ' }],
    ['a quote', { q: '"' }],
    ['a star', { q: '*' }],
    ['10 KB', { q: 'a'.repeat(10_000) }],
    ['no question', {}],
    ['something unknown', { q: 'oil', sort: 'at' }],
    ['a kind that there is not', { q: 'oil', kinds: 'chat,photos' }],
    ['a place that is none', { q: 'oil', after: '1; DROP TABLE items' }],
  ])('%s is a bad request in words', async (_name, query) => {
    expect(problemIn(await ask(query))).toMatchObject({ status: 400, code: 'bad-request' })
  })

  it.each(['oil AND', 'NEAR(oil', 'oil* OR "low', '금형\ud800', '%F0%9F oil'])('%j is words', async (q) => {
    expect((await ask({ q })).statusCode).toBe(200)
  })

  it('half of a character in the address is words, or a bad request', async () => {
    const response = await floor.call('GET', '/api/search?q=oil%ED%A0%80')
    expect([200, 400]).toContain(response.statusCode)
  })

  it('an area that there is not is unknown', async () => {
    expect(problemIn(await ask({ q: 'oil', area: 'line-9' })).code).toBe('unknown-area')
  })
})

describe('a floor', () => {
  const page = { kind: 'page', hits: [], next: null, isWhole: true } as const

  it('[Q1] without its search says so, and goes on', async () => {
    const find = () => Promise.reject(new Error('gone'))
    const without = await openFloor({}, () => ({ search: { find, counts: find } }))
    expect(problemIn(await without.call('GET', '/api/search?q=oil'))).toMatchObject({
      status: 503,
      code: 'unavailable',
    })
    expect((await without.call('GET', '/api/orders')).statusCode).toBe(200)
    expect((await without.call('GET', '/metrics')).body).not.toMatch(/^andon_search_items \d/m)
    await without.close()
  })

  it('[Q6] answers so many questions of one source at the same time, and of others meanwhile', async () => {
    const answer: (() => void)[] = []
    const find: SearchFinder['find'] = (_question: SearchQuestion) =>
      new Promise((resolve) => answer.push(() => resolve(page)))
    const counts = () => Promise.resolve({ items: 7, bytes: 70 })
    const busy = await openFloor({}, () => ({ search: { find, counts } }))
    await busy.store.putApiKey({ id: 'k1', name: 'other', hash: sha256('line-1-key'), role: 'operator', areas: [] })
    const url = '/api/search?q=oil'
    const asked = Array.from({ length: LIMITS.maxSearches }, () => busy.call('GET', url))
    while (answer.length < LIMITS.maxSearches) await new Promise((resolve) => setImmediate(resolve))
    expect(problemIn(await busy.call('GET', url))).toMatchObject({ status: 429, code: 'rate-limited' })
    const other = busy.call('GET', url, undefined, LINE_1)
    while (answer.length <= LIMITS.maxSearches) await new Promise((resolve) => setImmediate(resolve))
    for (const one of answer) one()
    expect((await Promise.all([...asked, other])).map(({ statusCode }) => statusCode)).toEqual(
      Array.from({ length: LIMITS.maxSearches + 1 }, () => 200),
    )
    const { body } = await busy.call('GET', '/metrics')
    for (const line of ['andon_search_items 7', 'andon_search_bytes 70', 'andon_searches_refused 1'])
      expect(body).toContain(line)
    await busy.close()
  })
})
