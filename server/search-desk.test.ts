import { expect, it } from 'vitest'
import { channelName, type ChannelName } from '../relay/protocol/channels.ts'
import type { CommandId, Epoch, EventId } from '../relay/protocol/ids.ts'
import { SearchDesk } from './search-desk.ts'

const EPOCH = '00000000000000aa' as Epoch
const LONG = channelName('chat', 'line-1')
const SHORT = channelName('chat', 'line-3')

const said = (offset: number) => ({
  offset,
  id: `id-${offset}` as EventId,
  type: 'chat.posted',
  at: '2026-11-20T03:00:00.000Z',
  by: 'kim',
  cause: `00000000-0000-7000-8000-${String(offset).padStart(12, '0')}` as CommandId,
  data: { line: 'line-3', text: 'oil is low' },
})

it('[Q5] answers with what was committed just before, in the midst of much that is caught up with', async () => {
  const written = new Set<ChannelName>()
  let isFound = false
  let isCatchingUp: () => void = () => undefined
  const catchingUp = new Promise<void>((resolve) => (isCatchingUp = resolve))
  const desk = new SearchDesk({
    index: {
      begin: () => Promise.resolve({ position: null, cursors: [] }),
      write: ({ changes, cursor }: { changes: readonly unknown[]; cursor?: { channel: ChannelName } }) => {
        if (cursor !== undefined && changes.length > 0) written.add(cursor.channel)
        return Promise.resolve()
      },
      find: () => {
        isFound = true
        return Promise.resolve({ hits: [...written] })
      },
      close: () => Promise.resolve(),
    } as never,
    store: {
      incarnation: () => Promise.resolve('one'),
      tail: () => Promise.resolve({ position: {}, tops: [{ channel: LONG, epoch: EPOCH, top: 1_000_000 }] }),
      oldest: () => Promise.resolve({ epoch: EPOCH, offset: 0, top: 1 }),
      events: (channel: ChannelName, { offset }: { readonly offset: number }) => {
        if (channel === LONG) isCatchingUp()
        // There is more and more of it, until somebody has found something.
        const top = channel === LONG && !isFound ? offset + 2 : offset + 1
        const events = channel === SHORT && offset > 0 ? [] : [said(offset + 1)]
        return Promise.resolve({ epoch: EPOCH, events, top, gone: false })
      },
    } as never,
    words: () => Promise.resolve(''),
    log: { error: () => undefined },
  })
  const look = desk.look()
  await catchingUp
  desk.committed([{ channel: SHORT, epoch: EPOCH, event: said(1) }])
  const { hits } = (await desk.find({} as never)) as unknown as { readonly hits: readonly ChannelName[] }
  expect(hits).toContain(SHORT)
  await look
  await desk.stop()
})
