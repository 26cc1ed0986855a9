import { expect, it } from 'vitest'
import { URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import type { Epoch } from '../../relay/protocol/ids.ts'
import { Hub } from '../core/hub.ts'
import { LiveHub } from '../core/live.ts'
import type { Store } from '../ports/store.ts'
import { MAX_PULLS } from './pulls.ts'
import { joinBytes, SharedBytes } from './shared-bytes.ts'
import { SharedReads } from './shared-reads.ts'
import { Subscriptions } from './subscriptions.ts'

/** A connection of a device in many areas, and the channels it reads for, in the order it began. Each first read waits until told. */
function createConnection(areas: readonly string[]) {
  const reads: string[] = []
  const waiting: (() => void)[] = []
  const socket = { isFull: false }
  const hubOptions = { join: joinBytes, schedule: () => {} }
  const store = {
    snapshotStart: (name: string) => {
      reads.push(name)
      return new Promise((resolve) => {
        waiting.push(() => resolve({ epoch: '0123456789abcdef' as Epoch, offset: 0, id: null }))
      })
    },
    records: () => Promise.resolve({ records: [], next: null }),
  } as unknown as Store
  const subscriptions = new Subscriptions(
    {
      options: {
        store,
        reads: new SharedReads(store, () => 0),
        hub: new Hub<SharedBytes>({
          ...hubOptions,
          encode: () => new SharedBytes([]),
          tops: [],
          ringSize: 2,
          behind: () => {},
          reloaded: () => {},
        }),
        live: new LiveHub<SharedBytes>({ ...hubOptions, encode: () => new SharedBytes([]) }),
        presence: { read: () => {} },
        monotonic: () => 0,
      },
      writer: { write: () => {}, isFull: () => socket.isFull, isBusy: () => false },
      send: () => {},
      failed: (_event, cause) => {
        throw cause
      },
      refuse: (code) => {
        throw new Error(code)
      },
    },
    { deviceAreas: areas, siteAreas: areas },
  )
  return {
    reads,
    socket,
    subscribe: (...channels: readonly string[]) => {
      for (const channel of channels) subscriptions.subscribe({ t: 'subscribe', channel, credit: 1 })
    },
    pump: () => subscriptions.pump(),
    /** Lets the oldest read finish, and its subscription come to rest. */
    async answer(): Promise<void> {
      waiting.shift()?.()
      for (let turn = 0; turn < 16; turn += 1) await Promise.resolve()
    },
  }
}

it('[S9] [P3] reads for the urgent channel first when the socket has room again, whoever subscribed before', () => {
  const connection = createConnection(['line-3'])
  connection.socket.isFull = true
  connection.subscribe('alerts/line-3', 'equipment/line-3', URGENT_CHANNEL)
  expect(connection.reads).toEqual([])
  connection.socket.isFull = false
  connection.pump()
  expect(connection.reads).toEqual([URGENT_CHANNEL, 'alerts/line-3', 'equipment/line-3'])
})

it('[S9] [P3] gives the next free place to the urgent channel, whoever waits longer', async () => {
  const areas = Array.from({ length: MAX_PULLS + 3 }, (_, index) => `line-${index}`)
  const connection = createConnection(areas)
  connection.subscribe(...areas.map((area) => `alerts/${area}`), URGENT_CHANNEL)
  expect(connection.reads).toHaveLength(MAX_PULLS)
  await connection.answer()
  expect(connection.reads[MAX_PULLS]).toBe(URGENT_CHANNEL)
  while (connection.reads.length < areas.length + 1) await connection.answer()
  expect(connection.reads.slice(MAX_PULLS + 1)).toEqual(areas.slice(MAX_PULLS).map((area) => `alerts/${area}`))
})
