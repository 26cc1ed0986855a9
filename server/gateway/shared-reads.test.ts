import { describe, expect, it } from 'vitest'
import { parseChannel, type Channel } from '../../relay/protocol/channels.ts'
import type { Epoch, EventId } from '../../relay/protocol/ids.ts'
import type { EventPage } from '../ports/store-reader.ts'
import { Deflater } from './ends/deflater.ts'
import { SharedReads } from './shared-reads.ts'

const CHAT = named('chat/line-3')
const EPOCH = '0123456789abcdef' as Epoch

function named(name: string): Channel {
  const channel = parseChannel(name)
  if (channel === null) throw new Error(name)
  return channel
}

function world(top: number, deflater: Deflater | null = null) {
  const state = { reads: 0, now: 0, top, broken: false }
  const store = {
    events: (_channel: string, after: { offset: number }): Promise<EventPage> => {
      state.reads += 1
      if (state.broken) return Promise.reject(new Error('disk'))
      const offsets = Array.from({ length: state.top - after.offset }, (_, index) => after.offset + index + 1)
      const events = offsets.map((offset) => ({
        offset,
        id: `${offset}` as EventId,
        type: 'chat.posted',
        at: '',
        data: null,
      }))
      return Promise.resolve({ epoch: EPOCH, events, top: state.top, gone: false })
    },
    lastEvents: () => {
      state.reads += 1
      return Promise.resolve([])
    },
    records: (_channel: string, after: string | null) => {
      state.reads += 1
      return Promise.resolve({ records: [], next: after === null ? 'a' : null })
    },
  }
  return { state, reads: new SharedReads(store, () => state.now, deflater) }
}

it('[V6] reads once for everybody at the same cursor, and gives the same bytes', async () => {
  const { state, reads } = world(3)
  const pages = await Promise.all([0, 0, 0, 1].map((offset) => reads.page(CHAT, { epoch: EPOCH, offset })))
  expect(state.reads).toBe(2)
  expect(pages[0]?.bytes).toBe(pages[2]?.bytes)
  expect(pages.map(({ last }) => last)).toEqual([3, 3, 3, 3])
})

it('reads again after a while, and at once where there was nothing', async () => {
  const { state, reads } = world(3)
  await reads.page(CHAT, { epoch: EPOCH, offset: 0 })
  state.now = 2000
  await reads.page(CHAT, { epoch: EPOCH, offset: 0 })
  expect(state.reads).toBe(2)
  expect(await reads.page(CHAT, { epoch: EPOCH, offset: 3 })).toMatchObject({ bytes: null, last: 3 })
  state.top = 4
  expect(await reads.page(CHAT, { epoch: EPOCH, offset: 3 })).toMatchObject({ last: 4 })
})

it('[V6] forgets what failed, and never keeps more than its bound', async () => {
  const { state, reads } = world(1000)
  state.broken = true
  await expect(reads.page(CHAT, { epoch: EPOCH, offset: 0 })).rejects.toThrow('disk')
  state.broken = false
  for (let offset = 0; offset < 100; offset += 1) await reads.page(CHAT, { epoch: EPOCH, offset })
  const before = state.reads
  await reads.page(CHAT, { epoch: EPOCH, offset: 99 })
  expect(state.reads).toBe(before)
  await reads.page(CHAT, { epoch: EPOCH, offset: 0 })
  expect(state.reads).toBe(before + 1)
})

describe('snapshots', () => {
  const from = { epoch: EPOCH, offset: 7, id: '7' as EventId }

  it('[V6] [S4] reads each page once for everybody who begins at the same cursor, and gives the same bytes', async () => {
    const { state, reads } = world(7)
    const orders = named('orders/line-3')
    const first = { page: 0, after: null }
    const pages = await Promise.all([
      reads.snapshot(orders, from, first),
      reads.snapshot(orders, from, first),
      reads.snapshot(orders, from, { page: 1, after: 'a' }),
      reads.snapshot(orders, { ...from, offset: 8 }, first),
    ])
    expect(state.reads).toBe(3)
    expect(pages[1]?.bytes).toBe(pages[0]?.bytes)
    expect(pages.map(({ next }) => next)).toEqual(['a', 'a', null, 'a'])
    const frames = pages.map(({ bytes }) => JSON.parse(bytes.messages.join('')) as object)
    expect(frames[0]).toEqual({ t: 'snapshot', channel: orders.name, ...from, page: 0, last: false, records: [] })
    expect(frames[2]).toMatchObject({ page: 1, last: true, offset: 7 })
    state.now = 2000
    await reads.snapshot(orders, from, first)
    expect(state.reads).toBe(4)
  })

  it('[V6] has the last events of a log in one page', async () => {
    const { state, reads } = world(7)
    const pages = await Promise.all([0, 1].map(() => reads.snapshot(CHAT, from, { page: 0, after: null })))
    expect([state.reads, pages[0] === pages[1], pages[0]?.next]).toEqual([1, true, null])
    expect(JSON.parse(pages[0]?.bytes.messages.join('') ?? '')).toMatchObject({ last: true, offset: 7, events: [] })
  })
})

describe('deflated pages', () => {
  const zero = { epoch: EPOCH, offset: 0, id: null }
  const first = { page: 0, after: null }
  /** Records enough for a page that is worth it. */
  const reads = (): SharedReads => {
    const records = Array.from({ length: 50 }, (_, at) => ({ key: `order-${at}`, offset: at + 1, record: { at } }))
    const store = {
      events: () => Promise.reject(new Error('nobody asks')),
      lastEvents: () => Promise.resolve(records.map(({ key, ...rest }) => ({ ...rest, id: key }) as never)),
      records: () => Promise.resolve({ records, next: null }),
    }
    return new SharedReads(store, () => 0, new Deflater())
  }

  it('[Z1] [V6] are deflated once for everybody', async () => {
    const { reads: history } = world(100, new Deflater())
    const pages = await Promise.all([0, 0].map((offset) => history.page(CHAT, { epoch: EPOCH, offset })))
    expect(pages[0]?.bytes?.deflated).not.toBeNull()
    expect(pages[1]?.bytes).toBe(pages[0]?.bytes)
    const orders = await reads().snapshot(named('orders/line-3'), zero, first)
    expect(orders.bytes.deflated).not.toBeNull()
  })

  it.each(['prefs/kim', 'inbox/kim', 'alerts/urgent'])('[Z1] are none of %s', async (name) => {
    expect((await reads().snapshot(named(name), zero, first)).bytes.deflated).toBeNull()
  })

  it('[Z1] are none where nobody deflates', async () => {
    const { reads: history } = world(100)
    expect((await history.page(CHAT, { epoch: EPOCH, offset: 0 })).bytes?.deflated).toBeNull()
  })
})
