import { describe, expect, it } from 'vitest'
import type { ServerFrame } from '../../relay/protocol/frames.ts'
import { telemetryChannel } from '../../relay/protocol/machine-names.ts'
import { Hub } from '../core/hub.ts'
import { LiveHub } from '../core/live.ts'
import type { Store } from '../ports/store.ts'
import { joinBytes, SharedBytes } from './shared-bytes.ts'
import { SharedReads } from './shared-reads.ts'
import { Subscriptions } from './subscriptions.ts'
import type { WriteLane } from './writer.ts'

const OVEN = telemetryChannel('line-3', 'oven-1')
const KIM = { operator: 'kim', role: 'operator', areas: ['line-3'] } as const

/** The subscriptions of one connection whose device sees no area by itself. */
function connection() {
  const sent: [string, WriteLane][] = []
  const live = new LiveHub<SharedBytes>({
    encode: ({ key, value }) => new SharedBytes([`${key}=${String(value)}`]),
    join: joinBytes,
    schedule: () => {},
  })
  const state = { isBusy: false, room: Infinity, now: 0 }
  const store = {} as unknown as Store
  const subscriptions = new Subscriptions(
    {
      options: {
        store,
        hub: new Hub<SharedBytes>({
          encode: () => new SharedBytes([]),
          join: joinBytes,
          tops: [],
          ringSize: 1,
          schedule: () => {},
          behind: () => {},
          reloaded: () => {},
        }),
        reads: new SharedReads(store, () => 0),
        live,
        presence: { read: () => {} },
        monotonic: () => state.now,
      },
      send: (frame: ServerFrame, lane) => {
        const more = 'code' in frame ? ` ${frame.code}` : frame.t === 'subscribed' ? ` ${frame.values}` : ''
        return sent.push([`${frame.t}${more}`, lane])
      },
      writer: {
        write: (bytes, lane) => {
          state.room -= bytes.messages.length
          sent.push([bytes.messages.join(''), lane])
        },
        isFull: () => state.room <= 0,
        isBusy: () => state.isBusy,
      },
      failed: (_event, cause) => {
        throw cause
      },
      refuse: (code) => sent.push([`error ${code}`, 'urgent']),
    },
    { deviceAreas: [], siteAreas: ['line-3'] },
  )
  const put = (value: number) => {
    live.put(OVEN, { key: 'heat', value, at: '', ttlMs: 1_000 }, 0)
    live.flush(10, 0, 10)
  }
  const subscribe = () => subscriptions.subscribe({ t: 'subscribe', channel: OVEN, credit: 1 })
  return { subscriptions, sent, put, subscribe, state, live }
}

describe('a live subscription', () => {
  it('[M1] [M13] [S8] is for who may read the area, and begins with the values of the moment and their number', () => {
    const { subscriptions, sent, put, subscribe } = connection()
    put(1)
    subscribe()
    subscriptions.setAuthor(KIM)
    subscribe()
    subscribe()
    put(2)
    expect(sent).toEqual([
      ['unsubscribed sign-in-needed', 'normal'],
      ['subscribed 1', 'live'],
      ['heat=1', 'live'],
      ['error already-subscribed', 'urgent'],
      ['heat=2', 'live'],
    ])
    expect(subscriptions.positions()).toEqual({})
  })

  it('[A3] ends with the person’s right to read, behind what was written of it, and nothing comes after', () => {
    const { subscriptions, sent, put, subscribe } = connection()
    subscriptions.setAuthor(KIM)
    subscribe()
    put(1)
    subscriptions.setAuthor(null)
    put(2)
    expect(sent).toEqual([
      ['subscribed 0', 'live'],
      ['heat=1', 'live'],
      ['unsubscribed sign-in-needed', 'live'],
    ])
  })

  it('[M3] takes nothing while the connection is busy, and the latest afterwards; credit changes nothing', () => {
    const { subscriptions, sent, put, subscribe, state } = connection()
    subscriptions.setAuthor(KIM)
    subscribe()
    state.isBusy = true
    put(1)
    put(2)
    state.isBusy = false
    subscriptions.credit({ t: 'credit', channel: OVEN, pages: 4 })
    subscriptions.pump()
    put(3)
    expect(sent).toEqual([
      ['subscribed 0', 'live'],
      ['heat=3', 'live'],
    ])
  })
  it('[M1] [M13] [P8] begins with as many values as there is room for, goes on when there is more, and changes come behind', () => {
    const { subscriptions, sent, put, subscribe, state, live } = connection()
    subscriptions.setAuthor(KIM)
    for (const key of ['a', 'b', 'c', 'd'])
      live.put(OVEN, { key, value: 1, at: '', ttlMs: key === 'c' ? 10 : 1_000 }, 0)
    state.room = 2
    subscribe()
    put(2)
    live.put(OVEN, { key: 'd', value: 3, at: '', ttlMs: 1_000 }, 0)
    live.flush(10, 0, 10)
    const began = ['subscribed 4', 'a=1', 'b=1']
    expect(sent.map(([frame]) => frame)).toEqual(began)
    // One value is over by then: it was promised, and comes with what is left of its time.
    state.now = 10
    state.room = 1
    subscriptions.pump()
    state.room = Infinity
    live.flush(10, 10, 10)
    expect(sent.map(([frame]) => frame)).toEqual([...began, 'c=1'])
    subscriptions.pump()
    live.flush(10, 20, 10)
    expect(sent.map(([frame]) => frame)).toEqual([...began, 'c=1', 'd=3', 'heat=2d=3'])
  })
})
