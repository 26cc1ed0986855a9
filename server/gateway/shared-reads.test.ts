import { expect, it } from 'vitest'
import { channelName } from '../../relay/protocol/channels.ts'
import type { Epoch, EventId } from '../../relay/protocol/ids.ts'
import type { EventPage } from '../ports/store-reader.ts'
import { SharedReads } from './shared-reads.ts'

const CHAT = channelName('chat', 'line-3')
const EPOCH = '0123456789abcdef' as Epoch

function world(top: number) {
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
  }
  return { state, reads: new SharedReads(store, () => state.now) }
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
