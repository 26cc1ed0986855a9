/** Work orders in numbers: a list that nobody reads to its end. */
import { channelName, URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import { LIVE, order, ORDERS, stateChannel, view } from '../../relay/domain/testing/samples.ts'
import { ORDER_STATUSES } from '../../relay/protocol/record-words.ts'
import type { OrderRecord } from '../../relay/protocol/records.ts'
import type { Scene } from './scenes.ts'

const WORDS = ['Bracket left', 'Housing cover', 'Spindle sleeve', 'Oil pan', 'Seat rail', '브라켓 우측', '하우징 커버']
const PEOPLE = ['kim', 'lee', null]

function many(count: number): readonly OrderRecord[] {
  const first = new Date().setHours(6, 0, 0, 0)
  return Array.from({ length: count }, (_, n) => {
    const due = n % 4 === 3 ? null : new Date(first + n * 900_000).toISOString()
    const fields = {
      title: `${WORDS[n % WORDS.length]}, lot ${n + 1}`,
      status: ORDER_STATUSES[n % ORDER_STATUSES.length] ?? 'open',
      quantity: 10 + ((n * 37) % 2_000),
      produced: n % 4 === 0 ? 0 : (n * 29) % 1_900,
      assignee: PEOPLE[n % PEOPLE.length] ?? null,
      due,
    }
    return { ...order(n + 1, fields), number: `WO-${3_000 + n}` }
  })
}

const scene = (records: readonly OrderRecord[]): Scene => ({
  hash: '#/line-3/orders',
  view: view(10, {
    deviceName: 'line-3-east',
    build: '0.1.0',
    status: LIVE,
    channels: [URGENT_CHANNEL, channelName('alerts', 'line-3')]
      .map((channel) => stateChannel(channel, 40))
      .concat(stateChannel(ORDERS, 40, records))
      .map((channel) => ({ ...channel, confirmedAt: Date.now() })),
  }),
})

export const ORDER_SCENES: Readonly<Record<string, Scene>> = {
  'orders-many': scene(many(5_000)),
  'orders-none': scene([]),
}
