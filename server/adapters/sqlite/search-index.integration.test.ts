import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ChannelName } from '../../../relay/protocol/channels.ts'
import type { Epoch, Incarnation } from '../../../relay/protocol/ids.ts'
import { searchRules } from '../../core/search-words.ts'
import type { SearchIndex, SearchItem, SearchRules } from '../../ports/search.ts'
import type { Position } from '../../ports/store-reader.ts'
import { SearchDatabase } from './search-database.ts'
import { openSqliteSearch } from './search-index.ts'

const STORE = '00000000-0000-4000-8000-000000000001' as Incarnation
const OTHER_STORE = '00000000-0000-4000-8000-000000000002' as Incarnation
const CHAT = 'chat/line-3' as ChannelName
const START = Date.parse('2026-11-20T06:00:00.000Z')

let folder = ''
let failures: string[] = []
const open: { close(): Promise<void> | void }[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-search-'))
  failures = []
})
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
  await rm(folder, { recursive: true, force: true })
})

function openIndex(): SearchIndex {
  const worker = new URL('../../search-worker.ts', import.meta.url)
  const index = openSqliteSearch({ folder, worker, failed: (what) => failures.push(what) })
  open.push(index)
  return index
}

function openDatabase(rules: Partial<SearchRules> = {}): SearchDatabase {
  const database = new SearchDatabase({
    folder,
    rules: { ...searchRules, ...rules },
    failed: (what) => failures.push(what),
  })
  open.push(database)
  database.begin(STORE)
  return database
}

let offset = 0
function item(text: string, over: Partial<SearchItem> = {}): SearchItem {
  offset += 1
  return {
    kind: 'chat',
    id: `m${offset}`,
    channel: CHAT,
    offset,
    area: 'line-3',
    at: new Date(START + offset * 1000).toISOString(),
    by: 'kim',
    title: '',
    text,
    number: null,
    isStanding: false,
    ...over,
  }
}
const put = (text: string, over: Partial<SearchItem> = {}) => ({ kind: 'put', item: item(text, over) }) as const
const question = (q: string, channels: readonly string[] = [CHAT], after: string | null = null) => ({
  q,
  channels: channels as ChannelName[],
  area: null,
  after,
})

function textsOf(database: SearchDatabase, q: string, channels?: readonly string[]): readonly string[] {
  const found = database.find(question(q, channels))
  return found.kind === 'page' ? found.hits.map(({ text }) => text.text) : ['unsearchable']
}

describe('[Q1] the file', () => {
  it('goes on where it was, in a thread of its own', async () => {
    const index = openIndex()
    expect(await index.begin(STORE)).toEqual({ position: null, cursors: [] })
    const cursor = { channel: CHAT, epoch: '0'.repeat(16) as Epoch, offset: 7 }
    await index.write({ changes: [put('금형 교체')], cursor, position: 'there' as Position })
    await index.close()
    const again = openIndex()
    expect(await again.begin(STORE)).toEqual({ position: 'there', cursors: [cursor] })
    expect(await again.find(question('금형'))).toMatchObject({ kind: 'page', hits: [{ text: { marks: [[0, 2]] } }] })
    expect(await again.counts()).toMatchObject({ items: 1 })
    expect(failures).toEqual([])
  })

  it('that is no database is thrown away, and one of another store forgets everything', async () => {
    await writeFile(join(folder, 'search.sqlite'), 'not a database, but long enough to look at. '.repeat(100))
    const index = openIndex()
    expect(await index.begin(STORE)).toEqual({ position: null, cursors: [] })
    expect(failures).toEqual(['search-anew'])
    await index.write({ changes: [put('oil')], position: 'there' as Position })
    expect(await index.begin(OTHER_STORE)).toEqual({ position: null, cursors: [] })
    expect(await index.counts()).toEqual({ items: 0, bytes: 0 })
    expect(await index.find(question('oil'))).toMatchObject({ hits: [] })
  })

  it('of another schema, or made by other rules, is made anew', () => {
    const db = new Database(join(folder, 'search.sqlite'))
    db.pragma('user_version = 99')
    db.close()
    const database = openDatabase()
    expect(failures).toEqual(['search-anew'])
    database.write({ changes: [put('oil')] })
    database.close()
    expect(openDatabase({ version: searchRules.version + 1 }).counts().items).toBe(0)
  })

  it('that turns out to be damaged is thrown away, and the next call begins anew', async () => {
    const index = openIndex()
    await index.begin(STORE)
    await index.write({ changes: Array.from({ length: 2_000 }, () => put('press oil')), position: 'there' as Position })
    await index.close()
    const file = join(folder, 'search.sqlite')
    const bytes = await readFile(file)
    await writeFile(file, bytes.fill(0x55, 4096))
    const again = openIndex()
    // Where it is noticed, at the opening or by a question, depends on which page it is.
    await again.begin(STORE).catch(() => null)
    expect(await again.begin(STORE)).toEqual({ position: null, cursors: [] })
  })

  it('that cannot be opened refuses every call, and nothing else', async () => {
    await rm(folder, { recursive: true })
    await writeFile(folder, 'a file where the folder should be')
    const index = openIndex()
    await expect(index.begin(STORE)).rejects.toThrow()
    await expect(index.find(question('oil'))).rejects.toThrow()
  })
})

describe('what is in it', () => {
  it('[Q5] takes the same thing again for itself, a later one in its place, and an older one not at all', () => {
    const database = openDatabase()
    const first = put('oil is low', { id: 'a', offset: 5 })
    database.write({ changes: [first, first] })
    expect(database.counts().items).toBe(1)
    database.write({ changes: [put('oil is full', { id: 'a', offset: 6 }), first] })
    expect([textsOf(database, 'oil'), textsOf(database, 'low')]).toEqual([['oil is full'], []])
  })

  it('[Q5] writes a batch whole or not at all', () => {
    const database = openDatabase()
    const broken = put('oil', { offset: Number.NaN })
    expect(() => database.write({ changes: [put('oil'), broken], position: 'there' as Position })).toThrow()
    expect(database.counts().items).toBe(0)
    expect(database.begin(STORE).position).toBeNull()
  })

  it('[Q4] what was taken back leaves every page of the file', async () => {
    const database = openDatabase()
    const texts = Array.from({ length: 300 }, (_, index) => put(`nothing of note ${index}`))
    database.write({ changes: [...texts, put('zyxwvut', { id: 'secret' }), ...texts.map(() => put('more of it'))] })
    database.write({ changes: [{ kind: 'drop', of: 'chat', id: 'secret' }] })
    expect(textsOf(database, 'zyxwvut')).toEqual([])
    database.close()
    const bytes = await readFile(join(folder, 'search.sqlite'), 'latin1')
    expect(bytes).not.toContain('zyxwvut')
    expect(bytes).not.toContain('zyx')
  })

  it('[Q8] what ended is found until its events are gone, what stands for ever', () => {
    const database = openDatabase()
    const alerts = 'alerts/line-3' as ChannelName
    const alert = (id: string, at: number) =>
      put(`oil ${id}`, { kind: 'alerts', id, channel: alerts, offset: at, isStanding: true })
    database.write({ changes: [alert('one', 1), alert('two', 2)] })
    database.write({ changes: [{ kind: 'ended', of: 'alerts', id: 'one', channel: alerts, offset: 3 }] })
    database.write({ changes: [{ kind: 'expire', channel: alerts, offset: 2 }] })
    expect(textsOf(database, 'oil', [alerts])).toEqual(['oil two', 'oil one'])
    database.write({ changes: [{ kind: 'expire', channel: alerts, offset: 3 }] })
    expect(textsOf(database, 'oil', [alerts])).toEqual(['oil two'])
    database.write({ changes: [{ kind: 'forget', channel: alerts }] })
    expect(database.counts()).toEqual({ items: 0, bytes: 0 })
  })

  it('[Q6] is bounded in each area, in all and in bytes, and what is oldest goes', () => {
    const database = openDatabase({ maxItemsPerScope: 5, maxItems: 7, maxBytes: 200, maxTextLength: 40 })
    const other = { channel: 'chat/line-1' as ChannelName, area: 'line-1' }
    database.write({ changes: Array.from({ length: 9 }, (_, index) => put(`oil ${index}`)) })
    expect(textsOf(database, 'oil')).toEqual(['oil 8', 'oil 7', 'oil 6', 'oil 5', 'oil 4'])
    database.write({ changes: Array.from({ length: 4 }, (_, index) => put(`oil ${index}`, other)) })
    expect(textsOf(database, 'oil', [other.channel])).toHaveLength(4)
    expect(textsOf(database, 'oil')).toEqual(['oil 8', 'oil 7', 'oil 6'])
    database.write({ changes: Array.from({ length: 4 }, () => put('oil '.repeat(100), other)) })
    expect(database.counts().bytes).toBeLessThanOrEqual(200)
    expect(textsOf(database, 'oil', [other.channel])[0]).toHaveLength(40)
  })
})

describe('what is found', () => {
  it('[Q3] is only what is in the channels of whoever asks, in one page and in the next', () => {
    const database = openDatabase({ pageSize: 2 })
    const one = { channel: 'chat/line-1' as ChannelName, area: 'line-1' }
    database.write({ changes: [0, 1, 2, 3].flatMap((index) => [put(`oil ${index}`), put(`oil one ${index}`, one)]) })
    const both = database.find(question('oil', [CHAT, 'chat/line-1']))
    expect(both).toMatchObject({ hits: [{ area: 'line-1' }, { area: 'line-3' }] })
    const next = both.kind === 'page' ? both.next : null
    expect(database.find(question('oil', [CHAT], next))).toMatchObject({
      hits: [{ text: { text: 'oil 2' } }, { text: { text: 'oil 1' } }],
    })
    expect(database.find(question('oil', []))).toEqual({ kind: 'page', hits: [], next: null })
    expect(database.find({ ...question('oil', [CHAT, 'chat/line-1']), area: 'line-1' })).toMatchObject({
      hits: [{ area: 'line-1' }, { area: 'line-1' }],
    })
  })

  it('[Q3] is only that where the areas are many, too', () => {
    const database = openDatabase()
    const channels = Array.from({ length: 600 }, (_, index) => `chat/area-${index}` as ChannelName)
    database.write({
      changes: channels.map((channel, index) => put(`oil ${index}`, { channel, area: `area-${index}` })),
    })
    expect(textsOf(database, 'oil', channels.slice(0, 599))[0]).toBe('oil 598')
  })

  it('[Q7] is the order of just this number first, then the newest, each once in all pages', () => {
    const database = openDatabase({ pageSize: 3 })
    const order = { kind: 'orders', title: 'A-1 Change the tool', number: 'A-1', isStanding: true } as const
    database.write({
      changes: [put('x', order), ...Array.from({ length: 8 }, (_, index) => put(`about a-1: ${index}`))],
    })
    const seen: string[] = []
    for (let after: string | null = null, pages = 0; pages === 0 || after !== null; pages += 1) {
      const found = database.find(question(' a-1 ', [CHAT], after))
      if (found.kind !== 'page') throw new Error('unsearchable')
      seen.push(...found.hits.map(({ kind, text }) => (kind === 'orders' ? 'the order' : text.text.slice(-1))))
      after = found.next
    }
    expect(seen).toEqual(['the order', '7', '6', '5', '4', '3', '2', '1', '0'])
  })

  it('[Q6] is answered in part, with a place to go on from, where too much was looked at', () => {
    const database = openDatabase({ maxLookedAt: 10 })
    // The pieces of the word are there, the word is not.
    database.write({ changes: [put('abcab'), ...Array.from({ length: 25 }, () => put('abc bca cab'))] })
    let after: string | null = null
    const hits: number[] = []
    do {
      const found = database.find(question('abcab', [CHAT], after))
      if (found.kind !== 'page') throw new Error('unsearchable')
      hits.push(found.hits.length)
      after = found.next
    } while (after !== null)
    expect(hits).toEqual([0, 0, 1])
  })

  it.each(['"', '*', '   ', '\ud800'])('[Q9] nothing to look for in %j is said', (q) => {
    expect(openDatabase().find(question(q))).toEqual({ kind: 'unsearchable' })
  })

  it.each(['oil AND low', 'oil NEAR(low', 'oil* "low', 'pieces:oil low', '- oil low', "oil'; DROP TABLE items; low"])(
    '[Q9] %s is words and no operators',
    (q) => {
      const database = openDatabase()
      database.write({ changes: [put('oil and low near drop table items pieces')] })
      expect(textsOf(database, q)).toHaveLength(1)
    },
  )
})
