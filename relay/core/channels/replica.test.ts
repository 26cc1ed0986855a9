import { describe, expect, it } from 'vitest'
import { applyEvent } from '../../domain/channel-events.ts'
import { newRecentIds } from '../../domain/recent.ts'
import { parseChannel } from '../../protocol/channels.ts'
import type { StoredEvent } from '../../protocol/events.ts'
import type { CommandId, Epoch, EventId } from '../../protocol/ids.ts'
import type { ChannelView } from '../../protocol/local.ts'
import { eventKey } from '../disk/rows.ts'
import { addPage, applyEvents, emptyReplica, newReplica, replaceBySnapshot } from './replica.ts'
import type { Replica } from './slice.ts'

const EPOCH = 'a'.repeat(16) as Epoch
const event = (offset: number, data: unknown = {}): StoredEvent => ({
  offset,
  id: `id-${offset}` as EventId,
  type: 'chat.posted',
  at: '2026-11-20T06:00:00.000Z',
  data,
})
const set = (offset: number, key: string, record: unknown) => event(offset, { key, record })

function replicaOf(name: string, offset: number): Replica {
  const channel = parseChannel(name)
  if (channel === null) throw new Error(name)
  const cursor = { epoch: EPOCH, offset, id: offset === 0 ? null : (`id-${offset}` as EventId) }
  return newReplica(channel, { kind: channel.kind, cursor, confirmedAt: null })
}

describe('[R13] events', () => {
  it('are applied at the next offset only: repeats are dropped, a gap stops', () => {
    const replica = replicaOf('chat/line-3', 2)
    const applied = applyEvents(replica, EPOCH, [event(1), event(2), event(3), event(4), event(6)])
    expect(applied.events.map((each) => each.offset)).toEqual([3, 4])
    expect(applied.gap).toBe(true)
    expect(replica.cursor).toEqual({ epoch: EPOCH, offset: 4, id: 'id-4' })
  })

  it('[K2] one that takes a message back leaves nothing of what was said, in memory or on disk', () => {
    const replica = replicaOf('chat/line-3', 0)
    const said = { ...event(1, { line: 'line-3', text: 'secret' }), cause: 'a' as CommandId }
    applyEvents(replica, EPOCH, [said, event(2, { line: 'line-3', text: 'next' })])
    const data = { line: 'line-3', id: 'a', by: 'lee' }
    const { writes } = applyEvents(replica, EPOCH, [{ ...event(3, data), type: 'chat.withdrawn', by: 'lee' }])
    const silent = { ...said, data: { line: 'line-3', withdrawn: { by: 'lee', at: said.at } } }
    expect(replica.events.map((each) => each.data)).toEqual([silent.data, { line: 'line-3', text: 'next' }, data])
    expect(writes).toMatchObject([
      { op: 'put', table: 'events', key: eventKey(replica.channel.name, 1), value: silent },
      { op: 'put', table: 'events', key: eventKey(replica.channel.name, 3) },
      { table: 'channels' },
    ])
  })

  it('[K2] one that takes a message back leaves nothing of it in what answered it', () => {
    const replica = replicaOf('chat/line-3', 0)
    const answer = (offset: number, id: string, text: string) => {
      const reply = { to: 'message', id, by: 'kim', text }
      return event(offset, { line: 'line-3', text: 'yes', reply })
    }
    applyEvents(replica, EPOCH, [answer(1, 'a', 'secret'), answer(2, 'b', 'hello')])
    const data = { line: 'line-3', id: 'a', by: 'lee' }
    const { writes } = applyEvents(replica, EPOCH, [{ ...event(3, data), type: 'chat.withdrawn', by: 'lee' }])
    expect(replica.events.slice(0, 2)).toEqual([answer(1, 'a', ''), answer(2, 'b', 'hello')])
    expect(writes[0]).toMatchObject({ key: eventKey(replica.channel.name, 1), value: answer(1, 'a', '') })
  })

  it('[K2] one that takes back where somebody was named leaves nothing of it, in memory or on disk', () => {
    const replica = replicaOf('inbox/kim', 0)
    const mention = { line: 'line-3', id: 'a', by: 'lee', text: 'secret', offset: 7 }
    const named = { ...event(1, mention), type: 'chat.mentioned', cause: 'a' as CommandId }
    const silent = { line: 'line-3', id: 'a', by: 'lee', text: null }
    applyEvents(replica, EPOCH, [named])
    const back = { ...event(2, silent), type: 'chat.mentioned', cause: 'b' as CommandId }
    const { writes } = applyEvents(replica, EPOCH, [back])
    expect(replica.events).toEqual([{ ...named, data: silent }, back])
    expect(writes).toMatchObject([
      { op: 'put', table: 'events', key: eventKey(replica.channel.name, 1), value: { ...named, data: silent } },
      { op: 'put', table: 'events', key: eventKey(replica.channel.name, 2) },
      { table: 'channels' },
    ])
  })

  it('of another epoch are a gap, and change nothing', () => {
    const replica = replicaOf('chat/line-3', 2)
    expect(applyEvents(replica, 'b'.repeat(16) as Epoch, [event(3)])).toEqual({ writes: [], events: [], gap: true })
    expect(applyEvents(newReplica(replica.channel, undefined), EPOCH, [event(1)]).gap).toBe(true)
  })

  it('and the cursor are in one list of writes, the cursor last', () => {
    const { writes } = applyEvents(replicaOf('chat/line-3', 0), EPOCH, [event(1), event(2)])
    expect(writes.map((write) => [write.op, write.table])).toEqual([
      ['put', 'events'],
      ['put', 'events'],
      ['put', 'channels'],
    ])
  })

  it('set and delete keys, and never take a key to a lower offset', () => {
    const replica = replicaOf('alerts/line-3', 5)
    replica.records.set('new', { offset: 8, record: 'of 8' })
    applyEvents(replica, EPOCH, [set(6, 'a', 1), set(7, 'new', 'of 7'), set(8, 'a', null), set(9, 'new', null)])
    expect([...replica.records]).toEqual([])
    const other = replicaOf('alerts/line-3', 5)
    other.records.set('new', { offset: 8, record: 'of 8' })
    applyEvents(other, EPOCH, [set(6, 'new', null), set(7, 'new', 'of 7')])
    expect([...other.records]).toEqual([['new', { offset: 8, record: 'of 8' }]])
  })

  it.each<[string, unknown]>([
    ['that set', { key: 'a', record: 'new' }],
    ['that delete', { key: 'a', record: null }],
    ['without a record', { key: 'a' }],
    ['without a key', { record: null }],
  ])('%s leave a window with what the relay has on its disk', (_what, data) => {
    const replica = replicaOf('orders/line-3', 1)
    replica.records.set('a', { offset: 1, record: 'held' })
    const view: ChannelView = {
      channel: replica.channel.name,
      epoch: EPOCH,
      offset: 1,
      confirmedAt: null,
      current: true,
      refused: null,
      records: { a: { offset: 1, record: 'held' } },
      events: null,
    }
    const seen = applyEvent(view, EPOCH, event(2, data), { ids: newRecentIds() })
    applyEvents(replica, EPOCH, [event(2, data)])
    if (seen.kind !== 'applied') throw new Error(seen.kind)
    expect(seen.channel.records).toEqual(Object.fromEntries(replica.records))
  })

  it('of a kind nobody knows yet move the cursor and no key', () => {
    const replica = replicaOf('alerts/line-3', 0)
    applyEvents(replica, EPOCH, [event(1, 'text'), event(2, { key: 7, record: 1 }), event(3, null)])
    expect([replica.cursor?.offset, replica.records.size]).toEqual([3, 0])
  })
})

describe('[R15] snapshots', () => {
  const page = (number: number, offset = 9) =>
    ({
      t: 'snapshot',
      channel: 'alerts/line-3',
      epoch: EPOCH,
      offset,
      id: 'id-9',
      page: number,
      last: false,
      records: [],
    }) as never

  it('take their pages in order and of one cursor only', () => {
    const first = addPage(null, page(0))
    expect(first).not.toBeNull()
    expect(addPage(first, page(2))).toBeNull()
    expect(addPage(first, page(1, 10))).toBeNull()
    expect(addPage(first, page(1))).toBe(first)
    expect(addPage(null, page(1))).toBeNull()
  })

  it('replace all rows of their channel and of no other', () => {
    const replica = replicaOf('alerts/line-3', 5)
    replica.records.set('old', { offset: 1, record: 1 })
    const assembly = {
      cursor: { epoch: EPOCH, offset: 9, id: null },
      records: new Map([['k', { offset: 4, record: 2 }]]),
      events: [],
      nextPage: 1,
    }
    const writes = replaceBySnapshot(replica, assembly)
    expect([...replica.records.keys()]).toEqual(['k'])
    expect(writes).toEqual([
      { op: 'delete-range', table: 'records', from: 'alerts/line-3 ', to: 'alerts/line-3!' },
      { op: 'put', table: 'records', key: 'alerts/line-3 k', value: { offset: 4, record: 2 } },
    ])
    const keys = ['alerts/line-3-a k', 'alerts/line-3 k', 'alerts/line-31 k']
    expect(keys.filter((key) => key >= 'alerts/line-3 ' && key < 'alerts/line-3!')).toEqual(['alerts/line-3 k'])
  })

  it('leave nothing when the channel is emptied', () => {
    const replica = replicaOf('chat/line-3', 5)
    replica.events = [event(5)]
    expect(emptyReplica(replica).map((write) => [write.op, write.table])).toEqual([
      ['delete-range', 'events'],
      ['delete', 'channels'],
    ])
    expect([replica.cursor, replica.events]).toEqual([null, []])
  })
})
