import { describe, expect, test } from 'vitest'
import { URGENT_CHANNEL } from '../protocol/channels.ts'
import type { BusMessage } from '../protocol/local.ts'
import {
  dueAt,
  MAX_HEARD,
  newFeed,
  stepFeed,
  TAIL_GAP_MS,
  VIEW_PATIENCE_MS,
  type Feed,
  type FeedInput,
} from './feed.ts'
import { allOf } from './recent.ts'
import {
  alert,
  applied,
  CHAT,
  command,
  EPOCH,
  event,
  id,
  message,
  order,
  ORDERS,
  posted,
  setting,
  view,
} from './testing/samples.ts'

/** Runs inputs through the feed, all at one time unless said otherwise, and counts the views asked for. */
function run(inputs: readonly FeedInput[], from: Feed = newFeed(), now = 0): { feed: Feed; asks: number } {
  let feed = from
  let asks = 0
  for (const input of inputs) {
    const step = stepFeed(feed, input, now)
    feed = step.feed
    asks += step.asksView ? 1 : 0
  }
  return { feed, asks }
}

const bus = (one: BusMessage): FeedInput => ({ kind: 'busReceived', message: one })
const copy = (one: BusMessage): FeedInput => ({ kind: 'copyReceived', message: one })
const seen = (seq: number, over = {}): FeedInput => ({ kind: 'viewReceived', view: view(seq, over) })
const chat = (seq: number, offset: number, text: string): BusMessage =>
  message(seq, { t: 'event', channel: CHAT, epoch: EPOCH, event: posted(offset, text) })
const urgent = (seq: number, offset: number, n: number, over = {}): BusMessage => {
  const data = setting(alert(n, { priority: 'P0', ...over }))
  const changed = event(offset, data, { type: 'alert.raised' })
  return message(seq, { t: 'event', channel: URGENT_CHANNEL, epoch: EPOCH, event: changed })
}
const texts = (feed: Feed) => feed.model?.channels.get(CHAT)?.events?.map((one) => (one.data as { text: string }).text)
const alerts = (feed: Feed) => Object.keys(feed.model?.channels.get(URGENT_CHANNEL)?.records ?? {})

describe('doubt', () => {
  const live = seen(4)
  const state = (feed: Feed) => feed.model?.status.state

  test('[P5] nothing is current until a view says so, and one is asked for', () => {
    const { feed, asks } = run([live, { kind: 'doubted' }])
    expect([state(feed), asks]).toEqual(['connecting', 1])
    expect(state(run([live], feed).feed)).toBe('live')
  })

  test('asks again when no view comes, and asks for no second one meanwhile', () => {
    const { feed, asks } = run([live, { kind: 'doubted' }, { kind: 'doubted' }])
    expect([asks, dueAt(feed)]).toEqual([1, VIEW_PATIENCE_MS])
  })

  test('leaves what is known to be old as it is', () => {
    const known = view(4)
    const waiting = { ...known.status, state: 'waiting' as const, since: 7 }
    const { feed } = run([seen(4, { status: waiting }), { kind: 'doubted' }])
    expect(feed.model?.status).toEqual(waiting)
  })

  test('is nothing before the first view', () => {
    expect(run([{ kind: 'doubted' }])).toMatchObject({ feed: { model: null }, asks: 0 })
  })
})

describe('order', () => {
  test('messages of the bus are applied in the order of their seq', () => {
    const { feed, asks } = run([seen(4), bus(chat(5, 1, 'a')), bus(chat(6, 2, 'b'))])
    expect(texts(feed)).toEqual(['a', 'b'])
    expect(feed.position).toEqual({ epoch: 'one', seq: 6 })
    expect(asks).toBe(0)
  })

  test('messages at or below the position of the view are already in it and dropped', () => {
    expect(texts(run([seen(5), bus(chat(5, 1, 'a')), bus(chat(4, 2, 'b'))]).feed)).toEqual([])
  })

  test('a repeat by seq changes nothing, not even the identity of the model', () => {
    const first = run([seen(0), bus(chat(1, 1, 'a'))]).feed
    expect(run([bus(chat(1, 1, 'a'))], first).feed.model).toBe(first.model)
  })

  test('an event the relay says again under another seq is dropped by its id', () => {
    const { feed } = run([seen(0), bus(chat(1, 1, 'a')), bus(chat(2, 2, 'b')), bus(chat(3, 1, 'a'))])
    expect(texts(feed)).toEqual(['a', 'b'])
  })

  test('a deleted record is not brought back by a repeat of the event that had set it', () => {
    const gone = event(2, { key: id(7), record: null }, { type: 'alert.cleared' })
    const cleared = message(2, { t: 'event', channel: URGENT_CHANNEL, epoch: EPOCH, event: gone })
    const { feed } = run([seen(0), bus(urgent(1, 1, 7)), bus(cleared), bus(message(3, urgent(1, 1, 7).body))])
    expect(alerts(feed)).toEqual([])
  })
})

describe('gaps', () => {
  test('a hole in the seqs asks for a view once, and nothing after the hole is applied meanwhile', () => {
    const { feed, asks } = run([seen(0), bus(chat(1, 1, 'a')), bus(chat(3, 3, 'c')), bus(chat(4, 4, 'd'))])
    expect(asks).toBe(1)
    expect(texts(feed)).toEqual(['a'])
  })

  test('what was heard while a view was on its way is laid over the view', () => {
    const { feed } = run([seen(0), bus(chat(2, 2, 'b')), bus(chat(3, 3, 'c')), seen(1), bus(chat(4, 4, 'd'))])
    expect(texts(feed)?.at(-1)).toBe('d')
    expect(feed.position?.seq).toBe(4)
  })

  test('a view that is older than what was applied does not take anything back', () => {
    const { feed, asks } = run([seen(0), bus(chat(1, 1, 'a')), bus(chat(2, 2, 'b')), seen(0)])
    expect(texts(feed)).toEqual(['a', 'b'])
    expect(asks).toBe(0)
  })

  test('messages heard before the first view are laid over it', () => {
    expect(texts(run([bus(chat(3, 1, 'a')), seen(2)]).feed)).toEqual(['a'])
  })

  test('a tail that is lost shows by the port, after the time two ways may differ', () => {
    const { feed } = run([seen(1), { kind: 'topReceived', bus: { epoch: 'one', seq: 2 } }])
    expect(dueAt(feed)).toBe(TAIL_GAP_MS)
    expect(run([{ kind: 'ticked' }], feed, TAIL_GAP_MS - 1).asks).toBe(0)
    expect(run([{ kind: 'ticked' }], feed, TAIL_GAP_MS).asks).toBe(1)
  })

  test('a tail that arrives in time asks for nothing', () => {
    const top: FeedInput = { kind: 'topReceived', bus: { epoch: 'one', seq: 1 } }
    const { feed } = run([seen(0), top, bus(chat(1, 1, 'a')), top])
    expect(dueAt(feed)).toBeNull()
  })

  test('another bus epoch asks for a view, and its messages are kept for it', () => {
    const reborn = view(0, { bus: { epoch: 'two', seq: 0 } })
    const first = message(1, chat(1, 1, 'a').body, 'two')
    const { feed, asks } = run([seen(9), bus(first), { kind: 'viewReceived', view: reborn }])
    expect(asks).toBe(1)
    expect(texts(feed)).toEqual(['a'])
  })

  test('a replaced channel asks for a view; one that this window does not hold does not', () => {
    const replaced = (seq: number, channel: typeof CHAT) => bus(message(seq, { t: 'replaced', channel }))
    expect(run([seen(0), replaced(1, CHAT)]).asks).toBe(1)
    expect(run([seen(0, { channels: [] }), replaced(1, CHAT)]).asks).toBe(0)
  })

  test('a hole in the offsets of a channel asks for a view', () => {
    expect(run([seen(0), bus(chat(1, 1, 'a')), bus(chat(2, 3, 'c'))]).asks).toBe(1)
  })

  test('a view that does not come is asked for again', () => {
    const { feed } = run([seen(0), bus(chat(2, 1, 'a'))])
    expect(run([{ kind: 'ticked' }], feed, VIEW_PATIENCE_MS).asks).toBe(1)
  })

  test('a window without a view keeps a bounded number of messages', () => {
    const many = Array.from({ length: MAX_HEARD + 50 }, (_, n) => bus(chat(n + 1, n + 1, 'x')))
    const { heard } = run(many).feed
    const seqs = allOf(heard).map((one) => one.message.bus.seq)
    expect(seqs.length).toBeLessThan(2 * MAX_HEARD)
    expect(seqs).toEqual(expect.arrayContaining(Array.from({ length: MAX_HEARD }, (_, n) => n + 51)))
  })
})

describe('urgent copies', () => {
  test('a copy by the port is applied at once, before its turn on the bus', () => {
    const { feed, asks } = run([seen(0), copy(urgent(3, 1, 7))])
    expect(alerts(feed)).toEqual([id(7)])
    expect(feed.position?.seq).toBe(0)
    expect(asks).toBe(0)
  })

  test('its turn on the bus is skipped, and the order of the others is not disturbed', () => {
    const { feed } = run([
      seen(0),
      copy(urgent(2, 1, 7)),
      bus(chat(1, 1, 'a')),
      bus(urgent(2, 1, 7)),
      bus(chat(3, 2, 'b')),
    ])
    expect(alerts(feed)).toEqual([id(7)])
    expect(texts(feed)).toEqual(['a', 'b'])
    expect(feed.position?.seq).toBe(3)
  })

  test('a copy that overtakes an older event of the same record is not undone by it', () => {
    const acked = { acknowledged: { by: 'kim', on: null, at: '2026-11-20T05:09:00.000Z' } }
    const { feed } = run([seen(0), copy(urgent(2, 2, 7, acked)), bus(urgent(1, 1, 7)), bus(urgent(2, 2, 7, acked))])
    const held = feed.model?.channels.get(URGENT_CHANNEL)?.records?.[id(7)]
    expect(held).toMatchObject({ offset: 2, record: acked })
  })

  test('a settled command whose pending came by the slower way is not laid over again', () => {
    const ack = command(20, 'alert.ack', { id: id(7) })
    const { feed } = run([
      seen(0),
      copy(message(2, { t: 'settled', settled: applied(ack, {}) })),
      copy(message(1, { t: 'pending', command: ack })),
      bus(message(1, { t: 'pending', command: ack })),
    ])
    expect(feed.position?.seq).toBe(2)
    expect(feed.model?.settling).toEqual([])
  })

  test('a copy heard before a view that is older than it is laid over that view', () => {
    expect(alerts(run([seen(0), copy(urgent(5, 1, 7)), seen(3)]).feed)).toEqual([id(7)])
  })
})

test('state records: an event sets, null deletes, and channels that are not shown are left alone', () => {
  const edited = event(4, setting(order(1, { quantity: 7 }, 2)))
  const { feed } = run([seen(0), bus(message(1, { t: 'event', channel: ORDERS, epoch: EPOCH, event: edited }))])
  const orders = feed.model?.channels.get(ORDERS)
  expect(orders?.offset).toBe(4)
  expect(orders?.records?.[id(1)]).toMatchObject({ offset: 4, record: { version: 2 } })
})
